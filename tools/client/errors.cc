#include "client/errors.h"

#include <grpcpp/support/status.h>

#include <array>
#include <charconv>
#include <chrono>

#include "absl/strings/cord.h"
#include "client/text_width.h"
#include "rollcall/v1/errors.pb.h"

namespace rollcall::client {
namespace {

constexpr char kRetryUrl[] = "rollcall.client/retry-micros";

// Finds the detail of the google.rpc type `name` and parses it as our message of the same shape.
template <typename Detail>
std::optional<Detail> FindDetail(const v1::ErrorStatus& details, std::string_view name) {
  for (const google::protobuf::Any& any : details.details()) {
    const std::string_view url = any.type_url();
    if (!url.ends_with(name)) continue;
    Detail detail;
    if (detail.ParseFromString(any.value())) return detail;
  }
  return std::nullopt;
}

struct Hint {
  std::string_view reason;
  std::string_view advice;
};

constexpr std::array kHints = {
    Hint{"SERVER_UNREACHABLE",
         "Is rollcalld running? Start it with\n    rollcalld --data DIR\n"
         "or say where it is: --server HOST:PORT, --server @DIR (its data folder), or "
         "$ROLLCALL_SERVER."},
    Hint{"NO_ENDPOINT", "Start the server with\n    rollcalld --data DIR\nand try again."},
    Hint{"BAD_ADDRESS", "Write HOST:PORT, unix:PATH, or @DIR for the data folder of a server."},
    Hint{"PLAIN_TEXT_REFUSED",
         "Run this program on the server's machine, or through a tunnel that ends here "
         "(ssh -L), and name the local end."},
    Hint{"TIMED_OUT",
         "The server is alive but slow, or the network is. For a write, ask what became of it: "
         "rollcall receipt show --request-id ID."},
    Hint{"SHUTTING_DOWN", "The server is stopping; start it again and repeat the call."},
    Hint{"REQUEST_ID_REUSED",
         "This request id stands for something else already. Make a new one for a new request."},
    Hint{"TOKEN_EXPIRED", "Let the person look into the camera (or enter the PIN) again."},
    Hint{"TOKEN_USED", "Let the person look into the camera (or enter the PIN) again."},
    Hint{"CLOCK_OFF", "Set this machine's clock (timedatectl set-ntp true)."},
    Hint{"GUARDIAN_NEEDED",
         "For under 14 give --guardian NAME and --guardian-evidence REF, or leave the photos out: "
         "PIN and staff count just the same."},
    Hint{"CONSENT_NEEDED",
         "Record the consent first (--consent REF), or leave the photos out: PIN and staff count "
         "just the same."},
    Hint{"FACE_OFF",
         "To switch it on: [face] mode in rollcalld.toml (rollcalld --print-config explains it)."},
    Hint{"FACE_PRACTICE_ONLY",
         "See what is missing with\n    rollcall info\nor try faces out in an activity made with "
         "--practice."},
    Hint{"FOREIGN_NETWORK",
         "Call from the site's network, or ask the operator about mode and networks of [face] in "
         "rollcalld.toml."},
    Hint{"PERSONAL_NUMBER",
         "Give the person a volunteer number of your own; identity-card and mobile numbers are "
         "never keys."},
    Hint{"BAD_ID", "Ids look like this: v001, tea-house.2026, A_7."},
    Hint{"NO_SUCH_VOLUNTEER", "See who is registered with\n    rollcall volunteer list"},
    Hint{"NO_SUCH_ACTIVITY", "See what there is with\n    rollcall activity list"},
    Hint{"NO_SUCH_SESSION", "See what there is with\n    rollcall session list --activity ID"},
    Hint{"NO_SUCH_CERTIFICATE", "See what was issued with\n    rollcall certificate list"},
    Hint{"NO_SUCH_APPLICATION", "See what there is with\n    rollcall star list"},
    Hint{"NO_SUCH_CASE", "See what there is with\n    rollcall ban list"},
    Hint{"STAR_NOT_EARNED", "See what she has with\n    rollcall star standing ID"},
    Hint{"NO_MINUTES", "See her hours with\n    rollcall hours show --volunteer ID"},
    Hint{"NOTHING_AWAITS", "See what waits, and of which day, with\n    rollcall hours awaiting"},
    Hint{"NOT_ABOVE",
         "An approver of the organisation above does this; where there is none, an administrator."},
    Hint{"NO_PRACTICE_CLOCK", "Start it with\n    rollcalld --data DIR --practice-clock"},
    Hint{"PRACTICE_ONLY", "Add --practice."},
    Hint{"VOLUNTEER_EXISTS",
         "See who it is with\n    rollcall volunteer show ID\nand give another number."},
    Hint{"NO_OPEN_SESSION",
         "See the sessions with\n    rollcall session list --activity ID\nand name one with "
         "--session ID."},
    Hint{"SESSION_NOT_OPEN",
         "A kiosk works from shortly before a session until shortly after it. See the times with\n"
         "    rollcall session list --activity ID"},
    Hint{"SEVERAL_OPEN_SESSIONS", "Name one of them with --session ID."},
};

std::string_view HintFor(const absl::Status& status) {
  const std::string reason = base::ErrorReason(status);
  for (const Hint& hint : kHints) {
    if (hint.reason == reason) return hint.advice;
  }
  if (status.code() == absl::StatusCode::kPermissionDenied) {
    return "Ask somebody whose role allows this, or call from the server's machine.";
  }
  if (status.code() == absl::StatusCode::kUnimplemented) {
    return "The server is older than this program, or something else answers there. Compare "
           "`rollcall info` with `rollcall --version`.";
  }
  return "";
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  v1::ErrorStatus details;
  const bool has_details =
      !status.error_details().empty() && details.ParseFromString(status.error_details());
  std::string reason;
  if (has_details) {
    if (const auto info = FindDetail<v1::ErrorInfo>(details, "google.rpc.ErrorInfo")) {
      reason = info->reason();
    }
  }
  std::string message = status.error_message();
  if (!has_details && code == absl::StatusCode::kUnavailable) {
    // gRPC's own words: they speak of sockets and sub-channels.
    reason = "SERVER_UNREACHABLE";
    message = "no answer from the server";
  } else if (!has_details && code == absl::StatusCode::kDeadlineExceeded) {
    reason = "TIMED_OUT";
    message = "the server did not answer in time";
  }
  absl::Status result = base::MakeError(code, reason, message);
  if (has_details) {
    if (const auto retry = FindDetail<v1::RetryInfo>(details, "google.rpc.RetryInfo")) {
      const int64_t micros =
          retry->retry_delay().seconds() * 1'000'000 + retry->retry_delay().nanos() / 1'000;
      result.SetPayload(kRetryUrl, absl::Cord(std::to_string(micros)));
    }
  }
  return result;
}

std::optional<base::Duration> RetryDelay(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  int64_t micros = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), micros).ec != std::errc()) {
    return std::nullopt;
  }
  return base::Duration(micros);
}

bool IsUnanswered(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

std::string Advice(const absl::Status& status, std::string_view server) {
  std::string advice(HintFor(status));
  if (base::ErrorReason(status) == "SERVER_UNREACHABLE" && !server.empty()) {
    advice = "Nothing answers at " + std::string(server) + ". " + advice;
  }
  if (const auto delay = RetryDelay(status)) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*delay).count();
    if (!advice.empty()) advice += " ";
    advice += "Try again in " + std::to_string(seconds) + " s.";
  }
  return advice;
}

std::string ErrorText(std::string_view program, const absl::Status& status,
                      std::string_view server) {
  std::string text(program);
  text += ": " + TerminalText(base::Message(status));
  const std::string reason = base::ErrorReason(status);
  if (!reason.empty()) text += " [" + reason + "]";
  text += "\n";
  const std::string advice = Advice(status, server);
  if (!advice.empty()) text += advice + "\n";
  return text;
}

}  // namespace rollcall::client

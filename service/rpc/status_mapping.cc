#include "rpc/status_mapping.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "absl/strings/cord.h"
#include "app/call.h"
#include "rollcall/v1/errors.pb.h"

namespace rollcall::rpc {
namespace {

constexpr char kFieldUrl[] = "rollcall.v1/field";
constexpr char kDomain[] = "rollcall.v1";

// A fault of the machinery: what the client reads in place of the operator's message, and how long
// it should wait before it tries again (0: trying again does not help).
struct Machinery {
  std::string_view reason;
  std::string_view sentence;
  std::chrono::milliseconds retry;
};

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::array kMachinery = {
    Machinery{"QUEUE_FULL", "the server has more work than it can take; try again shortly", 500ms},
    Machinery{"DISK_FULL", "the server's disk is full; nothing was written", 30s},
    Machinery{"DATABASE_CLOSED", "the server's store is closed; it is stopping or was damaged", 5s},
    Machinery{"DATABASE_DAMAGED", "the server's store is damaged; an operator must look", 0ms},
    Machinery{"DATA_READ_ONLY", "the server's store cannot be written; an operator must look", 0ms},
    Machinery{"CANNOT_OPEN", "the server's store cannot be opened; an operator must look", 0ms},
    Machinery{"TEMPLATE_DAMAGED", "a stored template is damaged; please enrol the photos again",
              0ms},
    Machinery{"CONSTRAINT", "the server's store refused the change", 0ms},
    Machinery{"UNIQUE_VIOLATION", "the server's store refused the change", 0ms},
    Machinery{"SQL", "an internal error; the server's log has the details", 0ms},
};

const Machinery* FindMachinery(std::string_view reason) {
  const auto* found = std::find_if(kMachinery.begin(), kMachinery.end(),
                                   [&](const Machinery& m) { return m.reason == reason; });
  return found == kMachinery.end() ? nullptr : found;
}

bool HidesEverything(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

std::string PublicMessage(const absl::Status& status, const Machinery* machinery) {
  if (machinery != nullptr) return std::string(machinery->sentence);
  if (HidesEverything(status.code())) return "an internal error; the server's log has the details";
  return base::Message(status);
}

std::chrono::milliseconds RetryDelay(const absl::Status& status, const Machinery* machinery) {
  if (const std::optional<base::Duration> after = app::RetryAfter(status)) {
    return std::chrono::ceil<std::chrono::milliseconds>(*after);
  }
  if (machinery != nullptr) return machinery->retry;
  return status.code() == absl::StatusCode::kUnavailable ? 1s : 0ms;
}

// AIP-193 wants a reason always; where the code says all there is to say, it is the reason.
std::string ReasonOf(const absl::Status& status) {
  std::string reason = base::ErrorReason(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

// `type`: the google.rpc name that standard clients look for.
void AddDetail(const google::protobuf::Message& detail, const char* type,
               v1::ErrorStatus* details) {
  google::protobuf::Any* any = details->add_details();
  any->set_type_url(std::string("type.googleapis.com/") + type);
  any->set_value(detail.SerializeAsString());
}

}  // namespace

absl::Status FieldError(std::string_view field, std::string_view reason,
                        std::string_view description) {
  absl::Status status = base::MakeError(absl::StatusCode::kInvalidArgument, reason,
                                        std::string(field) + ": " + std::string(description));
  status.SetPayload(kFieldUrl, absl::Cord(base::ToAbsl(field)));
  return status;
}

bool IsMachineryFault(const absl::Status& status) {
  return !status.ok() &&
         (HidesEverything(status.code()) || FindMachinery(base::ErrorReason(status)) != nullptr);
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const Machinery* machinery = FindMachinery(base::ErrorReason(status));
  // The numbers of absl's canonical codes are those of gRPC. A broken constraint that no use case
  // foresaw is a bug of ours, whatever the storage layer calls it.
  absl::StatusCode code = status.code();
  if (machinery != nullptr &&
      (machinery->reason == "CONSTRAINT" || machinery->reason == "UNIQUE_VIOLATION")) {
    code = absl::StatusCode::kInternal;
  }
  v1::ErrorStatus details;
  details.set_code(static_cast<int>(code));
  details.set_message(PublicMessage(status, machinery));

  v1::ErrorInfo info;
  info.set_reason(ReasonOf(status));
  info.set_domain(kDomain);
  AddDetail(info, "google.rpc.ErrorInfo", &details);

  const std::chrono::milliseconds retry = RetryDelay(status, machinery);
  if (retry > 0ms) {
    v1::RetryInfo hint;
    hint.mutable_retry_delay()->set_seconds(retry / 1s);
    hint.mutable_retry_delay()->set_nanos(static_cast<int32_t>((retry % 1s) / 1ms) * 1'000'000);
    AddDetail(hint, "google.rpc.RetryInfo", &details);
  }
  if (const auto field = status.GetPayload(kFieldUrl); field.has_value()) {
    v1::BadRequest bad;
    v1::BadRequest::FieldViolation* violation = bad.add_field_violations();
    violation->set_field(std::string(*field));
    violation->set_description(details.message());
    AddDetail(bad, "google.rpc.BadRequest", &details);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(code), details.message(),
                      details.SerializeAsString());
}

}  // namespace rollcall::rpc

#include "webhooks/curl_transport.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/status.h"

namespace rollcall::webhooks {
namespace {

struct Transfer {
  int64_t ticket = 0;
  Request request;
  const ReceiverPolicy* policy = nullptr;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  size_t received = 0;
  bool too_large = false;
  bool refused = false;

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
};

// Of headers and body alike: counted and dropped.
size_t Take(char*, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.received += size * count;
  transfer.too_large = transfer.received > kMaxAnswerBytes;
  return transfer.too_large ? 0 : size * count;
}

curl_socket_t OpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!MayConnect(address->addr, IsPlain(transfer.request.url), *transfer.policy)) {
    transfer.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

const char* FaultOf(CURLcode code, const Transfer& transfer) {
  if (transfer.too_large) return "ANSWER_TOO_LARGE";
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "TIMEOUT";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "NAME_NOT_RESOLVED";
    case CURLE_COULDNT_CONNECT:
      return transfer.refused ? "ADDRESS_NOT_ALLOWED" : "CONNECT_FAILED";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
      return "TLS_FAILED";
    default:
      return "ANSWER_BROKEN";
  }
}

Outcome OutcomeOf(CURLcode code, const Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  Outcome outcome;
  // Of an answer that is too long the status is all that counts; one that never ends is no answer.
  if (code == CURLE_OK || (transfer.too_large && status >= 200)) {
    outcome.status = static_cast<int>(status);
  }
  if (outcome.status == 0) outcome.fault = FaultOf(code, transfer);
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0) {
    outcome.retry_after = std::chrono::seconds(std::min<curl_off_t>(seconds, 86'400));
  }
  return outcome;
}

long Millis(base::Duration time) { return static_cast<long>(time / std::chrono::milliseconds(1)); }

void Set(Transfer& t, const CurlOptions& options) {
  CURL* easy = t.easy;
  curl_easy_setopt(easy, CURLOPT_URL, t.request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");  // http only as MayConnect allows
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // no environment variable turns it elsewhere
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a slow name server
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, Millis(options.timeout));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, Millis(options.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &t);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, Take);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &t);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t.request.body.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(t.request.body.size()));
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &t);
  for (const std::string& header :
       {std::string("Content-Type: application/json"), std::string("User-Agent: rollcalld"),
        std::string("Expect:"), "webhook-id: " + t.request.id,
        "webhook-timestamp: " + std::to_string(t.request.seconds),
        "webhook-signature: " + t.request.signature}) {
    t.headers = curl_slist_append(t.headers, header.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t.headers);
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(CurlOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { ROLLCALL_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == 0); });
    multi_ = curl_multi_init();
    ROLLCALL_CHECK(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 32L);
  }

  ~CurlTransport() override {
    for (auto& [ticket, transfer] : transfers_) curl_multi_remove_handle(multi_, transfer->easy);
    transfers_.clear();
    curl_multi_cleanup(multi_);
  }

  void Start(int64_t ticket, Request request) override {
    auto transfer = std::make_unique<Transfer>();
    transfer->ticket = ticket;
    transfer->request = std::move(request);
    transfer->policy = &options_.policy;
    transfer->easy = curl_easy_init();
    ROLLCALL_CHECK(transfer->easy != nullptr);
    Set(*transfer, options_);
    ROLLCALL_CHECK(curl_multi_add_handle(multi_, transfer->easy) == CURLM_OK);
    transfers_[ticket] = std::move(transfer);
  }

  std::vector<std::pair<int64_t, Outcome>> Wait(base::Duration at_most) override {
    int running = 0;
    curl_multi_perform(multi_, &running);
    auto ended = Ended();
    if (!ended.empty()) return ended;
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(Millis(at_most)), nullptr);
    curl_multi_perform(multi_, &running);
    return Ended();
  }

  void Wake() override { curl_multi_wakeup(multi_); }

 private:
  std::vector<std::pair<int64_t, Outcome>> Ended() {
    std::vector<std::pair<int64_t, Outcome>> ended;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;
      Transfer* transfer = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      ended.emplace_back(transfer->ticket, OutcomeOf(code, *transfer));
      curl_multi_remove_handle(multi_, easy);
      transfers_.erase(transfer->ticket);
    }
    return ended;
  }

  const CurlOptions options_;
  CURLM* multi_ = nullptr;
  std::map<int64_t, std::unique_ptr<Transfer>> transfers_;
};

}  // namespace

std::unique_ptr<Transport> MakeCurlTransport(CurlOptions options) {
  return std::make_unique<CurlTransport>(std::move(options));
}

Outcome PostOnce(const CurlOptions& options, Request request, const std::function<bool()>& alive) {
  CurlTransport transport(options);
  transport.Start(1, std::move(request));
  while (alive()) {
    const auto ended = transport.Wait(std::chrono::milliseconds(200));
    if (!ended.empty()) return ended.front().second;
  }
  Outcome outcome;
  outcome.fault = "CANCELLED";
  return outcome;
}

}  // namespace rollcall::webhooks

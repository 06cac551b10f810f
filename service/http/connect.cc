#include "http/connect.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "rollcall/v1/errors.pb.h"

namespace rollcall::http {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::util::TypeResolver;

constexpr size_t kDefaultBody = size_t{1} << 20;
constexpr char kTypePrefix[] = "type.googleapis.com";  // another one, and every Timestamp is refused
constexpr size_t kEnvelopeBytes = 5;                   // flags, and the length with the high byte first
constexpr char kEndOfStream = 0x02;
constexpr char kCompressed = 0x01;

// Connect's names of gRPC's codes and what they are in HTTP (protocol, "Error codes").
struct Code {
  std::string_view name;
  int status;
};
constexpr std::array kCodes = {Code{"ok", 200},
                               Code{"canceled", 499},
                               Code{"unknown", 500},
                               Code{"invalid_argument", 400},
                               Code{"deadline_exceeded", 504},
                               Code{"not_found", 404},
                               Code{"already_exists", 409},
                               Code{"permission_denied", 403},
                               Code{"resource_exhausted", 429},
                               Code{"failed_precondition", 400},
                               Code{"aborted", 409},
                               Code{"out_of_range", 400},
                               Code{"unimplemented", 501},
                               Code{"internal", 500},
                               Code{"unavailable", 503},
                               Code{"data_loss", 500},
                               Code{"unauthenticated", 401}};

const Code& CodeOf(const grpc::Status& status) {
  const auto number = static_cast<size_t>(status.error_code());
  return kCodes[number < kCodes.size() ? number : 2];
}

nlohmann::json ErrorJson(const grpc::Status& status) {
  nlohmann::json json = {{"code", CodeOf(status).name}, {"message", status.error_message()}};
  v1::ErrorStatus details;
  if (!details.ParseFromString(status.error_details())) return json;
  for (const auto& detail : details.details()) {
    const std::string& url = detail.type_url();
    std::string value = absl::Base64Escape(detail.value());
    value.erase(value.find_last_not_of('=') + 1);
    json["details"].push_back({{"type", url.substr(url.rfind('/') + 1)}, {"value", std::move(value)}});
  }
  return json;
}

std::string Written(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Response UnaryError(const grpc::Status& status) {
  return Text(CodeOf(status).status, "application/json", Written(ErrorJson(status)));
}

std::string Envelope(char flags, std::string_view message) {
  const auto size = static_cast<uint32_t>(message.size());
  std::string bytes = {flags, static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                       static_cast<char>(size >> 8), static_cast<char>(size)};
  bytes += message;
  return bytes;
}

std::string EndOfStream(const grpc::Status& status) {
  nlohmann::json json = nlohmann::json::object();
  if (!status.ok()) json["error"] = ErrorJson(status);
  return Envelope(kEndOfStream, Written(json));
}

grpc::Status Refused(grpc::StatusCode code, const std::string& message) { return {code, message}; }

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string ToBytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

// How messages are written in one exchange.
struct Encoding {
  bool json = false;
  bool streams = false;
};

std::optional<Encoding> EncodingOf(const Request& request) {
  const std::string* type = request.Find("content-type");
  if (type == nullptr) return std::nullopt;
  const std::string name = type->substr(0, type->find(';'));
  if (name == "application/json") return Encoding{true, false};
  if (name == "application/proto") return Encoding{false, false};
  if (name == "application/connect+json") return Encoding{true, true};
  if (name == "application/connect+proto") return Encoding{false, true};
  return std::nullopt;
}

std::string_view TypeName(const Encoding& encoding) {
  if (encoding.streams) return encoding.json ? "application/connect+json" : "application/connect+proto";
  return encoding.json ? "application/json" : "application/proto";
}

// The client's time limit in milliseconds; nothing where it named none. False: not a number that the protocol allows.
bool ReadTimeout(const Request& request, std::optional<std::chrono::milliseconds>& timeout) {
  const std::string* text = request.Find("connect-timeout-ms");
  if (text == nullptr) return true;
  if (text->empty() || text->size() > 10 || text->find_first_not_of("0123456789") != std::string::npos) return false;
  timeout = std::chrono::milliseconds(std::stoll(*text));
  return true;
}

// Messages between what the client writes and protobuf's own bytes. Thread-safe.
class Codec {
 public:
  grpc::Status Decode(const Encoding& encoding, const google::protobuf::Descriptor& type, std::string_view message,
                      std::string& binary) const {
    if (!encoding.json) {
      binary = message;
      return grpc::Status::OK;
    }
    const auto status = google::protobuf::util::JsonToBinaryString(
        resolver_.get(), Url(type), {message.data(), message.size()}, &binary, {});
    return status.ok() ? grpc::Status::OK : Refused(grpc::INVALID_ARGUMENT, "the request: " + status.ToString());
  }

  grpc::Status Encode(const Encoding& encoding, const google::protobuf::Descriptor& type, std::string binary,
                      std::string& message) const {
    if (!encoding.json) {
      message = std::move(binary);
      return grpc::Status::OK;
    }
    const auto status = google::protobuf::util::BinaryToJsonString(resolver_.get(), Url(type), binary, &message, {});
    return status.ok() ? grpc::Status::OK : Refused(grpc::INTERNAL, "the answer cannot be written as JSON");
  }

 private:
  static std::string Url(const google::protobuf::Descriptor& type) {
    return std::string(kTypePrefix) + "/" + type.full_name();
  }

  const std::unique_ptr<TypeResolver> resolver_{google::protobuf::util::NewTypeResolverForDescriptorPool(
      kTypePrefix, google::protobuf::DescriptorPool::generated_pool())};
};

// A channel must not be taken down by a thread of its own, on which calls end; so nothing of a call holds it, and the
// bridge waits for its calls.
class CallsUnderWay {
 public:
  void Enter() {
    const std::lock_guard lock(mutex_);
    ++calls_;
  }
  void Leave() {
    const std::lock_guard lock(mutex_);
    if (--calls_ == 0) none_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return calls_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  size_t calls_ = 0;
};

}  // namespace

struct ConnectBridge::Parts {
  Parts(std::shared_ptr<grpc::Channel> channel, Options given) : stub(std::move(channel)), options(std::move(given)) {
    for (const auto* service : options.services) {
      for (int i = 0; i < service->method_count(); ++i) {
        const MethodDescriptor* method = service->method(i);
        methods["/" + service->full_name() + "/" + method->name()] = method;
      }
    }
  }

  const MethodDescriptor* Find(std::string_view path) const {
    const auto found = methods.find(path);
    return found == methods.end() ? nullptr : found->second;
  }

  grpc::GenericStub stub;
  const Options options;
  std::map<std::string, const MethodDescriptor*, std::less<>> methods;
  const std::shared_ptr<const Codec> codec = std::make_shared<Codec>();
  const std::shared_ptr<CallsUnderWay> calls = std::make_shared<CallsUnderWay>();
};

namespace {

void Prepare(grpc::ClientContext& context, const std::optional<std::chrono::milliseconds>& timeout,
             const ConnectBridge::Metadata& metadata) {
  // Without one the service says what it thinks of that.
  if (timeout) context.set_deadline(std::chrono::system_clock::now() + *timeout);
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
}

// A server stream from its request to its end. Made by new, deletes itself.
class ServerStream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  ServerStream(std::shared_ptr<const Codec> codec, std::shared_ptr<CallsUnderWay> calls, const MethodDescriptor& method,
               const Encoding& encoding, const std::string& request)
      : codec_(std::move(codec)),
        calls_(std::move(calls)),
        method_(method),
        encoding_(encoding),
        request_(ToBuffer(request)) {
    calls_->Enter();
  }

  grpc::ClientContext& context() { return *context_; }

  void Start(grpc::GenericStub& stub, const std::string& path, Answer& answer) {
    stub.PrepareBidiStreamingCall(context_.get(), path, {}, this);
    // The context outlives the call for whoever has to cancel it.
    to_client_ = answer.Begin({200, {{"content-type", std::string(TypeName(encoding_))}}, nullptr},
                              [context = context_] { context->TryCancel(); });
    StartWriteLast(&request_, {});
    StartRead(&message_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    std::string message;
    const grpc::Status encoded = codec_->Encode(encoding_, *method_.output_type(), ToBytes(message_), message);
    if (!encoded.ok()) failed_ = encoded;
    if (!encoded.ok() || !to_client_->Write(Envelope(0, message))) return context_->TryCancel();
    StartRead(&message_);
  }

  void OnDone(const grpc::Status& status) override {
    to_client_->Write(EndOfStream(failed_.value_or(status)));
    to_client_->Close();
    const std::shared_ptr<CallsUnderWay> calls = calls_;
    delete this;
    calls->Leave();
  }

 private:
  const std::shared_ptr<const Codec> codec_;
  const std::shared_ptr<CallsUnderWay> calls_;
  const MethodDescriptor& method_;
  const Encoding encoding_;
  const std::shared_ptr<grpc::ClientContext> context_ = std::make_shared<grpc::ClientContext>();
  std::shared_ptr<Stream> to_client_;
  grpc::ByteBuffer request_, message_;
  std::optional<grpc::Status> failed_;
};

// The one message of a streaming request's body.
grpc::Status Unwrap(const std::string& body, std::string& message) {
  if (body.size() < kEnvelopeBytes) return Refused(grpc::INVALID_ARGUMENT, "the request has no enveloped message");
  const auto byte = [&body](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(body[i])); };
  const size_t size = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
  if ((body[0] & kCompressed) != 0) return Refused(grpc::UNIMPLEMENTED, "compressed messages are not taken");
  if (size != body.size() - kEnvelopeBytes) {
    return Refused(grpc::INVALID_ARGUMENT, "the envelope's length is not that of the one message");
  }
  message = body.substr(kEnvelopeBytes);
  return grpc::Status::OK;
}

}  // namespace

ConnectBridge::ConnectBridge(std::shared_ptr<grpc::Channel> channel, Options options)
    : parts_(std::make_unique<Parts>(std::move(channel), std::move(options))) {}
ConnectBridge::~ConnectBridge() { parts_->calls->Wait(); }

bool ConnectBridge::Serves(std::string_view path) const { return parts_->Find(path) != nullptr; }

size_t ConnectBridge::BodyLimit(std::string_view path) const {
  const MethodDescriptor* method = parts_->Find(path);
  if (method == nullptr) return 0;
  return parts_->options.body_bytes ? parts_->options.body_bytes(*method) : kDefaultBody;
}

void ConnectBridge::Call(Request request, const Metadata& metadata, std::shared_ptr<Answer> answer) const {
  const MethodDescriptor& method = *parts_->Find(request.path);
  if (request.method != "POST") {
    Response response = UnaryError(Refused(grpc::UNIMPLEMENTED, "a call is a POST"));
    response.status = 405;
    response.headers.push_back({"allow", "POST"});
    return answer->Send(std::move(response));
  }
  const std::optional<Encoding> encoding = EncodingOf(request);
  if (!encoding || encoding->streams != method.server_streaming()) {
    Response response = UnaryError(Refused(
        grpc::UNKNOWN, std::string("the content type of this call is ") +
                           (method.server_streaming() ? "application/connect+json or application/connect+proto"
                                                      : "application/json or application/proto")));
    response.status = 415;
    return answer->Send(std::move(response));
  }
  const auto refuse = [&](const grpc::Status& status) {
    if (!encoding->streams) return answer->Send(UnaryError(status));
    answer->Send(Text(200, TypeName(*encoding), EndOfStream(status)));
  };
  if (method.client_streaming()) {
    return refuse(Refused(grpc::UNIMPLEMENTED, "a stream of requests needs gRPC"));
  }
  const std::string* version = request.Find("connect-protocol-version");
  if (version != nullptr && *version != "1") {
    return refuse(Refused(grpc::INVALID_ARGUMENT, "connect-protocol-version is 1"));
  }
  for (const char* name : {"content-encoding", "connect-content-encoding"}) {
    const std::string* compression = request.Find(name);
    if (compression != nullptr && *compression != "identity") {
      return refuse(Refused(grpc::UNIMPLEMENTED, "compressed requests are not taken"));
    }
  }
  std::optional<std::chrono::milliseconds> timeout;
  if (!ReadTimeout(request, timeout)) {
    return refuse(Refused(grpc::INVALID_ARGUMENT, "connect-timeout-ms is a number of at most 10 digits"));
  }
  std::string message = std::move(request.body);
  std::string binary;
  grpc::Status status = grpc::Status::OK;
  if (encoding->streams) status = Unwrap(std::string(message), message);
  if (status.ok()) status = parts_->codec->Decode(*encoding, *method.input_type(), message, binary);
  if (!status.ok()) return refuse(status);
  if (encoding->streams) {
    // Deletes itself.
    auto* stream = new ServerStream(parts_->codec, parts_->calls, method, *encoding, binary);
    Prepare(stream->context(), timeout, metadata);
    return stream->Start(parts_->stub, request.path, *answer);
  }
  struct Unary {
    grpc::ClientContext context;
    grpc::ByteBuffer request, response;
  };
  auto call = std::make_shared<Unary>();
  Prepare(call->context, timeout, metadata);
  call->request = ToBuffer(binary);
  parts_->calls->Enter();
  parts_->stub.UnaryCall(
      &call->context, request.path, {}, &call->request, &call->response,
      [call, codec = parts_->codec, calls = parts_->calls, &method, encoding, answer](grpc::Status outcome) mutable {
        std::string body;
        if (outcome.ok()) {
          outcome = codec->Encode(*encoding, *method.output_type(), ToBytes(call->response), body);
        }
        answer->Send(outcome.ok() ? Text(200, TypeName(*encoding), std::move(body)) : UnaryError(outcome));
        call.reset();  // its context holds the channel
        calls->Leave();
      });
}

}  // namespace rollcall::http

// The one translation unit that sees Boost: it takes most of a minute to compile.
#include "http/server.h"

#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <array>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <deque>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/log.h"
#include "base/mutex.h"

namespace rollcall::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = beast::http;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

std::string PeerText(const tcp::endpoint& peer) {
  return peer.address().is_v4() || peer.address().to_v6().is_v4_mapped()
             ? "ipv4:" + (peer.address().is_v4()
                              ? peer.address().to_v4()
                              : asio::ip::make_address_v4(asio::ip::v4_mapped, peer.address().to_v6()))
                             .to_string() +
                   ":" + std::to_string(peer.port())
             : "ipv6:[" + peer.address().to_string() + "]:" + std::to_string(peer.port());
}

Request HeadOf(const wire::request_header<>& head, const std::string& peer) {
  Request request;
  request.method = std::string(head.method_string());
  const std::string target(head.target());
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = target.substr(mark + 1);
  for (const auto& field : head) {
    request.headers.push_back(
        {absl::AsciiStrToLower(std::string(field.name_string())), std::string(field.value())});
  }
  request.peer = peer;
  return request;
}

// ---- one request's answer -------------------------------------------------------------------------

// What the handler's threads and the connection's coroutine share. The coroutine sleeps on `wake`, which lives on the
// server's thread only; the handler's side posts there.
class Exchange final : public Answer, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<asio::io_context> context, size_t backlog)
      : context_(std::move(context)), backlog_(backlog), wake_(*context_) {
    wake_.expires_at(asio::steady_timer::time_point::max());
  }

  // ---- the handler's side ----
  void Send(Response response) override {
    const base::MutexLock lock(mutex_);
    if (response_) return;
    response_ = std::move(response);
    ended_ = true;
    Wake();
  }

  std::shared_ptr<Stream> Begin(Response response, std::function<void()> gone) override;

  bool Write(std::string chunk) {
    const base::MutexLock lock(mutex_);
    if (ended_ || gone_) return false;
    if (waiting_ + chunk.size() > backlog_) {
      too_slow_ = true;
    } else if (!chunk.empty()) {
      waiting_ += chunk.size();
      chunks_.push_back(std::move(chunk));
    }
    Wake();
    return !too_slow_;
  }

  void Close() {
    const base::MutexLock lock(mutex_);
    ended_ = true;
    Wake();
  }

  // The handler has dropped what it could answer with.
  void Abandon() {
    {
      const base::MutexLock lock(mutex_);
      if (response_) return;
    }
    Send(Text(500, "text/plain; charset=utf-8", "the request was not answered\n"));
  }

  // ---- the coroutine's side, on the server's thread ----
  struct Next {
    std::optional<Response> head;  // given once
    bool streams = false;
    std::deque<std::string> chunks;
    bool ended = false;
    bool too_slow = false;
  };

  // What has come since the last time; waits until something has.
  awaitable<Next> Take() {
    for (;;) {
      {
        const base::MutexLock lock(mutex_);
        Next next;
        if (response_ && !head_taken_) {
          head_taken_ = true;
          next.head = *response_;
        }
        next.streams = streams_;
        next.chunks = std::exchange(chunks_, {});
        waiting_ = 0;
        next.ended = ended_;
        next.too_slow = too_slow_;
        if (next.head || !next.chunks.empty() || (next.ended && head_taken_) || next.too_slow) co_return next;
      }
      co_await wake_.async_wait(kResult);
      wake_.expires_at(asio::steady_timer::time_point::max());
      if (cut_) co_return Next{.head = {}, .streams = true, .chunks = {}, .ended = false, .too_slow = true};
    }
  }

  // The client has gone, or the server stops: wakes the coroutine for the last time, and tells the handler.
  void Cut() {
    cut_ = true;
    wake_.cancel();
    std::function<void()> tell;
    {
      const base::MutexLock lock(mutex_);
      if (!ended_) tell = std::exchange(tell_gone_, nullptr);
      gone_ = true;
      ended_ = true;
      chunks_.clear();
    }
    if (tell) tell();
  }

 private:
  // Nothing is posted once the coroutine was cut, so that nothing is left behind in a context that has stopped.
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!gone_) asio::post(*context_, [self = shared_from_this()] { self->wake_.cancel(); });
  }

  const std::shared_ptr<asio::io_context> context_;
  const size_t backlog_;
  asio::steady_timer wake_;
  bool cut_ = false;
  bool head_taken_ = false;

  base::Mutex mutex_;
  std::optional<Response> response_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> tell_gone_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> chunks_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool streams_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  bool too_slow_ ABSL_GUARDED_BY(mutex_) = false;
};

class ExchangeStream final : public Stream {
 public:
  explicit ExchangeStream(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~ExchangeStream() override { exchange_->Close(); }
  bool Write(std::string chunk) override { return exchange_->Write(std::move(chunk)); }
  void Close() override { exchange_->Close(); }

 private:
  const std::shared_ptr<Exchange> exchange_;
};

// What the handler holds: when it lets go of it unanswered, the client is told.
class HeldAnswer final : public Answer {
 public:
  explicit HeldAnswer(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~HeldAnswer() override { exchange_->Abandon(); }
  void Send(Response response) override { exchange_->Send(std::move(response)); }
  std::shared_ptr<Stream> Begin(Response response, std::function<void()> gone) override {
    return exchange_->Begin(std::move(response), std::move(gone));
  }

 private:
  const std::shared_ptr<Exchange> exchange_;
};

std::shared_ptr<Stream> Exchange::Begin(Response response, std::function<void()> gone) {
  const base::MutexLock lock(mutex_);
  ROLLCALL_CHECK(!response_.has_value());
  response_ = std::move(response);
  streams_ = true;
  tell_gone_ = std::move(gone);
  Wake();
  return std::make_shared<ExchangeStream>(shared_from_this());
}

absl::StatusOr<std::shared_ptr<asio::ssl::context>> MakeTls(const Identity& identity) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code error;
  tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1 | asio::ssl::context::single_dh_use,
                   error);
  if (!error) tls->use_certificate_chain(asio::buffer(identity.certificate_chain), error);
  if (!error) tls->use_private_key(asio::buffer(identity.private_key), asio::ssl::context::pem, error);
  if (!error && SSL_CTX_check_private_key(tls->native_handle()) != 1) {
    error = asio::error::invalid_argument;
  }
  if (error) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SERVER_CERTIFICATE",
                           "the web port's certificate or key: " + error.message());
  }
  // The only protocol that is spoken.
  static constexpr unsigned char kAlpn[] = "\x08http/1.1";
  SSL_CTX_set_alpn_select_cb(
      tls->native_handle(),
      [](SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned int in_size,
         void*) {
        unsigned char* chosen = nullptr;
        const int found = SSL_select_next_proto(&chosen, out_size, kAlpn, sizeof(kAlpn) - 1, in, in_size);
        *out = chosen;
        return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
      },
      nullptr);
  return tls;
}

absl::StatusOr<tcp::endpoint> ParseListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  int port = -1;
  if (colon != std::string::npos) {
    const std::string digits = listen.substr(colon + 1);
    if (!digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos) {
      port = std::stoi(digits);
    }
  }
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error || port < 0 || port > 65535) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ADDRESS",
                           "\"" + listen + "\" is no address and port, as \"127.0.0.1:7680\" or \"[::1]:0\"");
  }
  return tcp::endpoint(address, static_cast<uint16_t>(port));
}

}  // namespace

// ---- the server -----------------------------------------------------------------------------------

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(ServerOptions options, Handler& handler)
      : options_(std::move(options)), handler_(handler), acceptor_(*context_) {}

  absl::Status Open() {
    if (options_.identity) RETURN_IF_ERROR(Replace(*options_.identity));
    ASSIGN_OR_RETURN(tcp::endpoint endpoint, ParseListen(options_.listen));
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) endpoint = acceptor_.local_endpoint(error);
    if (error) {
      return base::MakeError(absl::StatusCode::kUnavailable, "CANNOT_LISTEN",
                             options_.listen + ": cannot be listened on (" + error.message() +
                                 "); is it in use? Port 0 takes any free one");
    }
    port_ = endpoint.port();
    address_ = options_.listen.substr(0, options_.listen.rfind(':') + 1) + std::to_string(port_);
    asio::co_spawn(*context_, Accept(), asio::detached);
    thread_ = std::thread([this] { context_->run(); });
    return absl::OkStatus();
  }

  absl::Status Replace(const Identity& identity) {
    ASSIGN_OR_RETURN(auto tls, MakeTls(identity));
    const base::MutexLock lock(mutex_);
    tls_ = std::move(tls);
    return absl::OkStatus();
  }

  void Shutdown() {
    if (!thread_.joinable()) return;
    asio::post(*context_, [this] {
      stopping_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      const auto exchanges = exchanges_;
      for (Exchange* exchange : exchanges) exchange->Cut();
      for (beast::tcp_stream* open : open_) open->close();
    });
    thread_.join();
  }

  const std::string& address() const { return address_; }
  uint16_t port() const { return port_; }
  size_t connections() const { return connections_; }

 private:
  std::shared_ptr<asio::ssl::context> tls() const {
    const base::MutexLock lock(mutex_);
    return tls_;
  }

  // Counts a connection while it lives.
  class Counted {
   public:
    Counted(Impl& impl, asio::ip::address from) : impl_(impl), from_(std::move(from)) {
      ++impl_.connections_;
      ++impl_.of_address_[from_];
    }
    ~Counted() {
      --impl_.connections_;
      const auto mine = impl_.of_address_.find(from_);
      if (--mine->second == 0) impl_.of_address_.erase(mine);
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

   private:
    Impl& impl_;
    const asio::ip::address from_;
  };

  // A connection that Shutdown closes.
  class Listed {
   public:
    Listed(Impl& impl, beast::tcp_stream& stream) : impl_(impl), stream_(stream) { impl_.open_.insert(&stream_); }
    ~Listed() { impl_.open_.erase(&stream_); }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;

   private:
    Impl& impl_;
    beast::tcp_stream& stream_;
  };

  awaitable<void> Accept() {
    asio::steady_timer pause(*context_);
    while (!stopping_) {
      auto [error, socket] = co_await acceptor_.async_accept(kResult);
      if (stopping_) co_return;
      if (error) {  // out of file descriptors, say: the next one may fit
        base::log::Warning("web_accept_failed", {{"why", error.message()}});
        pause.expires_after(std::chrono::milliseconds(100));
        co_await pause.async_wait(kResult);
        continue;
      }
      error_code no_peer;
      const tcp::endpoint peer = socket.remote_endpoint(no_peer);
      const auto of_address = of_address_.find(peer.address());
      if (no_peer || connections_ >= options_.limits.connections ||
          (of_address != of_address_.end() && of_address->second >= options_.limits.connections_per_address)) {
        continue;  // closed with the socket: whoever has so many reads nothing new in an answer
      }
      socket.set_option(tcp::no_delay(true), no_peer);
      asio::co_spawn(*context_, Serve(std::move(socket), peer), asio::detached);
    }
  }

  awaitable<void> Serve(tcp::socket socket, tcp::endpoint peer) {
    const auto self = shared_from_this();
    const Counted counted(*this, peer.address());
    try {
      if (const auto tls = this->tls()) {
        TlsStream stream(std::move(socket), *tls);
        co_await Encrypted(stream, PeerText(peer));
      } else {
        PlainStream stream(std::move(socket));
        const Listed listed(*this, stream);
        co_await Converse(stream, PeerText(peer));
        error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
      }
    } catch (const std::exception& e) {
      base::log::Warning("web_connection_failed", {{"why", e.what()}});
    }
  }

  awaitable<void> Encrypted(TlsStream& stream, std::string peer) {
    beast::tcp_stream& below = beast::get_lowest_layer(stream);
    const Listed listed(*this, below);
    below.expires_after(options_.limits.handshake);
    const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, kResult);
    if (error) co_return;
    co_await Converse(stream, std::move(peer));
    below.expires_after(std::chrono::seconds(2));
    co_await stream.async_shutdown(kResult);
  }

  // One request after the other, until somebody has enough.
  template <typename S>
  awaitable<void> Converse(S& stream, std::string peer) {
    beast::flat_buffer buffer(options_.limits.header_bytes * 2);
    bool go_on = true;
    while (go_on && !stopping_) go_on = co_await OneRequest(stream, buffer, peer);
  }

  template <typename S>
  awaitable<bool> OneRequest(S& stream, beast::flat_buffer& buffer, const std::string& peer) {
    beast::tcp_stream& below = beast::get_lowest_layer(stream);
    // The first byte may take its time, the head may not.
    if (buffer.size() == 0) {
      below.expires_after(options_.limits.idle);
      const auto [waited, bytes] = co_await stream.async_read_some(buffer.prepare(4096), kResult);
      if (waited) co_return false;
      buffer.commit(bytes);
    }
    wire::request_parser<wire::string_body> parser;
    parser.header_limit(static_cast<uint32_t>(options_.limits.header_bytes));
    parser.body_limit(boost::none);  // until the head says what it may be
    below.expires_after(options_.limits.header);
    if (const auto [error, read] = co_await wire::async_read_header(stream, buffer, parser, kResult); error) {
      co_return co_await Refuse(stream, error);
    }
    Request request = HeadOf(parser.get(), peer);
    const size_t limit = handler_.BodyLimit(request);
    const auto told = parser.content_length();
    if (told && *told > limit) co_return co_await Refuse(stream, wire::error::body_limit);
    parser.body_limit(limit);
    if (beast::iequals(parser.get()[wire::field::expect], "100-continue")) {
      wire::response<wire::empty_body> go_on(wire::status::continue_, parser.get().version());
      below.expires_after(options_.limits.write);
      if (const auto [error, written] = co_await wire::async_write(stream, go_on, kResult); error) co_return false;
    }
    below.expires_after(options_.limits.body + std::chrono::seconds(told.value_or(limit) / (size_t{64} * 1024)));
    if (const auto [error, read] = co_await wire::async_read(stream, buffer, parser, kResult); error) {
      co_return co_await Refuse(stream, error);
    }
    const bool keep = parser.get().keep_alive();
    const bool only_head = request.method == "HEAD";
    request.body = std::move(parser.get().body());
    co_return co_await Respond(stream, std::move(request), keep, only_head);
  }

  template <typename S>
  awaitable<bool> Respond(S& stream, Request request, bool keep, bool only_head) {
    const auto exchange = std::make_shared<Exchange>(context_, options_.limits.stream_backlog);
    exchanges_.insert(exchange.get());
    const auto forget = [this](Exchange* e) { exchanges_.erase(e); };
    const std::unique_ptr<Exchange, decltype(forget)> listed(exchange.get(), forget);
    beast::get_lowest_layer(stream).expires_never();
    handler_.Handle(std::move(request), std::make_shared<HeldAnswer>(exchange));
    Exchange::Next next = co_await exchange->Take();
    if (!next.head) co_return false;  // the server stops
    if (!next.streams) co_return co_await SendWhole(stream, *next.head, keep, only_head);
    co_await SendStream(stream, std::move(next), *exchange, only_head);
    exchange->Cut();
    co_return false;
  }

  template <typename Fields>
  static void Fill(Fields& to, const Response& response) {
    for (const Header& header : response.headers) to.insert(header.name, header.value);
  }

  template <typename S>
  awaitable<bool> SendWhole(S& stream, const Response& response, bool keep, bool only_head) {
    const std::string_view body = response.body ? std::string_view(*response.body) : std::string_view();
    wire::response<wire::span_body<const char>> out(static_cast<wire::status>(response.status), 11);
    Fill(out, response);
    out.keep_alive(keep);
    out.content_length(body.size());
    out.body() = beast::span<const char>(body.data(), body.size());
    wire::response_serializer<wire::span_body<const char>> serializer(out);
    beast::get_lowest_layer(stream).expires_after(options_.limits.write +
                                                  std::chrono::seconds(body.size() / (size_t{64} * 1024)));
    if (only_head) {
      const auto [error, written] = co_await wire::async_write_header(stream, serializer, kResult);
      co_return !error && keep;
    }
    const auto [error, written] = co_await wire::async_write(stream, serializer, kResult);
    co_return !error && keep;
  }

  // Nothing more is read from a client whose answer streams, so that whatever comes from it means that it has gone.
  template <typename S>
  awaitable<void> SendStream(S& stream, Exchange::Next next, Exchange& exchange, bool only_head) {
    beast::tcp_stream& below = beast::get_lowest_layer(stream);
    wire::response<wire::empty_body> head(static_cast<wire::status>(next.head->status), 11);
    Fill(head, *next.head);
    head.keep_alive(false);
    head.chunked(true);
    wire::response_serializer<wire::empty_body> serializer(head);
    below.expires_after(options_.limits.write);
    if (const auto [error, written] = co_await wire::async_write_header(stream, serializer, kResult); error || only_head) {
      co_return;
    }
    if (next.head->body && !next.head->body->empty()) next.chunks.push_front(*next.head->body);
    char from_client = 0;
    bool gone = false;
    asio::steady_timer heard(*context_, asio::steady_timer::time_point::max());
    below.expires_never();
    stream.async_read_some(asio::buffer(&from_client, 1), [&](error_code, size_t) {
      gone = true;
      heard.cancel();
      exchange.Cut();
    });
    for (;;) {
      bool written_all = true;
      for (const std::string& chunk : next.chunks) {
        below.expires_after(options_.limits.write);
        const auto [error, written] =
            co_await asio::async_write(stream, wire::make_chunk(asio::buffer(chunk)), kResult);
        written_all = !error;
        if (!written_all) break;
      }
      if (!written_all || gone || next.too_slow) break;
      if (next.ended) {
        below.expires_after(options_.limits.write);
        co_await asio::async_write(stream, wire::make_chunk_last(), kResult);
        break;
      }
      next = co_await exchange.Take();
    }
    // The read must not outlive what it writes to.
    below.close();
    while (!gone) {
      co_await heard.async_wait(kResult);
      heard.expires_at(asio::steady_timer::time_point::max());
    }
  }

  // Tells what was wrong where that can still be told, and ends the connection.
  template <typename S>
  awaitable<bool> Refuse(S& stream, error_code why) {
    int status = 0;
    if (why == wire::error::header_limit || why == wire::error::buffer_overflow) status = 431;
    if (why == wire::error::body_limit) status = 413;
    if (why == beast::error::timeout) status = 408;
    if (status == 0 && why.category() == wire::make_error_code(wire::error::bad_method).category() &&
        why != wire::error::end_of_stream && why != wire::error::partial_message) {
      status = 400;
    }
    // After a timeout Beast has closed the socket.
    if (status == 0 || status == 408) co_return false;
    const char* what = status == 431   ? "the head of the request is too large\n"
                       : status == 413 ? "the body of the request is too large\n"
                                       : "this is no HTTP/1.1 request\n";
    co_await SendWhole(stream, Text(status, "text/plain; charset=utf-8", what), false, false);
    // Whoever is still sending would get a reset in place of the answer.
    beast::tcp_stream& below = beast::get_lowest_layer(stream);
    error_code ignored;
    below.socket().shutdown(tcp::socket::shutdown_send, ignored);
    below.expires_after(std::chrono::seconds(1));
    std::array<char, 16384> rest;
    for (size_t drained = 0; drained < size_t{4} << 20;) {
      const auto [error, bytes] = co_await below.async_read_some(asio::buffer(rest), kResult);
      if (error) break;
      drained += bytes;
    }
    co_return false;
  }

  const ServerOptions options_;
  Handler& handler_;
  const std::shared_ptr<asio::io_context> context_ = std::make_shared<asio::io_context>(1);
  tcp::acceptor acceptor_;
  std::thread thread_;
  std::string address_;
  uint16_t port_ = 0;

  mutable base::Mutex mutex_;
  std::shared_ptr<asio::ssl::context> tls_ ABSL_GUARDED_BY(mutex_);

  // Written on the server's thread only.
  std::atomic<size_t> connections_ = 0;
  std::map<asio::ip::address, size_t> of_address_;
  std::set<beast::tcp_stream*> open_;
  std::set<Exchange*> exchanges_;
  bool stopping_ = false;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler& handler) {
  auto impl = std::make_shared<Impl>(std::move(options), handler);
  RETURN_IF_ERROR(impl->Open());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Shutdown(); }
const std::string& Server::address() const { return impl_->address(); }
uint16_t Server::port() const { return impl_->port(); }
absl::Status Server::Replace(const Identity& identity) { return impl_->Replace(identity); }
size_t Server::connections() const { return impl_->connections(); }
void Server::Shutdown() { impl_->Shutdown(); }

}  // namespace rollcall::http

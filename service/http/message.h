#ifndef ROLLCALL_HTTP_MESSAGE_H_
#define ROLLCALL_HTTP_MESSAGE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Requests and answers of the web port, as plain values: nothing here knows how they travel.
namespace rollcall::http {

// `name` in lower case.
struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // "GET"
  std::string path;    // as sent, percent signs included; begins with '/'
  std::string query;   // as sent, without the '?'
  std::vector<Header> headers;
  std::string body;
  std::string peer;  // as gRPC writes addresses: "ipv4:192.0.2.7:4711", "ipv6:[::1]:4711"

  // The value of the one header of this lower-case name; null where there is none or more than one.
  const std::string* Find(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::shared_ptr<const std::string> body;  // null: empty
};

// `body` of the media type `type`.
Response Text(int status, std::string_view type, std::string body);

// A body that is sent bit by bit. Thread-safe.
class Stream {
 public:
  virtual ~Stream() = default;
  // Queues `chunk` after those before. False, and nothing is queued: the client has gone, or it reads so slowly that
  // more than Limits::stream_backlog bytes wait; its connection is then closed.
  virtual bool Write(std::string chunk) = 0;
  // The end of the body, after what is queued. Again: nothing.
  virtual void Close() = 0;
};

// The answer to one request: exactly one of Send and Begin is called, once, on any thread. Where the object goes without
// either, the client reads 500.
class Answer {
 public:
  virtual ~Answer() = default;
  virtual void Send(Response response) = 0;
  // Begins an answer of unknown length. `gone` is called at most once, on the server's thread, when the client has gone before Close; where it has
  // gone already it is not called, and the first Write says so. `response.body` is sent first.
  virtual std::shared_ptr<Stream> Begin(Response response, std::function<void()> gone) = 0;
};

// What answers. Called on the server's one thread: must not block and must not throw. Outlives the server.
class Handler {
 public:
  virtual ~Handler() = default;
  // How many bytes of body a request with this head may have. A request with more is answered 413 and not read.
  virtual size_t BodyLimit(const Request& head) const = 0;
  virtual void Handle(Request request, std::shared_ptr<Answer> answer) = 0;
};

}  // namespace rollcall::http

#endif  // ROLLCALL_HTTP_MESSAGE_H_

#ifndef ROLLCALL_TESTS_UNIT_HTTP_RAW_CLIENT_H_
#define ROLLCALL_TESTS_UNIT_HTTP_RAW_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::testing {

// A TCP connection to this machine that sends whatever a test wants, HTTP or not. Blocks; a read that gets nothing for 20 s
// is the end.
class RawClient {
 public:
  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool Send(std::string_view bytes) const;
  // The next answer: its head and as much body as its content-length says. Empty where the connection has ended.
  std::string ReadAnswer();
  // Reads until `end` has been read, or the connection has ended.
  std::string ReadUntil(std::string_view end);
  // Reads until the connection has ended.
  std::string ReadAll();
  void Close();

 private:
  bool ReadMore();
  int socket_ = -1;
  std::string read_;
};

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_UNIT_HTTP_RAW_CLIENT_H_

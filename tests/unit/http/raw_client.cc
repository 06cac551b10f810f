#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/status.h"

namespace rollcall::testing {

RawClient::RawClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ROLLCALL_CHECK(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  const timeval patience{20, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

RawClient::~RawClient() { Close(); }

void RawClient::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

bool RawClient::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawClient::ReadMore() {
  std::array<char, 65536> buffer;
  const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  read_.append(buffer.data(), static_cast<size_t>(got));
  return true;
}

std::string RawClient::ReadUntil(std::string_view end) {
  for (;;) {
    const size_t at = read_.find(end);
    if (at != std::string::npos) {
      const std::string text = read_.substr(0, at + end.size());
      read_.erase(0, text.size());
      return text;
    }
    if (!ReadMore()) return std::exchange(read_, {});
  }
}

std::string RawClient::ReadAnswer() {
  const std::string head = ReadUntil("\r\n\r\n");
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const size_t at = lower.find("content-length: ");
  const size_t size = at == std::string::npos ? 0 : std::stoul(lower.substr(at + 16));
  while (read_.size() < size && ReadMore()) {
  }
  const std::string body = read_.substr(0, size);
  read_.erase(0, body.size());
  return head + body;
}

std::string RawClient::ReadAll() {
  while (ReadMore()) {
  }
  return std::exchange(read_, {});
}

}  // namespace rollcall::testing

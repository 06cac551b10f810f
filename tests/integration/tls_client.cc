#include "integration/tls_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>

namespace rollcall::testing {
namespace {

constexpr int kPatienceSeconds = 20;

// A connected socket, or -1 and a failed test.
int Connect(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (::connect(file, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0) return file;
  ADD_FAILURE() << "cannot connect to " << address;
  ::close(file);
  return -1;
}

bool Present(SSL* ssl, const TlsTry& what) {
  if (what.chain.empty()) return true;
  if (SSL_use_certificate(ssl, what.chain[0].get()) != 1) return false;
  if (SSL_use_PrivateKey(ssl, what.key.get()) != 1) return false;
  for (size_t i = 1; i < what.chain.size(); ++i) {
    if (SSL_add1_chain_cert(ssl, what.chain[i].get()) != 1) return false;
  }
  return true;
}

}  // namespace

std::string Http2Preface() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string("\0\0\0\x04\0\0\0\0\0", 9);
}

bool IsServed(const TlsTry& what) {
  std::signal(SIGPIPE, SIG_IGN);  // a server that hangs up is an answer here
  const int file = Connect(what.address);
  if (file < 0) return false;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), what.version_min);
  SSL_CTX_set_max_proto_version(context.get(), what.version_max);
  SSL_CTX_set_cipher_list(context.get(), what.ciphers.c_str());
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), file);
  SSL_set_tlsext_host_name(ssl.get(), "localhost");
  if (!what.protocols.empty()) {
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(what.protocols.data()),
                        static_cast<unsigned>(what.protocols.size()));
  }
  EXPECT_TRUE(Present(ssl.get(), what)) << "this end cannot present the certificate";
  bool served = false;
  if (SSL_connect(ssl.get()) == 1) {
    const std::string bytes = what.bytes.empty() ? Http2Preface() : what.bytes;
    SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
    std::array<unsigned char, 9> head{};
    const int got = SSL_read(ssl.get(), head.data(), static_cast<int>(head.size()));
    constexpr unsigned char kSettings = 4;
    served = got == static_cast<int>(head.size()) && head[3] == kSettings;
  }
  ERR_clear_error();
  ::close(file);
  return served;
}

std::string SendPlain(const std::string& address, const std::string& bytes) {
  const int file = Connect(address);
  if (file < 0) return "";
  std::string answer;
  if (::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0) {
    ::shutdown(file, SHUT_WR);
    std::array<char, 4096> part{};
    for (ssize_t got = 1; got > 0;) {
      got = ::recv(file, part.data(), part.size(), 0);
      if (got > 0) answer.append(part.data(), static_cast<size_t>(got));
    }
  }
  ::close(file);
  return answer;
}

}  // namespace rollcall::testing

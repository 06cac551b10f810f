#ifndef ROLLCALL_TESTS_INTEGRATION_TLS_CLIENT_H_
#define ROLLCALL_TESTS_INTEGRATION_TLS_CLIENT_H_

#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "integration/made_certificate.h"

namespace rollcall::testing {

// One connection by OpenSSL itself, which does what gRPC's client would not: security level 0, any
// version, any certificate, any bytes.
struct TlsTry {
  std::string address;             // "127.0.0.1:PORT"
  std::vector<Certificate> chain;  // its own first; empty: none
  Key key;
  int version_min = TLS1_3_VERSION;
  int version_max = TLS1_3_VERSION;
  std::string ciphers = "ALL:@SECLEVEL=0";        // of TLS 1.2 and below
  std::string protocols = std::string("\x02h2");  // ALPN; empty: none
  std::string bytes;  // sent after the handshake; empty: HTTP/2's preface
};

// Whether the server let us in: it answered HTTP/2 with its SETTINGS (RFC 9113, 3.4), which it
// sends once it has accepted the certificate.
bool IsServed(const TlsTry& what);

// Sends bytes without TLS and returns what came back until the server closed.
std::string SendPlain(const std::string& address, const std::string& bytes);

// The preface of HTTP/2 with empty SETTINGS.
std::string Http2Preface();

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_INTEGRATION_TLS_CLIENT_H_

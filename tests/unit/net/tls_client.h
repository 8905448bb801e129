#pragma once
// A stranger with OpenSSL: connects to a peer listener with whatever certificate, key and TLS
// version a test wants, also such that gRPC's own client would refuse to use.

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace peerpay::net {

struct TlsAttempt {
  std::string certificate_pem;  // empty: shows none
  std::string key_pem;
  int version = 0;  // TLS1_2_VERSION or TLS1_3_VERSION: exactly this one
  std::string server_name = "node";
  bool with_alpn = true;
};

enum class TlsOutcome {
  kRefused,   // before the server said its first word of HTTP/2
  kAccepted,  // the server sent its HTTP/2 settings
};

[[nodiscard]] TlsOutcome attempt_tls(std::uint16_t port, const TlsAttempt& attempt);

// A private key that claims to belong to the certificate's public key, and does not: what someone
// can make who has seen a member's certificate.
[[nodiscard]] std::string forged_key_pem(const std::string& certificate_pem);

// The first bytes that a listener answers to `bytes` sent without TLS; empty when it hangs up.
[[nodiscard]] std::string attempt_plaintext(std::uint16_t port, const std::string& bytes);

}  // namespace peerpay::net

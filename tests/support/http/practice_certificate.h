#pragma once
// A self-signed certificate, which is its own authority.

#include <string>

namespace peerpay::test {

struct PracticeCertificate {
  std::string certificate_file;
  std::string key_file;
};
// `subject_alternative_name`: as OpenSSL writes it, "DNS:localhost,IP:127.0.0.1". Writes two files
// into `folder`, NAME.pem and NAME.key.
[[nodiscard]] PracticeCertificate make_certificate(const std::string& folder,
                                                   const std::string& name,
                                                   const std::string& subject_alternative_name);

}  // namespace peerpay::test

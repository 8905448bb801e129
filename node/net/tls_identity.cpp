#include "node/net/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <limits>
#include <memory>
#include <optional>

#include "base/check.h"
#include "crypto/hash.h"

namespace peerpay::net {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

constexpr long kValiditySeconds = 100L * 365 * 24 * 60 * 60;
constexpr const char* kNodeName = "node";

// Leaves no error behind in OpenSSL's per-thread queue, where gRPC would find and log it.
struct ErrorQueueCleaner {
  ErrorQueueCleaner() = default;
  ErrorQueueCleaner(const ErrorQueueCleaner&) = delete;
  ErrorQueueCleaner& operator=(const ErrorQueueCleaner&) = delete;
  ~ErrorQueueCleaner() { ERR_clear_error(); }
};

Bio read_only(base::ByteView bytes) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
  return Bio{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
}

Certificate read_certificate(std::string_view pem) {
  const Bio in = read_only(base::as_bytes(pem));
  if (!in) return nullptr;
  return Certificate{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
}

// An encrypted key must fail, never ask for its pass phrase on the terminal.
int refuse_pass_phrase(char*, int, int, void*) { return -1; }

Key read_key(base::ByteView pem) {
  const Bio in = read_only(pem);
  if (!in) return nullptr;
  return Key{PEM_read_bio_PrivateKey(in.get(), nullptr, refuse_pass_phrase, nullptr)};
}

bool is_p256(const EVP_PKEY& key) {
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(&key, group.data(), group.size(), &length) != 1) return false;
  return std::string_view{group.data(), length} == "prime256v1";
}

base::ByteView memory(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return base::as_bytes({data, static_cast<std::size_t>(size)});
}

bool set_serial(X509& certificate) {
  std::array<std::uint8_t, 16> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return false;
  random[0] = static_cast<std::uint8_t>((random[0] & 0x7f) | 0x40);  // positive, full length
  const std::unique_ptr<BIGNUM, Release<BN_free>> number{
      BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr)};
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_names(X509& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const auto* common_name = reinterpret_cast<const unsigned char*>(kNodeName);
  if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common_name, -1, -1, 0) != 1) {
    return false;
  }
  if (X509_set_issuer_name(&certificate, subject) != 1) return false;
  const std::string alternative = std::string{"DNS:"} + kNodeName;
  const Extension extension{
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str())};
  return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

// Self-signed: proves nothing that the pin does not prove, but TLS wants a certificate.
Certificate certify(EVP_PKEY& key) {
  Certificate certificate{X509_new()};
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1) return nullptr;
  if (!set_serial(*certificate) || !set_names(*certificate)) return nullptr;
  // A day in the past, for members whose clocks are behind.
  if (X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24L * 60 * 60) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValiditySeconds) == nullptr) {
    return nullptr;
  }
  if (X509_set_pubkey(certificate.get(), &key) != 1) return nullptr;
  if (X509_sign(certificate.get(), &key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

std::optional<ledger::TlsPin> pin_of(X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &der);
  if (size <= 0) return std::nullopt;
  const auto hash = crypto::sha256({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return ledger::TlsPin{hash.bytes};
}

}  // namespace

std::string_view sentence(TlsIdentityError error) {
  switch (error) {
    case TlsIdentityError::kCertificateUnreadable:
      return "The TLS certificate is not a PEM certificate.";
    case TlsIdentityError::kKeyUnreadable:
      return "The TLS key is not an unencrypted PEM private key.";
    case TlsIdentityError::kKeyMismatch:
      return "The TLS certificate does not belong to the TLS key.";
    case TlsIdentityError::kKeyUnsupported:
      return "The TLS key is not an ECDSA key on the P-256 curve.";
    case TlsIdentityError::kLibraryFailure:
      return "OpenSSL could not create a key and a certificate.";
  }
  PEERPAY_UNREACHABLE("every TlsIdentityError is named above");
}

base::Expected<TlsIdentity, TlsIdentityError> create_tls_identity() {
  const ErrorQueueCleaner cleaner;
  const base::Unexpected failure{TlsIdentityError::kLibraryFailure};
  const Key key{EVP_EC_gen("P-256")};
  if (!key) return failure;
  const Certificate certificate = certify(*key);
  if (!certificate) return failure;

  const Bio certificate_out{BIO_new(BIO_s_mem())};
  const Bio key_out{BIO_new(BIO_s_secmem())};
  if (!certificate_out || !key_out) return failure;
  if (PEM_write_bio_X509(certificate_out.get(), certificate.get()) != 1) return failure;
  if (PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return failure;
  }
  const auto key_pem = memory(*key_out);
  return TlsIdentity{base::to_text(memory(*certificate_out)),
                     crypto::SecretBytes{base::Bytes{key_pem.begin(), key_pem.end()}}};
}

base::Expected<ledger::TlsPin, TlsIdentityError> tls_pin(std::string_view certificate_pem) {
  const ErrorQueueCleaner cleaner;
  const Certificate certificate = read_certificate(certificate_pem);
  if (!certificate) return base::Unexpected{TlsIdentityError::kCertificateUnreadable};
  const auto pin = pin_of(*certificate);
  if (!pin) return base::Unexpected{TlsIdentityError::kCertificateUnreadable};
  return *pin;
}

base::Expected<void, TlsIdentityError> check_key_pair(std::string_view certificate_pem,
                                                      base::ByteView key_pem) {
  const ErrorQueueCleaner cleaner;
  const Certificate certificate = read_certificate(certificate_pem);
  if (!certificate) return base::Unexpected{TlsIdentityError::kCertificateUnreadable};
  const Key key = read_key(key_pem);
  if (!key) return base::Unexpected{TlsIdentityError::kKeyUnreadable};
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return base::Unexpected{TlsIdentityError::kKeyMismatch};
  }
  return {};
}

base::Expected<ledger::TlsPin, TlsIdentityError> check_tls_identity(const TlsIdentity& identity) {
  const ErrorQueueCleaner cleaner;
  const Certificate certificate = read_certificate(identity.certificate_pem);
  if (!certificate) return base::Unexpected{TlsIdentityError::kCertificateUnreadable};
  const Key key = read_key(identity.key_pem.view());
  if (!key) return base::Unexpected{TlsIdentityError::kKeyUnreadable};
  // A 1.3-only handshake depends on the key type (grpc_process.h).
  if (!is_p256(*key)) return base::Unexpected{TlsIdentityError::kKeyUnsupported};
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return base::Unexpected{TlsIdentityError::kKeyMismatch};
  }
  const auto pin = pin_of(*certificate);
  if (!pin) return base::Unexpected{TlsIdentityError::kCertificateUnreadable};
  return *pin;
}

}  // namespace peerpay::net

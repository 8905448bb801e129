#pragma once
// The TLS identity of a node: a self-signed certificate that nobody vouches for, and its key. What
// the others trust is the pin: the SHA-256 of the certificate's public key, which the genesis names
// and the validator key signs. Names and dates in a certificate mean nothing here.
//
// All functions may be called from any thread. OpenSSL is behind this header.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"
#include "crypto/keys.h"
#include "ledger/genesis.h"

namespace peerpay::net {

struct TlsIdentity {
  std::string certificate_pem;
  crypto::SecretBytes key_pem;  // PKCS #8, not encrypted: the file's permissions protect it
};

enum class TlsIdentityError : std::uint8_t {
  kCertificateUnreadable = 1,
  kKeyUnreadable,
  kKeyMismatch,     // the certificate belongs to another key
  kKeyUnsupported,  // not a key on the P-256 curve
  kLibraryFailure,  // OpenSSL could not make what was asked: no randomness, no memory
};
// One clear sentence for the operator.
[[nodiscard]] std::string_view sentence(TlsIdentityError error);

// A new ECDSA P-256 key and a certificate for it: subject and DNS name "node" (every dialler
// expects that name, so none of them tells an eavesdropper which member it calls), valid for a
// hundred years (expiry is not what ends a pin's trust).
[[nodiscard]] base::Expected<TlsIdentity, TlsIdentityError> create_tls_identity();

// The pin of a certificate: SHA-256 of its DER SubjectPublicKeyInfo (RFC 7469 section 2.4).
[[nodiscard]] base::Expected<ledger::TlsPin, TlsIdentityError> tls_pin(
    std::string_view certificate_pem);

// The pin of an identity whose key and certificate were proved to belong together. gRPC does not
// check this: it listens with a mismatched pair, and every handshake fails.
[[nodiscard]] base::Expected<ledger::TlsPin, TlsIdentityError> check_tls_identity(
    const TlsIdentity& identity);

// That both can be read and belong together, whatever kind of key it is: the first certificate of a
// chain.
[[nodiscard]] base::Expected<void, TlsIdentityError> check_key_pair(
    std::string_view certificate_pem, base::ByteView key_pem);

}  // namespace peerpay::net

#include "node/net/tls_identity.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace peerpay::net {
namespace {

TlsIdentity create() {
  auto identity = create_tls_identity();
  EXPECT_TRUE(identity.has_value());
  return *std::move(identity);
}

TEST(TlsIdentity, IsANewOneEachTime) {
  const auto a = create();
  const auto b = create();
  const auto a_pin = check_tls_identity(a);
  const auto b_pin = check_tls_identity(b);
  ASSERT_TRUE(a_pin && b_pin);
  EXPECT_NE(*a_pin, *b_pin);
  EXPECT_EQ(*tls_pin(a.certificate_pem), *a_pin);
}

TEST(TlsIdentity, CertificateNamesNodeAndLivesLong) {
  const auto identity = create();
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in{
      BIO_new_mem_buf(identity.certificate_pem.data(),
                      static_cast<int>(identity.certificate_pem.size())),
      BIO_free_all};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(X509_check_host(certificate.get(), "node", 0, 0, nullptr), 1);
  int days = 0;
  int seconds = 0;
  ASSERT_EQ(ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())), 1);
  EXPECT_GT(days, 99 * 365);
}

// The pin is what `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum`
// prints.
TEST(TlsIdentity, PinIsTheHashOfTheSubjectPublicKeyInfo) {
  constexpr std::string_view kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBgjCCASmgAwIBAgIUTrUlCcKEplWIG2hblm9tqx59TNQwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLdGVzdC12ZWN0b3IwIBcNMjYxMTIyMDQxODA4WhgPMjEyNjEw
MjkwNDE4MDhaMBYxFDASBgNVBAMMC3Rlc3QtdmVjdG9yMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAE9e/ESS5rj7UOZnzKcpcWQV6nSL5DHz4mrJRKr/XpLajc6r3s
FKl2HyQb73rjWBejtlgtm35PVABEQ1ORFQTUjKNTMFEwHQYDVR0OBBYEFJLfecER
RtcNl2QpTCs5XnzGRc0SMB8GA1UdIwQYMBaAFJLfecERRtcNl2QpTCs5XnzGRc0S
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgZ7goACWUSiuOQKAD
AGJxNVjX/4k2cZbwzs/BRWVu5ogCIFp3PjgROIY1NFm5KOkACnlkMIb0Y1/4iroJ
aMrX/j5p
-----END CERTIFICATE-----
)";
  const auto pin = tls_pin(kCertificate);
  ASSERT_TRUE(pin.has_value());
  EXPECT_EQ(base::to_hex(pin->view()),
            "6bd961aa05fb71d26aaa4cd72307392922deb5f13e8f0e75db9faf8e8b2d2bfa");
}

TEST(TlsIdentity, RefusesWhatIsNotACertificate) {
  for (const std::string text : {"", "text",
                                 "-----BEGIN CERTIFICATE-----\nAAAA\n"
                                 "-----END CERTIFICATE-----\n"}) {
    const auto pin = tls_pin(text);
    ASSERT_FALSE(pin.has_value());
    EXPECT_EQ(pin.error(), TlsIdentityError::kCertificateUnreadable);
  }
}

TEST(TlsIdentity, RefusesAKeyThatIsNotTheCertificates) {
  auto identity = create();
  identity.key_pem = create().key_pem;
  const auto pin = check_tls_identity(identity);
  ASSERT_FALSE(pin.has_value());
  EXPECT_EQ(pin.error(), TlsIdentityError::kKeyMismatch);
}

TEST(TlsIdentity, RefusesAKeyItCannotRead) {
  auto identity = create();
  identity.key_pem = {};
  EXPECT_EQ(check_tls_identity(identity).error(), TlsIdentityError::kKeyUnreadable);
}

TEST(TlsIdentity, RefusesAKeyOfAnotherKind) {
  auto identity = create();
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-384"), EVP_PKEY_free};
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> out{BIO_new(BIO_s_mem()), BIO_free_all};
  ASSERT_EQ(
      PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
      1);
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &data));
  identity.key_pem = crypto::SecretBytes{base::Bytes(data, data + size)};
  EXPECT_EQ(check_tls_identity(identity).error(), TlsIdentityError::kKeyUnsupported);
}

}  // namespace
}  // namespace peerpay::net

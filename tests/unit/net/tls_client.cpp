#include "tests/unit/net/tls_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace peerpay::net {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
template <class T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;
using Bio = Owned<BIO, BIO_free_all>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Owned<X509, X509_free>;
using Context = Owned<SSL_CTX, SSL_CTX_free>;
using Session = Owned<SSL, SSL_free>;

// The connection preface of RFC 9113 section 3.4 and an empty SETTINGS frame.
constexpr std::string_view kHttp2Preface{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33};
constexpr unsigned char kAlpn[] = {2, 'h', '2'};

class Socket {
 public:
  explicit Socket(std::uint16_t port) : number_{::socket(AF_INET, SOCK_STREAM, 0)} {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(number_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(number_); }
  int number() const { return number_; }

 private:
  int number_;
};

Bio read_only(const std::string& text) {
  return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

Certificate read_certificate(const std::string& pem) {
  return Certificate{PEM_read_bio_X509(read_only(pem).get(), nullptr, nullptr, nullptr)};
}

// Setting the key after the certificate makes OpenSSL compare their public points only: a forged
// key passes.
void show_certificate(SSL& session, const TlsAttempt& attempt) {
  if (attempt.certificate_pem.empty()) return;
  const auto certificate = read_certificate(attempt.certificate_pem);
  const Key key{
      PEM_read_bio_PrivateKey(read_only(attempt.key_pem).get(), nullptr, nullptr, nullptr)};
  EXPECT_EQ(SSL_use_certificate(&session, certificate.get()), 1);
  EXPECT_EQ(SSL_use_PrivateKey(&session, key.get()), 1);
}

}  // namespace

TlsOutcome attempt_tls(std::uint16_t port, const TlsAttempt& attempt) {
  const Context context{SSL_CTX_new(TLS_client_method())};
  SSL_CTX_set_min_proto_version(context.get(), attempt.version);
  SSL_CTX_set_max_proto_version(context.get(), attempt.version);
  const Session session{SSL_new(context.get())};
  show_certificate(*session, attempt);
  SSL_set_tlsext_host_name(session.get(), attempt.server_name.c_str());
  if (attempt.with_alpn) SSL_set_alpn_protos(session.get(), kAlpn, sizeof kAlpn);
  const Socket socket{port};
  SSL_set_fd(session.get(), socket.number());

  std::array<char, 64> answer{};
  const bool answered =
      SSL_connect(session.get()) == 1 &&
      SSL_write(session.get(), kHttp2Preface.data(), static_cast<int>(kHttp2Preface.size())) > 0 &&
      SSL_read(session.get(), answer.data(), static_cast<int>(answer.size())) > 0;
  ERR_clear_error();
  return answered ? TlsOutcome::kAccepted : TlsOutcome::kRefused;
}

std::string forged_key_pem(const std::string& certificate_pem) {
  const auto certificate = read_certificate(certificate_pem);
  EVP_PKEY* public_key = X509_get0_pubkey(certificate.get());
  std::array<unsigned char, 65> point{};
  std::size_t point_size = 0;
  EXPECT_EQ(EVP_PKEY_get_octet_string_param(public_key, OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size(), &point_size),
            1);
  const Owned<BIGNUM, BN_free> scalar{BN_new()};
  BN_set_word(scalar.get(), 12'345);

  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point_size);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters{OSSL_PARAM_BLD_to_param(builder.get())};
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> maker{
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* made = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata_init(maker.get()), 1);
  EXPECT_EQ(EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_KEYPAIR, parameters.get()), 1);
  const Key key{made};

  const Bio out{BIO_new(BIO_s_mem())};
  EXPECT_EQ(PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string attempt_plaintext(std::uint16_t port, const std::string& bytes) {
  const Socket socket{port};
  EXPECT_EQ(::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
  std::array<char, 256> answer{};
  const ssize_t size = ::recv(socket.number(), answer.data(), answer.size(), 0);
  return {answer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace peerpay::net

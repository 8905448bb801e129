#include "node/net/pinned_tls.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace peerpay::net {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::IdentityKeyCertPair;
using grpc::experimental::StaticDataCertificateProvider;
using grpc::experimental::TlsCustomVerificationCheckRequest;

// Runs for each handshake, resumed ones included, on any thread. TLS itself proves that the peer
// holds the certificate's key; this decides whether the key is one of ours. Pins are public: no
// constant time needed.
class PinVerifier : public ExternalCertificateVerifier {
 public:
  PinVerifier(std::vector<ledger::TlsPin> pins, std::shared_ptr<PeerCounters> counters)
      : pins_{std::move(pins)}, counters_{std::move(counters)} {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* result) override {
    const auto certificate = request->peer_cert();
    const auto pin = tls_pin({certificate.data(), certificate.size()});
    if (!pin || std::find(pins_.begin(), pins_.end(), *pin) == pins_.end()) {
      count(counters_->handshakes_refused);
      *result = {grpc::StatusCode::UNAUTHENTICATED, "peer key not pinned"};
    }
    return true;  // decided, synchronously
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::vector<ledger::TlsPin> pins_;
  const std::shared_ptr<PeerCounters> counters_;
};

std::vector<IdentityKeyCertPair> key_and_certificate(const TlsIdentity& identity) {
  return {{base::to_text(identity.key_pem.view()), identity.certificate_pem}};
}

}  // namespace

// In both functions the options object is used for exactly one credentials object: gRPC 1.51 hands
// it over by reference, a second use would be a use after free.

std::shared_ptr<grpc::ServerCredentials> pinned_server_credentials(
    const TlsIdentity& identity, std::vector<ledger::TlsPin> pins,
    std::shared_ptr<PeerCounters> counters) {
  grpc::experimental::TlsServerCredentialsOptions options{
      std::make_shared<StaticDataCertificateProvider>(key_and_certificate(identity))};
  options.watch_identity_key_cert_pairs();
  // Ask for a certificate and let the verifier alone judge it: no authority has signed it.
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<PinVerifier>(std::move(pins), std::move(counters)));
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> pinned_channel_credentials(
    const TlsIdentity& identity, const ledger::TlsPin& pin,
    std::shared_ptr<PeerCounters> counters) {
  // Without a root of any kind gRPC would load the system's authorities, and fail where there are
  // none: the own certificate stands in, and nothing is checked against it.
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<StaticDataCertificateProvider>(
      identity.certificate_pem, key_and_certificate(identity)));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(ExternalCertificateVerifier::Create<PinVerifier>(
      std::vector<ledger::TlsPin>{pin}, std::move(counters)));
  return grpc::experimental::TlsCredentials(options);
}

std::optional<ledger::TlsPin> authenticated_pin(const grpc::AuthContext& context) {
  const auto certificates = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (certificates.size() != 1) return std::nullopt;
  const auto pin = tls_pin({certificates[0].data(), certificates[0].size()});
  if (!pin) return std::nullopt;
  return *pin;
}

}  // namespace peerpay::net

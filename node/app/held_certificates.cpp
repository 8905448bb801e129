#include "node/app/held_certificates.h"

namespace peerpay::app {

HeldCertificates::HeldCertificates(const consensus::Context& context,
                                   std::optional<consensus::ValidatorIndex> self,
                                   std::size_t generation_max)
    : context_{context}, self_{self}, held_{generation_max}, held_naming_us_{generation_max} {}

void HeldCertificates::held(const consensus::Certificate& certificate) {
  const auto subject = consensus::signing_message(context_, certificate.subject);
  held_.insert(subject);
  if (names_us(certificate)) held_naming_us_.insert(subject);
}

bool HeldCertificates::covers(const consensus::Certificate& copy) const {
  const auto subject = consensus::signing_message(context_, copy.subject);
  return names_us(copy) ? held_naming_us_.contains(subject) : held_.contains(subject);
}

bool HeldCertificates::names_us(const consensus::Certificate& certificate) const {
  return self_ && consensus::is_signed_by(certificate, *self_);
}

}  // namespace peerpay::app

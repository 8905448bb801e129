#pragma once
// Safety records for tests: small, distinct, and one of each kind.

#include <vector>

#include "consensus/effects.h"

namespace peerpay::storage::test {

inline consensus::Proposal proposal(std::uint64_t view, std::uint8_t mark = 1) {
  consensus::Proposal out{consensus::View{view}, consensus::View{view - 1}, {}};
  out.digest.bytes.fill(mark);
  return out;
}
inline consensus::SafetyRecord notarize(std::uint64_t view, std::uint8_t mark = 1) {
  return consensus::OwnVote{consensus::Subject::notarize(proposal(view, mark))};
}
inline consensus::SafetyRecord finalize(std::uint64_t view, std::uint8_t mark = 1) {
  return consensus::OwnVote{consensus::Subject::finalize(proposal(view, mark))};
}
inline consensus::SafetyRecord nullify(std::uint64_t view) {
  return consensus::OwnVote{consensus::Subject::nullify(consensus::View{view})};
}
inline consensus::SafetyRecord verdict(std::uint64_t view, bool certified = true) {
  return consensus::CertifyVerdict{proposal(view), certified};
}
// A certificate of `signers` validators: 64 bytes each, so 8 of them take more than one sector.
inline consensus::Certificate certificate(const consensus::Subject& subject,
                                          std::uint8_t signers = 3) {
  consensus::Certificate out{subject, std::vector<std::uint8_t>((signers + 7U) / 8U), {}};
  for (std::uint8_t i = 0; i < signers; ++i) {
    out.signers[i / 8] = static_cast<std::uint8_t>(out.signers[i / 8] | (1U << (i % 8)));
    crypto::Signature signature;
    signature.bytes.fill(static_cast<std::uint8_t>(i + 1));
    out.signatures.push_back(signature);
  }
  return out;
}
inline consensus::SafetyRecord notarization(std::uint64_t view, std::uint8_t signers = 3) {
  return consensus::HeldCertificate{
      certificate(consensus::Subject::notarize(proposal(view)), signers)};
}
inline consensus::SafetyRecord finalization(std::uint64_t view, std::uint8_t signers = 3) {
  return consensus::HeldCertificate{
      certificate(consensus::Subject::finalize(proposal(view)), signers)};
}

}  // namespace peerpay::storage::test

// Votes, certificates, repair requests and journal records: canonical bytes; only well-formed
// subjects decode; no signatures that nobody made are a quorum.

#include <bit>

#include "consensus/effects.h"
#include "consensus/messages.h"
#include "consensus/safety.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::consensus;

const ValidatorSet& validators() {
  static const ValidatorSet kSet = [] {
    std::vector<crypto::PublicKey> keys(4);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      keys[i].bytes[31] = static_cast<std::uint8_t>(i + 1);
    }
    return ValidatorSet{keys};
  }();
  return kSet;
}

void check_certificate(const Certificate& certificate) {
  PEERPAY_CHECK(is_well_formed(certificate.subject), "only well-formed subjects decode");
  std::size_t signers = 0;
  for (const auto byte : certificate.signers) {
    signers += static_cast<std::size_t>(std::popcount(byte));
  }
  PEERPAY_CHECK(signers == certificate.signatures.size(), "a signature for each signer");
  // Nobody knows the secret keys of 1 to 4 as x coordinates.
  PEERPAY_CHECK(!verify_certificate({}, validators(), certificate), "nobody signed it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView in{data, size};
  if (fuzz::check_canonical(in, decode_vote)) {
    const auto vote = decode_vote(in);
    PEERPAY_CHECK(is_well_formed(vote->subject), "only well-formed subjects decode");
    PEERPAY_CHECK(!verify_vote({}, validators(), *vote), "nobody signed it");
    PEERPAY_CHECK(!exclude_each_other(vote->subject, vote->subject), "a vote suits itself");
  }
  if (fuzz::check_canonical(in, decode_certificate)) check_certificate(*decode_certificate(in));
  fuzz::check_canonical(in, decode_repair_request);
  if (fuzz::check_canonical(in, decode_safety_record)) (void)view_of(*decode_safety_record(in));
  return 0;
}

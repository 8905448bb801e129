#include "wallet/verify/finalization.h"

#include <utility>
#include <vector>

#include "consensus/messages.h"
#include "consensus/types.h"

namespace peerpay::wallet {
namespace {

consensus::ValidatorSet validators_of(const ledger::Genesis& genesis) {
  std::vector<crypto::PublicKey> keys;
  keys.reserve(genesis.validators.size());
  for (const auto& validator : genesis.validators) keys.push_back(validator.key);
  return consensus::ValidatorSet{std::move(keys)};
}

}  // namespace

struct FinalizationCheck::Validators {
  consensus::Context context;
  consensus::ValidatorSet set;
};

FinalizationCheck::FinalizationCheck(const ledger::Genesis& genesis, const ledger::ChainId& chain)
    : validators_{std::make_unique<Validators>(
          Validators{{.network = {chain.bytes}, .epoch = 0}, validators_of(genesis)})} {}
FinalizationCheck::~FinalizationCheck() = default;
FinalizationCheck::FinalizationCheck(FinalizationCheck&&) noexcept = default;
FinalizationCheck& FinalizationCheck::operator=(FinalizationCheck&&) noexcept = default;

base::Expected<std::size_t, std::string_view> FinalizationCheck::signers(
    const ledger::BlockHash& block, base::ByteView certificate) const {
  using base::Unexpected;
  const auto decoded = consensus::decode_certificate(certificate);
  if (!decoded) return Unexpected{std::string_view{"Its certificate can't be read."}};
  const auto& subject = decoded->subject;
  if (subject.kind != consensus::VoteKind::kFinalize ||
      subject.proposal.digest.bytes != block.bytes) {
    return Unexpected{std::string_view{"Its certificate does not finalize its block."}};
  }
  if (!consensus::verify_certificate(validators_->context, validators_->set, *decoded)) {
    return Unexpected{
        std::string_view{"Too few of the network's validators have signed its certificate."}};
  }
  return decoded->signatures.size();
}

}  // namespace peerpay::wallet

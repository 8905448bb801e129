#include "wallet/cli/finalization_check.h"

#include <utility>
#include <vector>

#include "consensus/messages.h"
#include "consensus/types.h"

namespace peerpay::wallet::cli {
namespace {

consensus::ValidatorSet validators_of(const ledger::Genesis& genesis) {
  std::vector<crypto::PublicKey> keys;
  keys.reserve(genesis.validators.size());
  for (const auto& validator : genesis.validators) keys.push_back(validator.key);
  return consensus::ValidatorSet{std::move(keys)};
}

}  // namespace

base::Expected<std::size_t, std::string_view> check_finalization(const Network& network,
                                                                 const ledger::BlockHash& block,
                                                                 base::ByteView certificate) {
  using base::Unexpected;
  const auto decoded = consensus::decode_certificate(certificate);
  if (!decoded) return Unexpected{std::string_view{"Its certificate can't be read."}};
  const auto& subject = decoded->subject;
  if (subject.kind != consensus::VoteKind::kFinalize ||
      subject.proposal.digest.bytes != block.bytes) {
    return Unexpected{std::string_view{"Its certificate does not finalize its block."}};
  }
  const consensus::Context context{.network = {network.chain.bytes}, .epoch = 0};
  if (!consensus::verify_certificate(context, validators_of(network.genesis), *decoded)) {
    return Unexpected{
        std::string_view{"Too few of the network's validators have signed its certificate."}};
  }
  return decoded->signatures.size();
}

}  // namespace peerpay::wallet::cli

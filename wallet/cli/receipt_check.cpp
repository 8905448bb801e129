#include "wallet/cli/receipt_check.h"

#include "consensus/messages.h"
#include "consensus/types.h"

namespace peerpay::wallet::cli {
namespace {

base::Unexpected<Failure> invalid(std::string_view reason) {
  return fail(ExitCode::kError, "receipt_invalid",
              "This is no proof of payment on this network: " + std::string{reason});
}

consensus::ValidatorSet validators_of(const ledger::Genesis& genesis) {
  std::vector<crypto::PublicKey> keys;
  keys.reserve(genesis.validators.size());
  for (const auto& validator : genesis.validators) keys.push_back(validator.key);
  return consensus::ValidatorSet{std::move(keys)};
}

}  // namespace

Result<CheckedReceipt> check_whole_receipt(const Network& network, base::ByteView bytes) {
  auto receipt = ledger::decode_receipt(bytes);
  if (!receipt) return invalid(base::sentence(receipt.error()));
  const auto finalized = ledger::check_receipt(network.chain, *receipt);
  if (!finalized) return invalid(ledger::sentence(finalized.error()));
  if (receipt->outcome.result != ledger::TransactionResult::kApplied) {
    return invalid("The transaction was not applied.");
  }
  const auto certificate = consensus::decode_certificate(receipt->certificate);
  if (!certificate) return invalid("Its certificate can't be read.");
  const auto& subject = certificate->subject;
  if (subject.kind != consensus::VoteKind::kFinalize ||
      subject.proposal.digest.bytes != finalized->bytes) {
    return invalid("Its certificate does not finalize the payment's block.");
  }
  const consensus::Context context{.network = {network.chain.bytes}, .epoch = 0};
  if (!consensus::verify_certificate(context, validators_of(network.genesis), *certificate)) {
    return invalid("Too few of the network's validators have signed its certificate.");
  }
  const auto id = receipt->outcome.id;
  return CheckedReceipt{*std::move(receipt), id, certificate->signatures.size()};
}

}  // namespace peerpay::wallet::cli

#include "wallet/cli/receipt_check.h"

#include "wallet/verify/finalization.h"

namespace peerpay::wallet::cli {
namespace {

base::Unexpected<Failure> invalid(std::string_view reason) {
  return fail(ExitCode::kError, "receipt_invalid",
              "This is no proof of payment on this network: " + std::string{reason});
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
  const auto signers =
      FinalizationCheck{network.genesis, network.chain}.signers(*finalized, receipt->certificate);
  if (!signers) return invalid(signers.error());
  const auto id = receipt->outcome.id;
  return CheckedReceipt{*std::move(receipt), id, *signers};
}

}  // namespace peerpay::wallet::cli

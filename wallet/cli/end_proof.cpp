#include "wallet/cli/end_proof.h"

#include <string>
#include <utility>

#include "wallet/cli/account_check.h"

namespace peerpay::wallet::cli {
namespace {

using ledger::TransactionResult;

// Up to 3,200 payments; a page of large ones ends sooner, and a node may end it where it likes. The
// one that is looked for is a late one.
constexpr int kHistoryPagesMax = 16;

// The id that the node's history has for the nonce: a hint for where the proof is.
std::optional<ledger::TransactionId> id_with_nonce(NodeClient& node, const Network& network,
                                                   const ledger::Transaction& payment) {
  proto::HistoryQuery query{
      .account = payment.sender, .cursor = {}, .limit = proto::kHistoryLimitMax};
  for (int page = 0; page < kHistoryPagesMax; ++page) {
    const auto answer = node.history(query);
    if (!answer) return std::nullopt;
    for (const auto& entry : answer->entries) {
      const auto sealed = ledger::seal(network.chain, entry.transaction);
      if (!sealed) continue;
      const auto& body = sealed->transaction.body;
      if (body.sender == payment.sender && body.nonce == payment.nonce) return sealed->id;
    }
    if (answer->next_cursor.empty()) return std::nullopt;
    query.cursor = answer->next_cursor;
  }
  return std::nullopt;
}

std::optional<CheckedReceipt> find_nonce_user(NodeClient& node, const Network& network,
                                              const ledger::Transaction& payment) {
  const auto id = id_with_nonce(node, network, payment);
  if (!id) return std::nullopt;
  const auto bytes = node.receipt(*id);
  if (!bytes) return std::nullopt;
  auto receipt = check_whole_receipt(network, *bytes);
  if (!receipt || receipt->id != *id) return std::nullopt;
  return *std::move(receipt);
}

}  // namespace

bool is_nonce_gone(TransactionResult result) {
  return result == TransactionResult::kNonceUsed || result == TransactionResult::kNonceTooOld;
}

std::optional<ProvedEnd> prove_end(NodeClient& node, const Network& network,
                                   const ledger::SealedTransaction& payment) {
  const auto& body = payment.transaction.body;
  const auto snapshot = node.account({.account = body.sender, .with_proof = true});
  if (!snapshot || !snapshot->proof) return std::nullopt;
  const auto account = check_account(network, body.sender, *snapshot->proof);
  if (!account) return std::nullopt;
  if (is_nonce_gone(account->nonces.check(body.nonce))) {
    auto user = find_nonce_user(node, network, body);
    if (!user) return std::nullopt;
    return ProvedEnd{std::move(user)};
  }
  // No later block can hold it (spec: ledger L24), and none before did.
  if (account->timestamp > body.valid_until) return ProvedEnd{};
  return std::nullopt;
}

}  // namespace peerpay::wallet::cli

#include "wallet/cli/end_proof.h"

#include <string>
#include <string_view>
#include <utility>

#include "wallet/cli/account_check.h"

namespace peerpay::wallet::cli {
namespace {

using ledger::TransactionResult;

// Up to 3,200 payments; a page of large ones ends sooner, and a node may end it where it likes. The
// one that is looked for is a late one; when others have paid that much to the account since, what
// the wallet itself knows has to do.
constexpr int kHistoryPagesMax = 16;

base::Unexpected<NodeError> unproved(std::string_view what) {
  return base::Unexpected{NodeError{NodeFault::kMalformed, "proof_missing",
                                    "The node does not prove " + std::string{what} + "."}};
}

// The id that the node's history has for the nonce: a hint for where the proof is.
Answer<ledger::TransactionId> id_with_nonce(NodeClient& node, const Network& network,
                                            const ledger::Transaction& payment) {
  proto::HistoryQuery query{
      .account = payment.sender, .cursor = {}, .limit = proto::kHistoryLimitMax};
  for (int page = 0; page < kHistoryPagesMax; ++page) {
    const auto answer = node.history(query);
    if (!answer) return base::Unexpected{answer.error()};
    for (const auto& entry : answer->entries) {
      const auto sealed = ledger::seal(network.chain, entry.transaction);
      if (!sealed) continue;
      const auto& body = sealed->transaction.body;
      if (body.sender == payment.sender && body.nonce == payment.nonce) return sealed->id;
    }
    if (answer->next_cursor.empty()) break;
    query.cursor = answer->next_cursor;
  }
  return unproved("which payment used the nonce");
}

Answer<CheckedReceipt> find_nonce_user(NodeClient& node, const Network& network,
                                       const ledger::Transaction& payment,
                                       const KnownUser& known_user) {
  auto id = id_with_nonce(node, network, payment);
  if (!id && id.error().fault == NodeFault::kMalformed) {
    if (const auto known = known_user()) id = *known;
  }
  if (!id) return base::Unexpected{id.error()};
  const auto bytes = node.receipt(*id);
  if (!bytes) return base::Unexpected{bytes.error()};
  auto receipt = check_whole_receipt(network, *bytes);
  if (!receipt || receipt->id != *id) return unproved("which payment used the nonce");
  return *std::move(receipt);
}

}  // namespace

bool is_nonce_gone(TransactionResult result) {
  return result == TransactionResult::kNonceUsed || result == TransactionResult::kNonceTooOld;
}

Answer<std::optional<ProvedEnd>> prove_end(NodeClient& node, const Network& network,
                                           const ledger::SealedTransaction& payment,
                                           const KnownUser& known_user) {
  const auto& body = payment.transaction.body;
  const auto snapshot = node.account({.account = body.sender, .with_proof = true});
  if (!snapshot) return base::Unexpected{snapshot.error()};
  if (!snapshot->proof) return unproved("what the account is");
  const auto account = check_account(network, body.sender, *snapshot->proof);
  if (!account) return unproved("what the account is");
  if (is_nonce_gone(account->nonces.check(body.nonce))) {
    auto user = find_nonce_user(node, network, body, known_user);
    if (!user) return base::Unexpected{user.error()};
    return std::optional{ProvedEnd{*std::move(user)}};
  }
  // No later block can hold it (spec: ledger L24), and none before did.
  if (account->timestamp > body.valid_until) return std::optional{ProvedEnd{}};
  return std::optional<ProvedEnd>{};
}

}  // namespace peerpay::wallet::cli

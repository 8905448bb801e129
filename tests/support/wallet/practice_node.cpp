#include "tests/support/wallet/practice_node.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "crypto/signature.h"
#include "ledger/apply.h"
#include "ledger/receipt.h"
#include "ledger/result.h"

namespace peerpay::wallet::test {
namespace {

using ledger::TransactionResult;
using proto::TransactionState;

constexpr std::uint32_t kFirstValidatorKey = 100;  // of test_genesis

proto::TransactionStatus in_state(const ledger::TransactionId& id, TransactionState state) {
  proto::TransactionStatus out;
  out.id = id;
  out.state = state;
  return out;
}

proto::TransactionStatus rejected(const ledger::TransactionId& id, TransactionResult result) {
  auto out = in_state(id, TransactionState::kRejected);
  out.result = result;
  out.code = ledger::code(result);
  out.message = ledger::sentence(result);
  const bool is_never = ledger::result_class(result) == ledger::ResultClass::kNever;
  out.retry = is_never ? proto::Retry::kNever : proto::Retry::kSameBytes;
  return out;
}

proto::TransactionStatus policy(const ledger::TransactionId& id, std::string_view code) {
  auto out = in_state(id, TransactionState::kRejected);
  out.code = code;
  out.message = "Not by this node, not now.";
  out.retry = proto::Retry::kSameBytes;
  return out;
}

proto::TransactionStatus late(const ledger::TransactionId& id) {
  auto out = rejected(id, TransactionResult::kExpired);
  out.retry = proto::Retry::kSameBytes;
  return out;
}

bool concerns(const ledger::Transaction& body, const ledger::AccountId& account) {
  if (body.sender == account) return true;
  return std::any_of(body.operations.begin(), body.operations.end(), [&](const auto& operation) {
    return std::get<ledger::Pay>(operation).payee == account;
  });
}

}  // namespace

base::Bytes certificate_of(const ledger::Genesis& genesis, const ledger::BlockHeader& header,
                           consensus::VoteKind kind) {
  std::vector<crypto::PublicKey> keys;
  for (const auto& validator : genesis.validators) keys.push_back(validator.key);
  const consensus::ValidatorSet validators{keys};
  const consensus::Context context{.network = {header.chain.bytes}, .epoch = 0};
  const consensus::Subject subject{
      kind,
      {.view = {header.view}, .parent = {header.view - 1}, .digest = {block_hash(header).bytes}}};
  std::vector<consensus::Vote> votes;
  for (std::uint32_t i = 0; i < validators.quorum(); ++i) {
    const auto key = ledger::test::test_key(kFirstValidatorKey + i);
    votes.push_back({.subject = subject,
                     .signer = {i},
                     .signature = crypto::sign(key, signing_message(context, subject))});
  }
  return encode(make_certificate(validators, subject, votes));
}

PracticeNode::PracticeNode() = default;

base::UnixMillis PracticeNode::ledger_time() const {
  return time_override_.value_or(world_.tip().timestamp);
}

proto::NodeStatus PracticeNode::status() const {
  proto::NodeStatus out;
  out.version = "practice";
  out.network = genesis().network;
  out.chain = chain();
  out.height = world_.tip().height;
  out.timestamp = ledger_time();
  return out;
}

proto::TransactionStatus PracticeNode::final_status(const Applied& applied) const {
  auto out = in_state(applied.transaction.id, TransactionState::kFinal);
  out.result = TransactionResult::kApplied;
  out.finality = applied.finality;
  out.transaction = applied.transaction.bytes;
  return out;
}

proto::TransactionStatus PracticeNode::apply(const ledger::SealedTransaction& transaction) {
  const auto block = world_.propose({transaction});
  if (block.transactions.empty()) {
    ledger::Overlay overlay{world_.state()};
    const auto refusal = apply_transaction(
        genesis(), {.timestamp = ledger_time(), .fee_account = {}}, transaction, overlay);
    return rejected(transaction.id, refusal.result);
  }
  const auto executed = world_.accept(block);
  PEERPAY_CHECK(executed.has_value(), "a block that was proposed here is accepted here");
  const auto certificate = certificate_of(genesis(), block.header, consensus::VoteKind::kFinalize);
  const auto receipt = ledger::make_receipt({.block = block,
                                             .outcomes = executed->outcomes,
                                             .descendants = {},
                                             .certificate = certificate},
                                            0);
  index_[transaction.id] = applied_.size();
  applied_.push_back({.transaction = transaction,
                      .finality = {.height = block.header.height,
                                   .index = 0,
                                   .block_timestamp = block.header.timestamp,
                                   .fee_charged = executed->outcomes[0].fee_charged,
                                   .fee_asset = executed->outcomes[0].fee_asset},
                      .receipt = encode(receipt)});
  return final_status(applied_.back());
}

proto::TransactionStatus PracticeNode::submit(const base::Bytes& bytes) {
  const auto sealed = ledger::seal(chain(), bytes);
  if (!sealed) return rejected({}, TransactionResult::kMalformed);
  seen_[sealed->id] = bytes;
  if (const auto known = index_.find(sealed->id); known != index_.end() && mood != Mood::kNoIndex) {
    return final_status(applied_[known->second]);
  }
  if (ledger_time() > sealed->transaction.body.valid_until) {
    return in_state(sealed->id, TransactionState::kExpired);
  }
  const auto signatures = verify_signatures(*sealed);
  if (signatures != TransactionResult::kApplied) return rejected(sealed->id, signatures);
  switch (mood) {
    case Mood::kHonest:
    case Mood::kNoIndex: return apply(*sealed);
    case Mood::kHold:
    case Mood::kDisown:
    case Mood::kEvict:
      held_.emplace(sealed->id, *sealed);
      return in_state(sealed->id, TransactionState::kPending);
    case Mood::kForget: return in_state(sealed->id, TransactionState::kUnknown);
    case Mood::kBusy: return policy(sealed->id, "pool_full");
    case Mood::kLate: return late(sealed->id);
    case Mood::kRefuseFunds: return rejected(sealed->id, TransactionResult::kFundsInsufficient);
    case Mood::kRefuseEver: return rejected(sealed->id, TransactionResult::kMalformed);
    case Mood::kSayExpired: return in_state(sealed->id, TransactionState::kExpired);
  }
  PEERPAY_UNREACHABLE("every mood answers");
}

proto::TransactionStatus PracticeNode::transaction(const proto::TransactionQuery& query) const {
  if (const auto known = index_.find(query.id); known != index_.end()) {
    return final_status(applied_[known->second]);
  }
  const bool is_late = query.valid_until && ledger_time() > *query.valid_until;
  if (is_late || mood == Mood::kSayExpired) {
    return in_state(query.id, TransactionState::kExpired);
  }
  const bool is_held = held_.contains(query.id);
  if (is_held && mood == Mood::kDisown) {
    return rejected(query.id, TransactionResult::kFundsInsufficient);
  }
  if (is_held && mood == Mood::kEvict) return policy(query.id, "evicted");
  return in_state(query.id, is_held ? TransactionState::kPending : TransactionState::kUnknown);
}

std::optional<base::Bytes> PracticeNode::receipt(const ledger::TransactionId& id) const {
  const auto known = index_.find(id);
  if (known == index_.end() || !is_giving_receipts) return std::nullopt;
  return applied_[known->second].receipt;
}

proto::AccountProof PracticeNode::prove(const ledger::AccountId& id) const {
  auto header = world_.tip();
  if (time_override_) {
    header.parent = block_hash(world_.tip());
    header.height = header.height.next();
    header.view += 1;
    header.timestamp = *time_override_;
  }
  proto::AccountProof out;
  out.proof = encode(world_.tree().prove(world_.version(), id, world_.state()));
  out.headers = {encode(header)};
  if (header.height.value > 0) {
    out.certificate = certificate_of(genesis(), header, consensus::VoteKind::kFinalize);
  }
  return out;
}

proto::AccountSnapshot PracticeNode::account(const proto::AccountQuery& query) const {
  proto::AccountSnapshot out;
  out.account = query.account;
  out.height = world_.tip().height;
  out.timestamp = ledger_time();
  if (query.with_proof && is_proving) out.proof = prove(query.account);
  const auto* record = world_.state().account(query.account);
  if (record == nullptr) return out;
  out.exists = true;
  out.nonces = record->nonces;
  for (const auto& balance : record->balances()) {
    const auto& asset = *genesis().asset(balance.asset);
    out.balances.push_back({.asset = balance.asset,
                            .asset_code = asset.code,
                            .amount = balance.amount,
                            .text = ledger::format_amount(balance.amount, asset.scale)});
  }
  return out;
}

proto::HistoryPage PracticeNode::history(const ledger::AccountId& account) const {
  proto::HistoryPage out;
  for (const auto& applied : applied_) {
    if (!concerns(applied.transaction.transaction.body, account)) continue;
    out.entries.push_back({.id = applied.transaction.id,
                           .height = applied.finality.height,
                           .index = applied.finality.index,
                           .block_timestamp = applied.finality.block_timestamp,
                           .transaction = applied.transaction.bytes,
                           .fee_charged = applied.finality.fee_charged});
  }
  std::reverse(out.entries.begin(), out.entries.end());
  return out;
}

void PracticeNode::release_held() {
  const auto held = std::exchange(held_, {});
  for (const auto& [id, transaction] : held) (void)apply(transaction);
}

ledger::Amount PracticeNode::balance(const ledger::AccountId& id, ledger::AssetId asset) const {
  const auto* record = world_.state().account(id);
  return record == nullptr ? ledger::Amount{} : record->balance(asset);
}

}  // namespace peerpay::wallet::test

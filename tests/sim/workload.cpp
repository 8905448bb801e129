#include "tests/sim/workload.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace peerpay::sim {

namespace {

// How often each kind is drawn, in hundredths; the rest are plain.
struct Share {
  PaymentKind kind;
  std::uint32_t percent;
};
constexpr Share kShares[] = {
    {PaymentKind::kManyLegs, 9},
    {PaymentKind::kSponsored, 8},
    {PaymentKind::kSponsoredInOtherAsset, 4},
    {PaymentKind::kShortExpiry, 9},
    {PaymentKind::kAlreadyExpired, 1},
    {PaymentKind::kNonceOutOfOrder, 9},
    {PaymentKind::kNonceLeap, 1},
    {PaymentKind::kNonceTooFar, 1},
    {PaymentKind::kConflict, 7},
    {PaymentKind::kTooExpensive, 2},
    {PaymentKind::kMoneyOfOthers, 6},
    {PaymentKind::kToNewAccount, 3},
    {PaymentKind::kToNobody, 1},
    {PaymentKind::kForged, 2},
    {PaymentKind::kFeeTooLow, 1},
    {PaymentKind::kGarbage, 1},
};

constexpr std::uint64_t kValidForMs = 40'000;
constexpr std::uint64_t kFeeMax = 100'000;

// Network between a client and a node.
constexpr DelayOptions kClientDelay{base::microseconds(200), base::milliseconds(2)};

PaymentKind draw_kind(base::Rng& rng) {
  std::uint64_t draw = rng.below(100);
  for (const Share& share : kShares) {
    if (draw < share.percent) return share.kind;
    draw -= share.percent;
  }
  return PaymentKind::kPlain;
}

ledger::Pay& first_leg(ledger::Transaction& body) {
  return std::get<ledger::Pay>(body.operations.front());
}

}  // namespace

std::string_view name(PaymentKind kind) {
  constexpr std::string_view kNames[] = {
      "plain",
      "many legs",
      "sponsored",
      "sponsored in another asset",
      "short expiry",
      "already expired",
      "nonce out of order",
      "nonce leap",
      "nonce too far",
      "conflicting nonce",
      "too expensive",
      "money of others",
      "to a new account",
      "to nobody",
      "forged",
      "fee too low",
      "garbage",
  };
  static_assert(std::size(kNames) == kPaymentKinds);
  return kNames[static_cast<std::size_t>(kind)];
}

Workload::Workload(World& world, Submit submit)
    : world_{world}, submit_{std::move(submit)}, rng_{world.rng.next()}, counts_(kPaymentKinds) {
  for (const crypto::PublicKey& key : world.keyring.accounts())
    accounts_.push_back({ledger::account_of(key), 1, {}});
  for (NodeIndex node; node.value < world.options.validators; node = node.next())
    nodes_.push_back(node);
}

void Workload::start() { generate_later(); }

void Workload::generate_later() {
  if (payments_.size() >= world_.options.workload.transactions_max) return;
  world_.scheduler.after(draw_interval(world_.options.workload.interval_mean, rng_), [this] {
    if (!generating_) return;
    generate();
    generate_later();
  });
}

void Workload::generate() {
  Payment payment = make(draw_kind(rng_));
  const ledger::TransactionId id = payment.sealed.id;
  ++counts_[static_cast<std::size_t>(payment.kind)].submitted;
  if (!payments_.emplace(id, std::move(payment)).second) return;
  send(id);
  retry_later(id);
}

void Workload::wind_down(std::vector<NodeIndex> nodes, std::uint32_t last) {
  nodes_ = std::move(nodes);
  for (std::uint32_t i = 0; i < last; ++i) generate();
  generating_ = false;
}

ledger::AccountId Workload::any_account_but(const ledger::AccountId& id) {
  for (;;) {
    const ledger::AccountId& draw = accounts_[rng_.below(accounts_.size())].id;
    if (draw != id) return draw;
  }
}

ledger::Pay Workload::leg(const ledger::AccountId& sender) {
  ledger::Pay out;
  out.payee = any_account_but(sender);
  if (rng_.chance(1, 4)) out.tag = rng_.next();
  out.asset = {static_cast<std::uint32_t>(rng_.below(2))};
  out.amount = ledger::Amount{rng_.between(1, 3'000)};
  if (rng_.chance(1, 4)) out.reference.assign(rng_.between(1, 32), 0x72);
  if (rng_.chance(1, 8)) out.memo.assign(rng_.between(1, 256), 0x6d);
  return out;
}

std::uint64_t Workload::take_nonce(Account& account) {
  if (!account.nonces_left_out.empty() && rng_.chance(1, 2)) {
    const auto draw = account.nonces_left_out.begin() +
                      static_cast<std::ptrdiff_t>(rng_.below(account.nonces_left_out.size()));
    const std::uint64_t nonce = *draw;
    account.nonces_left_out.erase(draw);
    return nonce;
  }
  return account.nonce_next++;
}

ledger::Transaction Workload::plain(Account& sender) {
  ledger::Transaction out;
  out.sender = sender.id;
  out.nonce = {take_nonce(sender)};
  out.valid_until = {world_.true_time().value + kValidForMs};
  out.fee = {{static_cast<std::uint32_t>(rng_.below(2))}, ledger::Amount{kFeeMax}};
  out.operations = {leg(sender.id)};
  return out;
}

// Turns a plain payment into one of its kind.
void Workload::shape(PaymentKind kind, ledger::Transaction& body, Account& sender) {
  const std::uint64_t now_ms = world_.true_time().value;
  switch (kind) {
    case PaymentKind::kPlain:
    case PaymentKind::kForged:
    case PaymentKind::kGarbage: break;
    case PaymentKind::kManyLegs:
      for (std::uint64_t i = rng_.between(1, 12); i > 0; --i)
        body.operations.push_back(leg(sender.id));
      break;
    case PaymentKind::kSponsored:
    case PaymentKind::kSponsoredInOtherAsset:
      body.sponsor = any_account_but(sender.id);
      body.fee.asset = {kind == PaymentKind::kSponsored ? 0U : 1U};
      break;
    case PaymentKind::kShortExpiry: body.valid_until = {now_ms + rng_.between(20, 2'000)}; break;
    case PaymentKind::kAlreadyExpired: body.valid_until = {now_ms - 10'000}; break;
    case PaymentKind::kNonceOutOfOrder:
      for (std::uint64_t i = rng_.between(1, 5); i > 0; --i)
        sender.nonces_left_out.push_back(sender.nonce_next++);
      body.nonce = {sender.nonce_next++};
      break;
    case PaymentKind::kNonceLeap:
      sender.nonce_next += rng_.between(60, 200);
      body.nonce = {sender.nonce_next++};
      break;
    case PaymentKind::kNonceTooFar: body.nonce = {sender.nonce_next + 1'000'000}; break;
    case PaymentKind::kConflict: body.nonce = {rng_.between(1, sender.nonce_next)}; break;
    case PaymentKind::kTooExpensive:
      first_leg(body).amount = ledger::Amount{1'000'000'000'000};
      break;
    case PaymentKind::kMoneyOfOthers:
      first_leg(body).asset = {0};
      first_leg(body).amount = ledger::Amount{rng_.between(99'000, 120'000)};
      break;
    case PaymentKind::kToNewAccount:
      first_leg(body).payee =
          ledger::account_of(world_.keyring.validators()[rng_.below(world_.options.validators)]);
      break;
    case PaymentKind::kToNobody: first_leg(body).payee.bytes.fill(0xff); break;
    case PaymentKind::kFeeTooLow: body.fee.max = {}; break;
  }
}

ledger::SealedTransaction Workload::signed_by_all(const ledger::Transaction& body, bool forged) {
  const crypto::Hash message = ledger::signing_message(ledger::transaction_id(world_.chain, body));
  const ledger::AccountId signer = forged ? any_account_but(body.sender) : body.sender;
  ledger::SignedTransaction out{body, {world_.keyring.sign(ledger::key_of(signer), message)}};
  if (body.sponsor)
    out.signatures.push_back(world_.keyring.sign(ledger::key_of(*body.sponsor), message));
  return ledger::seal(world_.chain, std::move(out));
}

Payment Workload::make(PaymentKind kind) {
  Account& sender = accounts_[rng_.below(accounts_.size())];
  ledger::Transaction body = plain(sender);
  shape(kind, body, sender);
  Payment out;
  out.kind = kind;
  out.sealed = signed_by_all(body, kind == PaymentKind::kForged);
  if (kind == PaymentKind::kGarbage) out.sealed.bytes.resize(out.sealed.bytes.size() / 2);
  out.is_well_formed = kind != PaymentKind::kForged && kind != PaymentKind::kGarbage &&
                       (kind != PaymentKind::kFeeTooLow || world_.options.fee_per_operation == 0);
  return out;
}

void Workload::send(const ledger::TransactionId& id) {
  Payment& payment = payments_.at(id);
  ++payment.attempts;
  ++submissions_;
  const NodeIndex node = nodes_[rng_.below(nodes_.size())];
  world_.audit.add(AuditKind::kSubmitted, {node.value}, id.view());
  world_.scheduler.after(draw_delay(kClientDelay, rng_),
                         [this, id, node] { submit_(node, id, payments_.at(id).sealed.bytes); });
}

void Workload::retry_later(const ledger::TransactionId& id) {
  const auto interval =
      static_cast<std::uint64_t>(world_.options.workload.retry_interval.microseconds);
  const auto wait = static_cast<std::int64_t>(rng_.between(interval / 2, interval * 2));
  world_.scheduler.after(base::microseconds(wait), [this, id] {
    // A few ask again after the end: the answer must stay the same.
    const bool ended = payments_.at(id).end != PaymentEnd::kOpen;
    if (!ended || rng_.chance(1, 4)) send(id);
    if (!ended) retry_later(id);
  });
}

void Workload::on_answer(NodeIndex node, const ledger::TransactionId& id, const Answer& answer) {
  const auto found = payments_.find(id);
  if (found == payments_.end()) return;  // made by a Byzantine validator
  // A client that knows of Byzantine validators does not ask them.
  if (!is_honest(world_.options, node) || found->second.end != PaymentEnd::kOpen) return;
  Payment& payment = found->second;
  KindCount& count = counts_[static_cast<std::size_t>(payment.kind)];
  if (std::holds_alternative<ToldFinal>(answer)) {
    payment.end = PaymentEnd::kFinal;
    ++count.final;
  } else if (std::holds_alternative<ToldNever>(answer)) {
    payment.end = PaymentEnd::kNever;
    ++count.never;
  }
}

}  // namespace peerpay::sim

// The ledger's rules against the naive ledger (tests/support/ledger/naive_ledger.h): the input
// draws transactions near every edge; both give the same results and the same state, and money is
// conserved.

#include <array>
#include <map>

#include "ledger/apply.h"
#include "ledger/invariants.h"
#include "ledger/limits.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/ledger/naive_ledger.h"

namespace {

using namespace peerpay;
using namespace peerpay::ledger;

constexpr std::uint32_t kFunded = 4;
constexpr std::uint64_t kTime = 1'000'000;
constexpr std::size_t kTransactionsMax = 40;

struct World {
  Genesis genesis = test::test_genesis();
  ChainId chain = chain_id(genesis);
  std::array<AccountId, 8> ids;  // four with money, three without, one that is no key
  std::map<AccountId, test::NaiveLedger::Record> records;

  World() {
    for (std::uint32_t i = 0; i < ids.size(); ++i) ids[i] = test::test_account(i);
    ids.back() = test::invalid_account(0);
    for (std::uint32_t i = 0; i < kFunded; ++i) {
      records[ids[i]].money = {{0, 50'000}, {1, 30'000}, {2, 400}};
    }
    // Beyond what a genesis may hold, so that balances can overflow.
    records[ids[0]].money[1] = kSupplyMax - 50;
    records[ids[1]].money[1] = kSupplyMax - 50;
  }
};

class Transactions {
 public:
  Transactions(const World& world, fuzz::Draw& draw) : world_{world}, draw_{draw} {}

  SignedTransaction next(const StateView& state) {
    Transaction body;
    const auto oddity = draw_.byte();  // most transactions have none
    body.version = oddity == 1 ? 2 : 1;
    body.sender = oddity == 2 ? any_id() : world_.ids[draw_.below(kFunded)];
    if (oddity >= 0xc0) body.sponsor = any_id();
    const Account* sender = state.account(body.sender);
    body.nonce = nonce(sender != nullptr ? sender->nonces : NonceWindow{});
    body.valid_until.value = oddity == 3 ? draw_.integer() : kTime + draw_.below(2);
    const auto legs = oddity == 4 ? 0 : 1 + draw_.below(4);
    for (std::uint64_t i = 0; i < legs; ++i) body.operations.emplace_back(leg(sender));
    body.fee.asset = asset();
    const auto fee = required_fee(world_.genesis, body).value_or(Amount{9}).units();
    body.fee.max = Amount{oddity == 5 ? draw_.integer() : fee};
    const auto signatures = oddity == 6 ? draw_.below(4) : signers_of(body);
    return {std::move(body), std::vector<crypto::Signature>(signatures)};
  }

  AccountId any_id() { return world_.ids[draw_.below(world_.ids.size())]; }

 private:
  AssetId asset() {
    const auto drawn = draw_.byte();
    return {drawn == 0xff ? 3U : drawn % 3U};
  }

  Nonce nonce(const NonceWindow& window) {
    switch (draw_.below(8)) {
      case 0: return {window.highest + 65'530 + draw_.below(12)};
      case 1: return {window.highest - std::min(window.highest, draw_.below(70))};
      case 2: return {draw_.integer()};
      default: return {window.highest + 1 + draw_.below(3)};
    }
  }

  Pay leg(const Account* sender) {
    Pay pay;
    pay.payee = any_id();
    pay.asset = asset();
    const std::uint64_t held = sender != nullptr ? sender->balance(pay.asset).units() : 100;
    switch (draw_.below(8)) {
      case 0: pay.amount = Amount{draw_.integer()}; break;
      case 1: pay.amount = Amount{held + draw_.below(6) - 3}; break;
      case 2: pay.amount = Amount{held / 2 + draw_.below(3)}; break;
      case 3: pay.amount = Amount{kSupplyMax - draw_.below(3)}; break;
      default: pay.amount = Amount{draw_.below(60)};
    }
    const auto note = draw_.byte();
    if (note == 0xff) pay.memo.resize(kMemoBytesMax + draw_.below(2));
    if (note == 0xfe) pay.reference.resize(kReferenceBytesMax + draw_.below(2));
    return pay;
  }

  const World& world_;
  fuzz::Draw& draw_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World kWorld;
  fuzz::Draw draw{{data, size}};
  Transactions transactions{kWorld, draw};
  test::NaiveLedger naive{kWorld.genesis, kWorld.records};
  MemoryState state;
  state.apply(naive.as_changes());
  Overlay overlay{static_cast<const StateView&>(state)};
  for (std::size_t i = 0; i < kTransactionsMax && !draw.empty(); ++i) {
    const BlockContext context{{kTime}, transactions.any_id()};
    const auto transaction = seal(kWorld.chain, transactions.next(overlay));
    const auto before = overlay.changes();
    const auto result = apply_transaction(kWorld.genesis, context, transaction, overlay).result;
    const auto expected = naive.apply(transaction.transaction, {kTime}, context.fee_account);
    PEERPAY_CHECK(result == expected, "both ledgers give the same result");
    PEERPAY_CHECK(result == TransactionResult::kApplied || overlay.changes() == before,
                  "what is refused changes nothing");
  }
  const auto euros = total_supply(state, test::kEur);
  state.apply(overlay.changes());
  PEERPAY_CHECK(test::records_of(state) == naive.as_changes(), "both ledgers hold the same");
  PEERPAY_CHECK(total_supply(state, test::kEur) == euros, "money is conserved");
  return 0;
}

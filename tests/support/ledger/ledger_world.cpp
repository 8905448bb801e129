#include "tests/support/ledger/ledger_world.h"

#include <array>
#include <string>
#include <utility>

#include "base/check.h"
#include "crypto/signature.h"

namespace peerpay::ledger::test {
namespace {

constexpr std::uint32_t kValidators = 4;
constexpr std::uint32_t kFunded = 10;
constexpr Amount kFunds{1'000'000};

Validator test_validator(std::string_view network, std::uint32_t number) {
  const auto key = test_key(100 + number);
  Validator out;
  out.name = "validator-" + std::to_string(number);
  out.key = key.public_key();
  out.fee_account = test_account(200 + number);
  out.tls_pin.bytes.fill(static_cast<std::uint8_t>(number + 1));
  out.tls_binding = crypto::sign(key, tls_binding_message(network, out.key, out.tls_pin));
  out.peer_address = "127.0.0.1:" + std::to_string(7000 + number);
  return out;
}

}  // namespace

crypto::SecretKey test_key(std::uint32_t number) {
  std::array<std::uint8_t, 32> scalar{};
  for (std::size_t i = 0; i < 4; ++i) {
    scalar[31 - i] = static_cast<std::uint8_t>((number + 1) >> (8 * i));
  }
  auto key = crypto::SecretKey::from_bytes(scalar);
  PEERPAY_CHECK(key.has_value(), "a small scalar above zero is a key");
  return std::move(*key);
}

AccountId test_account(std::uint32_t number) { return account_of(test_key(number).public_key()); }

AccountId invalid_account(std::uint8_t number) {
  AccountId id;
  std::uint8_t found = 0;
  for (std::uint8_t last = 0; last < UINT8_MAX; ++last) {
    id.bytes[31] = last;
    if (!crypto::is_valid(key_of(id)) && found++ == number) break;
  }
  return id;
}

Genesis test_genesis() {
  Genesis genesis;
  genesis.network = "test";
  genesis.timestamp.value = 1'700'000'000'000;
  const AccountId issuer = test_account(300);
  genesis.assets = {
      {"EUR", 2, issuer, Amount{2}}, {"USD", 2, issuer, Amount{0}}, {"XAU", 6, issuer, Amount{7}}};
  for (std::uint32_t i = 0; i < kValidators; ++i) {
    genesis.validators.push_back(test_validator(genesis.network, i));
  }
  std::map<AccountId, std::vector<Balance>> accounts;
  for (std::uint32_t i = 0; i < kFunded; ++i) {
    accounts[test_account(i)] = {{kEur, kFunds}, {kUsd, kFunds}, {kXau, kFunds}};
  }
  for (const auto& [id, balances] : accounts) genesis.accounts.push_back({id, balances});
  return genesis;
}

Transaction payment(const Genesis& genesis, const AccountId& sender, Nonce nonce,
                    const std::vector<Leg>& legs) {
  Transaction body;
  body.sender = sender;
  body.nonce = nonce;
  body.valid_until.value = UINT64_MAX;
  for (const auto& leg : legs) {
    Pay pay;
    pay.payee = leg.payee;
    pay.asset = leg.asset;
    pay.amount = Amount{leg.units};
    body.operations.emplace_back(std::move(pay));
  }
  body.fee = {kEur, *required_fee(genesis, body)};
  return body;
}

SealedTransaction sealed(const ChainId& chain, Transaction body) {
  const std::size_t count = signers_of(body);
  return seal(chain, SignedTransaction{std::move(body), std::vector<crypto::Signature>(count)});
}

SealedTransaction signed_by(const ChainId& chain, Transaction body,
                            const std::vector<std::uint32_t>& keys) {
  const auto message = signing_message(transaction_id(chain, body));
  SignedTransaction out{std::move(body), {}};
  for (const auto key : keys) out.signatures.push_back(crypto::sign(test_key(key), message));
  return seal(chain, std::move(out));
}

StateChanges records_of(const MemoryState& state) {
  return {state.accounts().begin(), state.accounts().end()};
}

LedgerWorld::LedgerWorld(Genesis genesis) : network_{network_of(std::move(genesis))} {
  const auto changes = genesis_changes(network_.genesis);
  state_.apply(changes);
  version_ = tree_.update(version_, changes);
  tip_ = genesis_header(network_.chain, network_.genesis.timestamp, tree_.root(version_));
}

Block LedgerWorld::propose(const std::vector<SealedTransaction>& candidates,
                           std::uint32_t proposer) {
  const base::UnixMillis timestamp{tip_.timestamp.value + 100};
  const BlockContext context{timestamp, network_.genesis.validators[proposer].fee_account};
  Overlay overlay{state_};
  std::vector<SealedTransaction> taken;
  std::vector<Outcome> outcomes;
  for (const auto& candidate : candidates) {
    const auto applied = apply_transaction(network_.genesis, context, candidate, overlay);
    if (applied.result != TransactionResult::kApplied) continue;
    taken.push_back(candidate);
    outcomes.push_back(applied.outcome);
  }
  const auto version = tree_.update(version_, overlay.changes());
  const BlockPlace place{tip_, tip_.view + 1, proposer, timestamp};
  const auto header = make_header(place, taken, outcomes, tree_.root(version));
  tree_.release(version);
  return {header, std::move(taken)};
}

base::Expected<ExecutedBlock, BlockError> LedgerWorld::accept(const Block& block) {
  Overlay overlay{state_};
  auto executed = execute_block(network_.genesis, tip_, block, overlay);
  if (!executed) return executed;
  const auto version = tree_.update(version_, overlay.changes());
  if (tree_.root(version) != block.header.state_root) {
    tree_.release(version);
    return base::Unexpected{BlockError::kStateRootWrong};
  }
  tree_.release(version_);
  version_ = version;
  state_.apply(overlay.changes());
  tip_ = block.header;
  return executed;
}

}  // namespace peerpay::ledger::test

#include "tests/sim/world.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "node/core/replica.h"

namespace peerpay::sim {

namespace {

constexpr std::uint64_t kMoneyPerAccount = 100'000;

std::vector<ledger::Asset> make_assets(const Options& options, const Keyring& keyring) {
  const ledger::AccountId issuer = ledger::account_of(keyring.validators().front());
  return {{"EUR", 2, issuer, ledger::Amount{options.fee_per_operation}},
          {"GOLD", 6, issuer, ledger::Amount{0}}};
}

ledger::Validator make_validator(const Options& options, const Keyring& keyring,
                                 std::uint32_t index) {
  ledger::Validator out;
  out.name = "n" + std::to_string(index);
  out.key = keyring.validators()[index];
  // Some operators pay with the account that earns their fees: then a block touches it in two ways.
  out.fee_account =
      ledger::account_of(index % 2 == 0 ? keyring.accounts()[index % options.workload.accounts]
                                        : keyring.validators()[index]);
  out.tls_pin = ledger::TlsPin{crypto::sha256(out.key.view()).bytes};
  out.tls_binding =
      keyring.sign_really(out.key, ledger::tls_binding_message("sim", out.key, out.tls_pin));
  out.peer_address = "127.0.0.1:" + std::to_string(9000 + index);
  return out;
}

node::ReplicaConfig make_replica_config(const Options& options) {
  node::ReplicaConfig out;
  out.mempool.transactions_max = options.workload.pool_transactions_max;
  return out;
}

}  // namespace

// One account in four starts with nothing: the first payment to it makes it.
ledger::Genesis make_genesis(const Options& options, const Keyring& keyring) {
  ledger::Genesis out;
  out.network = "sim";
  out.timestamp = {kEpochMs};
  out.assets = make_assets(options, keyring);
  for (std::uint32_t i = 0; i < options.validators; ++i) {
    out.validators.push_back(make_validator(options, keyring, i));
  }
  for (std::uint32_t i = 0; i < keyring.accounts().size(); ++i) {
    if (i % 4 == 3) continue;
    const std::vector<ledger::Balance> balances{{{0}, ledger::Amount{kMoneyPerAccount}},
                                                {{1}, ledger::Amount{kMoneyPerAccount * (i + 1)}}};
    out.accounts.push_back({ledger::account_of(keyring.accounts()[i]), balances});
  }
  std::sort(out.accounts.begin(), out.accounts.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  out.consensus = options.consensus;
  const auto reason = out.invalid_reason();
  PEERPAY_CHECK(!reason.has_value(), "the simulated genesis is valid");
  return out;
}

std::string_view name(CrashPoint point) {
  switch (point) {
    case CrashPoint::kBeforeAppend: return "cut off before appending";
    case CrashPoint::kBeforeSync: return "cut off before the sync";
    case CrashPoint::kBeforeSend: return "cut off before sending";
    case CrashPoint::kAmidSending: return "cut off amid sending";
    case CrashPoint::kAfterSending: return "cut off after sending";
  }
  PEERPAY_UNREACHABLE("every point is named above");
}

World::World(const Options& o)
    : options{o},
      keyring{o.signatures_real ? SignatureScheme::kReal : SignatureScheme::kStandIn,
              {o.validators, o.workload.accounts}},
      ledger_network{ledger::network_of(make_genesis(options, keyring))},
      context{node::consensus_context(chain)},
      validators{node::validator_set(genesis)},
      replica_config{make_replica_config(o)},
      rng{o.seed ^ 0x70656572706179},  // apart from the one that drew the options
      network{options.network, processes(o), scheduler, base::Rng{rng.next()}},
      checkers{
          verdict, genesis, {context, keyring.validators(), o.validators - o.byzantine}, keyring},
      oracle{verdict, o.behaviour} {}

}  // namespace peerpay::sim

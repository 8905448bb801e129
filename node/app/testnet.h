#pragma once
// Makes the homes of a new network: fresh keys for each validator, one genesis, all on one host.

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "node/app/exit_code.h"
#include "node/app/genesis_text.h"

namespace peerpay::app {

struct TestnetOptions {
  std::string output;  // directory; must be empty or missing
  std::string network = "devnet";
  std::string host = "127.0.0.1";
  std::uint32_t validators = 4;
  std::uint16_t base_port = 26600;  // validator i: peers on base + 2i, clients on base + 2i + 1
  std::vector<ledger::Asset> assets;
  std::vector<Funding> funds;  // several of one account add up
  // kAllButAccounts for funds that the caller vouches for: millions take minutes.
  ledger::GenesisCheck check = ledger::GenesisCheck::kWhole;
  ledger::ConsensusParameters consensus;
};

// A funded account whose secret key lies beside the homes: where a test network's first money comes
// from.
inline constexpr std::uint64_t kFaucetUnits = 100'000'000'000;  // of each asset

struct TestnetNode {
  std::string name;
  std::string home;
  std::string client_address;
};
struct Testnet {
  ledger::Genesis genesis;
  std::vector<TestnetNode> nodes;
  std::string faucet_key;  // file: 64 hexadecimal digits, as `peerpay keys import` reads them
};
[[nodiscard]] base::Expected<Testnet, Failure> make_testnet(const TestnetOptions& options);

// The assets of a testnet when none are named: USD and EUR, scale 2, no fee. The issuer's key is
// nobody's.
[[nodiscard]] std::vector<ledger::Asset> testnet_assets();

// What the genesis gives each account, ascending by id.
[[nodiscard]] base::Expected<std::vector<ledger::GenesisAccount>, Failure> genesis_accounts(
    const std::vector<Funding>& funds);

}  // namespace peerpay::app

#include "ledger/genesis.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/signature.h"
#include "ledger/limits.h"
#include "ledger/state.h"
#include "tests/support/ledger/codec_check.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

// Small enough to try every bit of its bytes.
Genesis small() {
  auto genesis = test::test_genesis();
  genesis.validators.resize(1);
  genesis.accounts.resize(1);
  return genesis;
}

TEST(GenesisCodec, IsStrict) {
  EXPECT_EQ(test::codec_defect(encode(small()), decode_genesis), "");
  EXPECT_EQ(test::codec_defect(encode(Genesis{}), decode_genesis), "");
}

TEST(GenesisCodec, ReadsWhatItWrites) {
  const auto genesis = test::test_genesis();
  const auto decoded = decode_genesis(encode(genesis));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, genesis);
}

TEST(GenesisCodec, RefusesListsAboveTheirLimits) {
  const auto error_of = [](const Genesis& genesis) {
    const auto decoded = decode_genesis(encode(genesis));
    return decoded ? base::DecodeError{} : decoded.error();
  };
  auto genesis = small();
  genesis.network.resize(kNameLengthMax + 1, 'a');
  EXPECT_EQ(error_of(genesis), base::DecodeError::kTooLong);
  genesis = small();
  genesis.assets.resize(kAssetsMax + 1);
  EXPECT_EQ(error_of(genesis), base::DecodeError::kTooLong);
  genesis = small();
  genesis.validators.resize(kValidatorsMax + 1);
  EXPECT_EQ(error_of(genesis), base::DecodeError::kTooLong);
}

TEST(ChainId, IsFixedForAFixedGenesis) {
  EXPECT_EQ(base::to_hex(chain_id(test::test_genesis()).view()),
            "b3da6c4a5eb7ef784b292932ce5ffa147b0c79959f96b2c235f70b55440c2c56");
}

TEST(ChainId, DependsOnEveryField) {
  const auto bytes = encode(small());
  const auto chain = chain_id(small());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto other = bytes;
    other[i] ^= 1;
    const auto decoded = decode_genesis(other);
    if (decoded) {
      EXPECT_NE(chain_id(*decoded), chain) << i;
    }
  }
}

TEST(Genesis, OfTheTestsIsValid) {
  EXPECT_EQ(test::test_genesis().invalid_reason(), std::nullopt);
  EXPECT_EQ(small().invalid_reason(), std::nullopt);
}

TEST(Genesis, FindsAssetsByIdAndCode) {
  const auto genesis = test::test_genesis();
  EXPECT_EQ(genesis.asset(test::kXau)->code, "XAU");
  EXPECT_EQ(genesis.asset(test::kNoAsset), nullptr);
  EXPECT_EQ(genesis.asset_by_code("USD"), test::kUsd);
  EXPECT_EQ(genesis.asset_by_code("usd"), std::nullopt);
}

void sign_binding(Genesis& genesis, std::uint32_t number) {
  auto& validator = genesis.validators[number];
  const auto message = tls_binding_message(genesis.network, validator.key, validator.tls_pin);
  validator.tls_binding = crypto::sign(test::test_key(100 + number), message);
}

struct BrokenRow {
  std::function<void(Genesis&)> change;
  const char* reason;  // a part of it
};

void expect_reasons(const std::vector<BrokenRow>& rows) {
  for (const auto& [change, reason] : rows) {
    auto genesis = test::test_genesis();
    change(genesis);
    const auto found = genesis.invalid_reason();
    ASSERT_TRUE(found) << "nothing found; expected: " << reason;
    EXPECT_NE(found->find(reason), std::string::npos) << *found << "\nexpected: " << reason;
    EXPECT_TRUE(found->ends_with('.')) << *found;
  }
}

TEST(GenesisRules, HeadAndAssets) {
  const std::string long_code(13, 'A');
  expect_reasons({
      {[](Genesis& g) { g.version = 2; }, "version"},
      {[](Genesis& g) { g.network = ""; }, "network name"},
      {[](Genesis& g) { g.network = "Dev"; }, "network name"},
      {[](Genesis& g) { g.network = std::string(33, 'a'); }, "network name"},
      {[](Genesis& g) { g.assets.clear(); }, "1 to 1024 assets"},
      {[](Genesis& g) { g.assets[0].code = ""; }, "asset code"},
      {[](Genesis& g) { g.assets[0].code = "eur"; }, "asset code"},
      {[](Genesis& g) { g.assets[0].code = "1EUR"; }, "asset code"},
      {[&](Genesis& g) { g.assets[0].code = long_code; }, "asset code"},
      {[](Genesis& g) { g.assets[1].code = "EUR"; }, "EUR occurs twice"},
      {[](Genesis& g) { g.assets[2].scale = 19; }, "XAU has a scale above 18"},
      {[](Genesis& g) { g.assets[1].issuer = test::invalid_account(0); }, "issuer of asset USD"},
      {[](Genesis& g) { g.assets[0].fee_per_operation = Amount{kSupplyMax / 1024 + 1}; },
       "fee of asset EUR"},
      {[](Genesis& g) { g.assets[0].fee_per_operation = Amount{UINT64_MAX}; }, "fee of asset EUR"},
  });
}

TEST(GenesisRules, Validators) {
  expect_reasons({
      {[](Genesis& g) { g.validators.clear(); }, "1 to 128 validators"},
      {[](Genesis& g) { g.validators[0].name = "A"; }, "validator name"},
      {[](Genesis& g) { g.validators[1].name = "validator-0"; }, "validator-0 occurs twice"},
      {[](Genesis& g) { g.validators[1].key = key_of(test::invalid_account(0)); },
       "validator-1 has a key"},
      {[](Genesis& g) { g.validators[1].fee_account = test::invalid_account(0); },
       "validator-1 has a fee account"},
      {[](Genesis& g) { g.validators[1].tls_pin.bytes[0] ^= 1; }, "validator-1 has a TLS binding"},
      {[](Genesis& g) { g.network = "other"; }, "validator-0 has a TLS binding"},
      {[](Genesis& g) {
         g.validators[1].tls_pin = g.validators[0].tls_pin;
         sign_binding(g, 1);
       },
       "TLS pin of validator validator-1"},
      {[](Genesis& g) {
         auto copy = g.validators[0];
         copy.name = "copy";
         g.validators.push_back(copy);
       },
       "key of validator copy occurs twice"},
  });
  for (const char* address : {"", ":1", "host", "host:", "host:0", "host:65536", "host:080",
                              "ho st:1", "host:1x", "host:999999"}) {
    expect_reasons({{[address](Genesis& g) { g.validators[2].peer_address = address; },
                     "validator-2 has a peer address"}});
  }
}

TEST(GenesisRules, Accounts) {
  expect_reasons({
      {[](Genesis& g) { std::swap(g.accounts[0], g.accounts[1]); }, "not in ascending order"},
      {[](Genesis& g) { g.accounts[1] = g.accounts[0]; }, "not in ascending order"},
      {[](Genesis& g) {
         g.accounts.insert(g.accounts.begin(), {test::invalid_account(0), {}});
       },
       "no valid public key"},
      {[](Genesis& g) { g.accounts[0].balances[0].amount = Amount{0}; }, "zero balance"},
      {[](Genesis& g) { std::swap(g.accounts[0].balances[0], g.accounts[0].balances[1]); },
       "not ascending by asset"},
      {[](Genesis& g) { g.accounts[0].balances[2].asset = test::kNoAsset; }, "unknown asset"},
      {[](Genesis& g) { g.accounts[0].balances[0].amount = Amount{kSupplyMax}; },
       "supply of asset EUR"},
      {[](Genesis& g) { g.accounts[0].balances[0].amount = Amount{UINT64_MAX}; },
       "supply of asset EUR"},
  });
}

TEST(GenesisRules, ConsensusParameters) {
  expect_reasons({
      {[](Genesis& g) { g.consensus.block_interval_min_ms = 0; }, "block_interval_min_ms"},
      {[](Genesis& g) { g.consensus.leader_timeout_ms = 20; }, "leader_timeout_ms"},
      {[](Genesis& g) { g.consensus.certification_timeout_ms = 400; }, "certification_timeout_ms"},
      {[](Genesis& g) { g.consensus.skip_timeout_ms = 800; }, "skip_timeout_ms"},
      {[](Genesis& g) { g.consensus.retry_interval_ms = 0; }, "retry_interval_ms"},
      {[](Genesis& g) { g.consensus.retry_interval_ms = 5'000; }, "retry_interval_ms"},
      {[](Genesis& g) { g.consensus.timeout_max_ms = 799; }, "timeout_max_ms"},
      {[](Genesis& g) { g.consensus.heartbeat_interval_ms = 20; }, "heartbeat_interval_ms"},
      {[](Genesis& g) { g.consensus.timestamp_ahead_max_ms = 0; }, "timestamp_ahead_max_ms"},
      {[](Genesis& g) { g.consensus.block_bytes_max = kSignedTransactionBytesMax - 1; },
       "block_bytes_max"},
      {[](Genesis& g) { g.consensus.block_bytes_max = kBlockBodyBytesMax + 1; }, "block_bytes_max"},
  });
}

TEST(GenesisChanges, AreTheRecordsOfTheGenesisAccounts) {
  const auto genesis = test::test_genesis();
  const auto changes = genesis_changes(genesis);
  ASSERT_EQ(changes.size(), genesis.accounts.size());
  for (const auto& [id, balances] : genesis.accounts) {
    EXPECT_EQ(changes.at(id).balances(), Balances(balances.begin(), balances.end()));
    EXPECT_EQ(changes.at(id).nonces, NonceWindow{});
  }
}

}  // namespace
}  // namespace peerpay::ledger

#pragma once
// A genesis with two assets, for tests that need names and scales; no validators, so not a network.

#include "ledger/genesis.h"

namespace peerpay::wallet {

inline constexpr ledger::AssetId kUsd{0};
inline constexpr ledger::AssetId kYen{1};

inline ledger::Genesis sample_genesis() {
  ledger::Genesis out;
  out.network = "devnet";
  out.kind = ledger::NetworkKind::kTest;
  out.timestamp = {1'700'000'000'000};
  ledger::Asset usd;
  usd.code = "USD";
  usd.scale = 2;
  usd.fee_per_operation = ledger::Amount{1};
  ledger::Asset yen;
  yen.code = "JPY";
  yen.scale = 0;
  out.assets = {usd, yen};
  return out;
}

}  // namespace peerpay::wallet

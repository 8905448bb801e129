#pragma once
// AccountCache: what the node said about accounts, for as long as no final block touches them.
// Pure.

#include <optional>
#include <unordered_map>
#include <vector>

#include "api/link/block_verifier.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "proto/client/node_api.h"

namespace peerpay::api {

class AccountCache {
 public:
  // Keeps at least `accounts_max` of the accounts that were asked for last, at most twice as many.
  AccountCache(const ledger::Genesis& genesis, std::size_t accounts_max);

  // As of the block that was followed last, at least.
  [[nodiscard]] const proto::AccountSnapshot* find(const ledger::AccountId& account);
  // A snapshot from before the newest block that was followed is not kept: a block between the two
  // may have touched the account.
  void put(proto::AccountSnapshot snapshot);
  // The next blocks; `follow_from` says what comes before the first ones.
  void on_blocks(const std::vector<FollowedBlock>& blocks);
  void follow_from(ledger::Height height) { followed_ = height; }

 private:
  struct HashOf {
    std::size_t operator()(const ledger::AccountId& account) const;
  };
  using Accounts = std::unordered_map<ledger::AccountId, proto::AccountSnapshot, HashOf>;

  void forget(const ledger::AccountId& account);
  void insert(proto::AccountSnapshot snapshot);

  std::vector<ledger::AccountId> validators_;  // earn the fees of the blocks that they propose
  std::size_t accounts_max_;
  ledger::Height followed_;
  Accounts young_;  // asked for since the last change of generations
  Accounts old_;
};

}  // namespace peerpay::api

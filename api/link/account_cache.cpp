#include "api/link/account_cache.h"

#include <cstring>
#include <utility>
#include <variant>

namespace peerpay::api {

AccountCache::AccountCache(const ledger::Genesis& genesis, std::size_t accounts_max)
    : accounts_max_{accounts_max} {
  for (const auto& validator : genesis.validators) validators_.push_back(validator.fee_account);
}

std::size_t AccountCache::HashOf::operator()(const ledger::AccountId& account) const {
  // Public keys and hashes: every part of them is as good as random.
  std::size_t out = 0;
  std::memcpy(&out, account.bytes.data(), sizeof(out));
  return out;
}

const proto::AccountSnapshot* AccountCache::find(const ledger::AccountId& account) {
  if (const auto found = young_.find(account); found != young_.end()) return &found->second;
  const auto found = old_.find(account);
  if (found == old_.end()) return nullptr;
  auto snapshot = std::move(found->second);
  old_.erase(found);
  insert(std::move(snapshot));
  return &young_.find(account)->second;
}

void AccountCache::put(proto::AccountSnapshot snapshot) {
  if (snapshot.height < followed_) return;
  forget(snapshot.account);
  insert(std::move(snapshot));
}

void AccountCache::on_blocks(const std::vector<FollowedBlock>& blocks) {
  for (const auto& followed : blocks) {
    followed_ = followed.block.header.height;
    if (!followed.block.transactions.empty()) {
      forget(validators_[followed.block.header.proposer % validators_.size()]);
    }
    for (const auto& sealed : followed.block.transactions) {
      const auto& body = sealed.transaction.body;
      forget(body.sender);
      if (body.sponsor) forget(*body.sponsor);
      for (const auto& operation : body.operations) {
        forget(std::get<ledger::Pay>(operation).payee);
      }
    }
  }
}

void AccountCache::forget(const ledger::AccountId& account) {
  if (young_.erase(account) == 0) old_.erase(account);
}

void AccountCache::insert(proto::AccountSnapshot snapshot) {
  if (young_.size() >= accounts_max_) old_ = std::exchange(young_, {});
  const auto account = snapshot.account;
  young_.insert_or_assign(account, std::move(snapshot));
}

}  // namespace peerpay::api

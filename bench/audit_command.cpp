#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "bench/commands.h"
#include "bench/node_client.h"
#include "bench/payments.h"
#include "bench/progress.h"
#include "ledger/block.h"

namespace peerpay::bench {
namespace {

Result<std::vector<ledger::TransactionId>> read_ids(const std::string& path) {
  std::ifstream file{path};
  if (!file) return fail(fmt::format("{} can't be read.", path));
  std::vector<ledger::TransactionId> out;
  for (std::string line; std::getline(file, line);) {
    const auto id = base::fixed_from_hex<ledger::TransactionId>(line);
    if (!id) return fail(fmt::format("{}: '{}' is no transaction id.", path, line));
    out.push_back(*id);
  }
  return out;
}

Result<std::uint64_t> count_missing(NodeClient& node,
                                    const std::vector<ledger::TransactionId>& ids) {
  std::uint64_t missing = 0;
  for (const auto& id : ids) {
    const auto status = node.transaction(id);
    if (!status) return base::Unexpected{status.error()};
    if (status->state != proto::TransactionState::kFinal) ++missing;
  }
  return missing;
}

// What a node says that the accounts are, in their order, whenever it said so.
using Accounting = std::vector<proto::AccountSnapshot>;

Result<Accounting> ask_accounts(NodeClient& node, const Accounts& accounts) {
  Accounting out;
  out.reserve(accounts.size());
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    auto account = node.account(accounts.id(i));
    if (!account) return base::Unexpected{account.error()};
    account->height = {};
    account->timestamp = {};
    out.push_back(std::move(*account));
  }
  return out;
}

std::uint64_t sum_of(const Accounting& accounts) {
  std::uint64_t sum = 0;
  for (const auto& account : accounts) {
    for (const auto& balance : account.balances) sum += balance.amount.units();
  }
  return sum;
}

std::uint64_t count_differing(const Accounting& one, const Accounting& other) {
  std::uint64_t differing = 0;
  for (std::size_t i = 0; i < one.size(); ++i) differing += one[i] == other[i] ? 0 : 1;
  return differing;
}

// Of the heights that both have, those where their blocks differ.
Result<std::uint64_t> count_conflicts(NodeClient& one, NodeClient& other) {
  const auto head_one = one.head();
  if (!head_one) return base::Unexpected{head_one.error()};
  const auto head_other = other.head();
  if (!head_other) return base::Unexpected{head_other.error()};
  std::uint64_t conflicts = 0;
  const auto common = std::min(head_one->height, head_other->height);
  for (ledger::Height height{1}; height <= common; height = height.next()) {
    const auto hash_one = one.block_hash(height);
    if (!hash_one) return base::Unexpected{hash_one.error()};
    const auto hash_other = other.block_hash(height);
    if (!hash_other) return base::Unexpected{hash_other.error()};
    if (*hash_one != *hash_other) ++conflicts;
  }
  return conflicts;
}

}  // namespace

Result<Report> show_heads(const std::vector<std::string>& nodes) {
  Report::Figures heights;
  Report::Figures hashes;
  Report::Figures roots;
  for (const auto& address : nodes) {
    const auto head = NodeClient{address}.head();
    if (!head) return base::Unexpected{head.error()};
    const auto header = ledger::decode_block_header(head->header);
    if (!header) return fail(address + ": its head is not a block header.");
    heights.emplace_back(address, head->height.value);
    hashes.emplace_back(address, base::to_hex(head->hash.view()));
    roots.emplace_back(address, base::to_hex(header->state_root.view()));
  }
  Report report;
  report.add("height_by_node", std::move(heights));
  report.add("hash_by_node", std::move(hashes));
  report.add("state_root_by_node", std::move(roots));
  return report;
}

Result<Report> audit(const AuditOptions& options) {
  const auto ids = read_ids(options.acknowledged_path);
  if (!ids) return base::Unexpected{ids.error()};
  const Accounts accounts{options.accounts};
  Report::Figures missing;
  Report::Figures sums;
  Report::Figures conflicts;
  Report::Figures differing;
  std::optional<NodeClient> first;
  Accounting accounts_of_first;
  for (const auto& address : options.nodes) {
    progress("asking {}", address);
    NodeClient node{address};
    const auto absent = count_missing(node, *ids);
    if (!absent) return base::Unexpected{absent.error()};
    auto told = ask_accounts(node, accounts);
    if (!told) return base::Unexpected{told.error()};
    missing.emplace_back(address, *absent);
    sums.emplace_back(address, sum_of(*told));
    if (first) {
      const auto conflicting = count_conflicts(*first, node);
      if (!conflicting) return base::Unexpected{conflicting.error()};
      conflicts.emplace_back(address, *conflicting);
      differing.emplace_back(address, count_differing(accounts_of_first, *told));
    } else {
      first.emplace(std::move(node));
      accounts_of_first = std::move(*told);
    }
  }
  Report report;
  report.add("acknowledged", std::uint64_t{ids->size()});
  report.add("missing_by_node", std::move(missing));
  report.add("balance_sum_by_node", std::move(sums));
  report.add("conflicting_blocks_by_node", std::move(conflicts));
  report.add("differing_accounts_by_node", std::move(differing));
  return report;
}

}  // namespace peerpay::bench

#pragma once
// PracticeNode: what a wallet sees of a network, in one object. The ledger, the blocks and the
// certificates are real (one block for each transaction, signed by the validators of test_genesis);
// only the network between is missing. It can be told to misbehave.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "consensus/messages.h"
#include "ledger/ids.h"
#include "ledger/transaction.h"
#include "proto/client/node_api.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::wallet::test {

enum class Mood : std::uint8_t {
  kHonest,
  kHold,         // admits and never makes a block
  kDisown,       // admits, and refuses by the ledger while it holds the payment all the same
  kEvict,        // admits, and says that it was evicted while it holds the payment all the same
  kForget,       // says "unknown" about everything, and takes nothing
  kBusy,         // refuses by policy: "send the same bytes again later"
  kLate,         // its clock is ahead: "expired", but by policy only
  kRefuseFunds,  // funds_insufficient, whatever the balance
  kRefuseEver,   // malformed, whatever the bytes
  kSayExpired,   // "expired" about everything that is not final
  kNoIndex,      // does not recognize what it has applied: its nonce is used, that is all it knows
};

// What a quorum of the genesis validators signs about a block.
[[nodiscard]] base::Bytes certificate_of(const ledger::Genesis& genesis,
                                         const ledger::BlockHeader& header,
                                         consensus::VoteKind kind);

class PracticeNode {
 public:
  PracticeNode();

  Mood mood = Mood::kHonest;
  bool is_proving = true;  // gives proofs of accounts
  bool is_giving_receipts = true;

  [[nodiscard]] const ledger::Genesis& genesis() const { return world_.genesis(); }
  [[nodiscard]] const ledger::ChainId& chain() const { return world_.chain(); }
  [[nodiscard]] base::UnixMillis ledger_time() const;
  // Later than the blocks say, as an empty block would make it: expires what is pending.
  void set_ledger_time(base::UnixMillis time) { time_override_ = time; }

  [[nodiscard]] proto::NodeStatus status() const;
  [[nodiscard]] proto::TransactionStatus submit(const base::Bytes& bytes);
  [[nodiscard]] proto::TransactionStatus transaction(const proto::TransactionQuery& query) const;
  [[nodiscard]] std::optional<base::Bytes> receipt(const ledger::TransactionId& id) const;
  [[nodiscard]] proto::AccountSnapshot account(const proto::AccountQuery& query) const;
  // All of the account's transactions on one page, newest first.
  [[nodiscard]] proto::HistoryPage history(const ledger::AccountId& account) const;

  // Puts what is held into blocks.
  void release_held();
  // Every distinct transaction that was ever submitted.
  [[nodiscard]] std::size_t distinct_submissions() const { return seen_.size(); }
  [[nodiscard]] std::size_t payments_applied() const { return applied_.size(); }
  [[nodiscard]] ledger::Amount balance(const ledger::AccountId& id, ledger::AssetId asset) const;

 private:
  struct Applied {
    ledger::SealedTransaction transaction;
    proto::Finality finality;
    base::Bytes receipt;
  };
  [[nodiscard]] proto::TransactionStatus apply(const ledger::SealedTransaction& transaction);
  [[nodiscard]] proto::AccountProof prove(const ledger::AccountId& id) const;
  [[nodiscard]] proto::TransactionStatus final_status(const Applied& applied) const;

  ledger::test::LedgerWorld world_;
  std::vector<Applied> applied_;
  std::map<ledger::TransactionId, std::size_t> index_;
  std::map<ledger::TransactionId, ledger::SealedTransaction> held_;
  std::map<ledger::TransactionId, base::Bytes> seen_;
  std::optional<base::UnixMillis> time_override_;
};

}  // namespace peerpay::wallet::test

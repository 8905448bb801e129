#pragma once
// What tests of the merchants' store are made of: a genesis, invoices, and blocks of payments.

#include <optional>
#include <string>
#include <vector>

#include "api/core/objects.h"
#include "api/store/merchant_store.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::api::test {

inline constexpr base::UnixMillis kStart{1'700'000'000'000};

// An id from a number.
template <class Id>
[[nodiscard]] Id id_of(std::uint64_t number) {
  Id id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

// The network, and how objects look in it.
[[nodiscard]] const ledger::Genesis& genesis();
[[nodiscard]] const ObjectSettings& objects();

// Number n: payee account 1 without tag, 100 units of kEur, reference "INV-n", created at kStart
// plus n ms, open for a minute.
[[nodiscard]] Invoice invoice_of(std::uint64_t number);
[[nodiscard]] WebhookEndpoint endpoint_of(std::uint64_t number);
[[nodiscard]] IdempotencyRecord record_of(std::uint64_t number, base::UnixMillis made_at);

// An operation that pays `units` to the payee of `invoice` with its reference.
[[nodiscard]] ledger::Pay pay(const Invoice& invoice, std::uint64_t units);

// Blocks, each the child of the one before. What they hold was never executed.
class BlockMaker {
 public:
  struct Made {
    ledger::Block block;
    ledger::BlockHash hash;
  };
  [[nodiscard]] FollowPoint genesis_point() const;
  // Each list is the operations of one transaction.
  [[nodiscard]] Made next(base::UnixMillis timestamp,
                          const std::vector<std::vector<ledger::Pay>>& transactions);

 private:
  ledger::BlockHeader tip_;
  std::uint64_t nonce_ = 0;
};

}  // namespace peerpay::api::test

#pragma once
// The tables of the merchants' database. Keys and values: schema.h.

#include <cstdint>

#include "api/store/merchant_store.h"
#include "base/database/database.h"

namespace peerpay::api {

enum class Table : std::uint8_t {
  kMeta = 0,
  kInvoices = 1,
  kInvoiceLists = 2,
  kReferences = 3,
  kPayees = 4,
  kExpiries = 5,
  kEvents = 6,
  kEndpoints = 7,
  kDeliveries = 8,
  kIdempotency = 9,
  kIdempotencyTimes = 10,
};
inline constexpr std::size_t kTables = 11;

inline constexpr std::string_view kVersionName = "version";
inline constexpr std::string_view kChainName = "chain";
inline constexpr std::string_view kInstanceName = "instance";
inline constexpr std::string_view kFollowName = "follow";

// Errors of the database, said on.
[[nodiscard]] inline StoreError store_error(const database::DatabaseError& error) {
  using enum database::DatabaseFault;
  const bool is_damaged = error.fault == kCorrupt || error.fault == kFormatUnknown;
  return {error.message, is_damaged ? StoreFault::kDamaged : StoreFault::kRefused};
}
[[nodiscard]] inline base::Unexpected<StoreError> said_on(const database::DatabaseError& error) {
  return base::Unexpected{store_error(error)};
}
[[nodiscard]] inline StoreResult<void> said_on(const database::DatabaseExpected<void>& result) {
  if (!result) return said_on(result.error());
  return {};
}

}  // namespace peerpay::api

#pragma once
// MerchantBook: the only writer of a MerchantStore. It turns requests of the merchant, finalized
// blocks and ends of deliveries into single steps; the rules themselves are api/core.
//
// REQUIRES: one thread at a time (the gateway's store thread).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/core/objects.h"
#include "api/store/merchant_store.h"
#include "ledger/block.h"

namespace peerpay::api {

enum class BookFault : std::uint8_t {
  kReferenceInUse,    // another invoice has payee, asset and reference
  kNotFound,          // no such invoice or endpoint
  kNotOpen,           // the invoice has ended
  kEndpointsTooMany,  // kEndpointsMax
  kNotFollowing,      // begin() was never called: events have no place yet
  kNotNext,           // the block is not the child of the follow point
  kStore,             // the store failed; nothing was changed, and nothing can be any more
};

struct BookError {
  BookError(BookFault why, std::string sentence) : fault{why}, message{std::move(sentence)} {}
  BookError(const StoreError& error)  // NOLINT(google-explicit-constructor)
      : BookError{BookFault::kStore, error.message} {}
  BookFault fault;
  std::string message;  // one sentence
};
template <class T>
using BookResult = base::Expected<T, BookError>;

// What one step changed, for those who wait for it.
struct Happenings {
  std::vector<Invoice> invoices;  // as they are now
  std::vector<Event> events;      // in order
  bool has_deliveries = false;    // new ones
};

// Of one block; what is left over ends with the next ones. Bounds the size of a step.
inline constexpr std::size_t kExpiriesPerBlockMax = 4096;

class MerchantBook {
 public:
  // What was answered, made from the invoice as it is after the step. Empty: nothing is kept.
  using RecordMaker = std::function<IdempotencyRecord(const Invoice&)>;

  // Borrows both.
  MerchantBook(MerchantStore& store, const ObjectSettings& objects);

  // Where following begins, at the first start of a gateway; later ones change nothing.
  [[nodiscard]] BookResult<void> begin(const FollowPoint& point);

  // Durable when it returns, the record with it. REQUIRES: `invoice` is new, open and unpaid, keeps
  // the forms of invoice_rules.h, and its asset is of the network. kReferenceInUse, kNotFollowing.
  [[nodiscard]] BookResult<Happenings> create_invoice(const Invoice& invoice,
                                                      const RecordMaker& record);
  // kNotFound, kNotOpen, kNotFollowing.
  [[nodiscard]] BookResult<Happenings> void_invoice(const InvoiceId& id, base::UnixMillis now,
                                                    const RecordMaker& record);

  // kEndpointsTooMany.
  [[nodiscard]] BookResult<void> create_endpoint(const WebhookEndpoint& endpoint,
                                                 const std::optional<IdempotencyRecord>& record);
  // kNotFound.
  [[nodiscard]] BookResult<void> erase_endpoint(const EndpointId& id);

  // The next finalized block: payments and expiries, each exactly once (M20 ff.). kNotNext. `now`:
  // the clock, from which deliveries are due.
  //
  // A block that changes an invoice is durable when it returns, so that what is told afterwards is
  // never taken back. Other blocks only move the follow point: when a power cut loses that, they
  // are followed again, and since an event's id is made of the store's instance and its cursor, the
  // same block gives the same events with the same ids.
  [[nodiscard]] BookResult<Happenings> follow_block(const ledger::Block& block,
                                                    const ledger::BlockHash& hash,
                                                    base::UnixMillis now);

  // Ends of attempts to deliver, and what they did to endpoints: made right before they are
  // applied, so that nothing comes in between. Not synced: after a power cut an event may be sent
  // again, with the same id. REQUIRES: `make` changes nothing else.
  [[nodiscard]] StoreResult<void> settle_deliveries(
      const std::function<Changes(const MerchantStore&)>& make);

  // Keeps an answer that goes with no change of the store.
  [[nodiscard]] BookResult<void> keep(const IdempotencyRecord& record, Sync sync);
  [[nodiscard]] BookResult<std::size_t> forget_records_before(base::UnixMillis time,
                                                              std::size_t limit);

 private:
  [[nodiscard]] BookResult<FollowPoint> follow_point() const;
  [[nodiscard]] BookResult<Happenings> finish_request(Changes&& changes);

  MerchantStore& store_;
  const ObjectSettings& objects_;
};

}  // namespace peerpay::api

#pragma once
// Audit: a running SHA-256 over everything that a run did. Two runs of one seed are the same run
// exactly when their audit hashes are equal; so nondeterminism (an address that decided an order, a
// clock that was read) can't hide. (The idea: commonware's deterministic runtime.)

#include <cstdint>
#include <initializer_list>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace peerpay::sim {

// What an audited record is about; first byte of the record.
enum class AuditKind : std::uint8_t {
  kMessageSent = 1,
  kMessageDelivered,
  kEvent,
  kPersisted,
  kSigned,
  kStored,
  kCommitted,
  kReplied,
  kDropped,
  kEvidence,
  kFault,
  kNodeStarted,
  kNodeCrashed,
  kSubmitted,
};

class Audit {
 public:
  void add(AuditKind kind, std::initializer_list<std::uint64_t> numbers, base::ByteView bytes = {});
  // Of all that was added so far.
  [[nodiscard]] crypto::Hash digest() const;

 private:
  base::Bytes buffer_;  // begins with the digest of all that is no longer in it
};

}  // namespace peerpay::sim

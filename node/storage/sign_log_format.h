#pragma once
// The bytes of a sign log (spec: docs/spec/storage.md, "Sign log"). Pure: bytes in, records out.
//
// The file is a sequence of 512-byte sectors: a header, then appends, then perhaps zeros that were
// written ahead. One append is one frame, made of as many sectors as it needs, so no later append
// touches a sector that an earlier one filled. Each sector carries its own checksum over the chain,
// a hash of everything before its frame: a sector that is altered, misplaced, or left over from
// another time does not verify.
//
// That makes a torn append tell itself from damage (S13). A crash can only leave the sectors of the
// last frame either written or zero, or cut the file short. Anything else was altered after it was
// synced.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "consensus/effects.h"
#include "consensus/types.h"
#include "crypto/hash.h"
#include "crypto/keys.h"

namespace peerpay::storage {

inline constexpr std::size_t kSectorBytes = 512;
inline constexpr std::size_t kSectorPayloadBytes = kSectorBytes - 32;
inline constexpr std::size_t kFrameBytesMax = std::size_t{UINT16_MAX} * kSectorPayloadBytes;
inline constexpr std::uint32_t kSignLogVersion = 1;

// Drawn at random when a log is created, kept for its life: no two logs are taken for one another.
using SignLogId = base::FixedBytes<struct SignLogIdTag, 16>;

// Whose promises a log holds.
struct SignerIdentity {
  consensus::NetworkId network;
  crypto::PublicKey validator;
  friend bool operator==(const SignerIdentity&, const SignerIdentity&) = default;
};

struct SignLogHeader {
  SignLogId instance;
  SignerIdentity signer;
  std::uint64_t generation = 0;  // how many times the file was rewritten
  consensus::View floor;         // highest view with a dropped vote; none at or below may be added
  friend bool operator==(const SignLogHeader&, const SignLogHeader&) = default;
};

// Where the next frame goes.
struct SignLogPosition {
  crypto::Hash chain;        // of everything before
  std::uint64_t sector = 0;  // number in the file
  friend bool operator==(const SignLogPosition&, const SignLogPosition&) = default;
};

// Exactly one sector.
[[nodiscard]] base::Bytes encode_header(const SignLogHeader& header);

enum class HeaderFault : std::uint8_t { kDamaged, kNotASignLog, kVersionUnknown };
// Of the first sector of `file`, which may be of any size.
[[nodiscard]] base::Expected<SignLogHeader, HeaderFault> decode_header(base::ByteView file);
// REQUIRES: decode_header(file) succeeds.
[[nodiscard]] SignLogPosition first_position(base::ByteView file);

struct SignLogFrame {
  base::Bytes bytes;     // whole sectors, for `position` of the file
  SignLogPosition next;  // after them
};
// REQUIRES: at least one record, and encodings of no more than kFrameBytesMax in all.
[[nodiscard]] SignLogFrame encode_frame(const SignLogPosition& position,
                                        std::span<const consensus::SafetyRecord> records);

enum class SignLogTail : std::uint8_t {
  kClean,       // nothing but zeros follows the last record
  kTorn,        // part of one more append, which was never acknowledged
  kDamaged,     // at `fault_sector`
  kUnreadable,  // intact, but its records are not known to this version; at `fault_sector`
};
struct SignLogScan {
  std::vector<consensus::SafetyRecord> records;  // of all whole frames, in order
  SignLogPosition end;                           // after them
  SignLogTail tail = SignLogTail::kClean;
  std::uint64_t fault_sector = 0;
};
// REQUIRES: decode_header(file) succeeds.
[[nodiscard]] SignLogScan scan_frames(base::ByteView file);

}  // namespace peerpay::storage

#pragma once
// SHA-256 and the BIP-340 tagged hash. OpenSSL is behind this header.

#include <cstdint>

#include "base/bytes.h"
#include "crypto/tags.h"

namespace peerpay::crypto {

// 32 bytes of SHA-256 with no meaning of their own; modules give them a distinct type.
using Hash = base::FixedBytes<struct HashTag, 32>;

[[nodiscard]] Hash sha256(base::ByteView data);

// RIPEMD-160(SHA-256(data)): names keys in BIP-32, and nothing else here.
using Hash160 = base::FixedBytes<struct Hash160Tag, 20>;
[[nodiscard]] Hash160 hash160(base::ByteView data);

// SHA-256(SHA-256(tag) || SHA-256(tag) || data).
[[nodiscard]] Hash tagged_hash(Tag tag, base::ByteView data);
// As above over the concatenation first || second (|| third), without copying it together.
[[nodiscard]] Hash tagged_hash(Tag tag, base::ByteView first, base::ByteView second);
[[nodiscard]] Hash tagged_hash(Tag tag, base::ByteView first, base::ByteView second,
                               base::ByteView third);

// A typed tagged hash: tagged_hash_as<BlockHash>(Tag::kBlock, bytes).
template <class Fixed, class... Parts>
[[nodiscard]] Fixed tagged_hash_as(Tag tag, Parts... parts) {
  return Fixed{tagged_hash(tag, parts...).bytes};
}

}  // namespace peerpay::crypto

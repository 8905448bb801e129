#include "crypto/hash.h"

#include <openssl/ripemd.h>
#include <openssl/sha.h>

#include <array>

#include "base/check.h"

// These functions are deprecated in OpenSSL 3 in favour of EVP, which allocates and looks the
// algorithm up for each digest: too slow for millions of 64-byte tree nodes a second. SHA256() does
// the same within.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace peerpay::crypto {
namespace {

Hash finish(SHA256_CTX& state) {
  Hash out;
  SHA256_Final(out.bytes.data(), &state);
  return out;
}

SHA256_CTX start(Tag tag) {
  const auto text = tag_text(tag);
  const Hash tag_hash = sha256(base::as_bytes(text));
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, tag_hash.bytes.data(), tag_hash.bytes.size());
  SHA256_Update(&state, tag_hash.bytes.data(), tag_hash.bytes.size());
  return state;
}

constexpr std::size_t kTagCount = std::size(kAllTags);

std::array<SHA256_CTX, kTagCount> start_all() {
  std::array<SHA256_CTX, kTagCount> out{};
  for (std::size_t i = 0; i < kTagCount; ++i) out[i] = start(kAllTags[i]);
  return out;
}

// One compression saved per hash: the state after the two tag hashes depends on the tag alone.
SHA256_CTX midstate(Tag tag) {
  static const auto kMidstates = start_all();
  return kMidstates[static_cast<std::size_t>(tag)];
}

}  // namespace

std::string_view tag_text(Tag tag) {
  switch (tag) {
    case Tag::kGenesis: return "peerpay/genesis";
    case Tag::kTransaction: return "peerpay/tx";
    case Tag::kTransactionLeaf: return "peerpay/tx/leaf";
    case Tag::kTransactionNode: return "peerpay/tx/node";
    case Tag::kReceiptLeaf: return "peerpay/receipt/leaf";
    case Tag::kReceiptNode: return "peerpay/receipt/node";
    case Tag::kBlock: return "peerpay/block";
    case Tag::kStateKey: return "peerpay/state/key";
    case Tag::kStateLeaf: return "peerpay/state/leaf";
    case Tag::kStateNode: return "peerpay/state/node";
    case Tag::kStateEmpty: return "peerpay/state/empty";
    case Tag::kVoteNotarize: return "peerpay/vote/notarize";
    case Tag::kVoteNullify: return "peerpay/vote/nullify";
    case Tag::kVoteFinalize: return "peerpay/vote/finalize";
    case Tag::kTlsBinding: return "peerpay/tls";
  }
  PEERPAY_UNREACHABLE("every tag has a text");
}

Hash sha256(base::ByteView data) {
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, data.data(), data.size());
  return finish(state);
}

Hash160 hash160(base::ByteView data) {
  const auto inner = sha256(data);
  Hash160 out;
  RIPEMD160(inner.bytes.data(), inner.bytes.size(), out.bytes.data());
  return out;
}

Hash tagged_hash(Tag tag, base::ByteView data) { return tagged_hash(tag, data, {}, {}); }

Hash tagged_hash(Tag tag, base::ByteView first, base::ByteView second) {
  return tagged_hash(tag, first, second, {});
}

Hash tagged_hash(Tag tag, base::ByteView first, base::ByteView second, base::ByteView third) {
  SHA256_CTX state = midstate(tag);
  SHA256_Update(&state, first.data(), first.size());
  SHA256_Update(&state, second.data(), second.size());
  SHA256_Update(&state, third.data(), third.size());
  return finish(state);
}

}  // namespace peerpay::crypto

#pragma once
// Every domain-separation tag of peerpay, in one place.
//
// A tag names one kind of preimage. Tagged hashes (BIP-340) start with SHA-256(tag) twice, so two
// preimages of different kinds can never hash alike as long as the tags differ; a test proves that
// no two tags are equal and that none hashes to a prefix of another's midstate.

#include <string_view>

namespace peerpay::crypto {

enum class Tag {
  kGenesis,          // genesis bytes -> chain id
  kTransaction,      // chain id, body -> transaction id; the message that an account signs
  kTransactionLeaf,  // signed transaction bytes -> leaf of tx_root
  kTransactionNode,  // two children -> node of tx_root
  kReceiptLeaf,      // outcome bytes -> leaf of receipts_root
  kReceiptNode,      // two children -> node of receipts_root
  kBlock,            // header bytes -> block hash
  kStateKey,         // record kind, id -> path in the state tree
  kStateLeaf,        // path, record bytes -> leaf hash
  kStateNode,        // bit index, two children -> node hash
  kStateEmpty,       // nothing -> root of the empty tree
  kVoteNotarize,     // chain id, epoch, proposal -> message that a validator signs
  kVoteNullify,
  kVoteFinalize,
  kTlsBinding,  // network name, validator key, TLS public-key pin -> message that binds a TLS key
                // to a validator
};

// The text that is hashed, for example "peerpay/tx".
[[nodiscard]] std::string_view tag_text(Tag tag);

inline constexpr Tag kAllTags[] = {
    Tag::kGenesis,     Tag::kTransaction,  Tag::kTransactionLeaf, Tag::kTransactionNode,
    Tag::kReceiptLeaf, Tag::kReceiptNode,  Tag::kBlock,           Tag::kStateKey,
    Tag::kStateLeaf,   Tag::kStateNode,    Tag::kStateEmpty,      Tag::kVoteNotarize,
    Tag::kVoteNullify, Tag::kVoteFinalize, Tag::kTlsBinding,
};

}  // namespace peerpay::crypto

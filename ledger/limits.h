#pragma once
// Every bound of the ledger, and how they relate. Changing one changes what is valid: a new
// protocol version, never a patch.

#include <cstddef>
#include <cstdint>

namespace peerpay::ledger {

inline constexpr std::size_t kOperationsMax = 1024;
inline constexpr std::size_t kReferenceBytesMax = 32;
inline constexpr std::size_t kMemoBytesMax = 256;
inline constexpr std::size_t kSignaturesMax = 2;  // sender, sponsor

// version 1 + sender 32 + sponsor 33 + nonce 8 + valid_until 8 + fee 12 + count 2
inline constexpr std::size_t kTransactionHeadBytesMax = 96;
// variant 1 + payee 32 + tag 9 + asset 4 + amount 8 + reference 1+32 + memo 2+256
inline constexpr std::size_t kOperationBytesMax = 345;
inline constexpr std::size_t kOperationBytesMin = 1 + 32 + 1 + 4 + 8 + 1 + 1;
inline constexpr std::size_t kSignedTransactionBytesMax =
    kTransactionHeadBytesMax + kOperationsMax * kOperationBytesMax + 1 + kSignaturesMax * 64;
inline constexpr std::size_t kSignedTransactionBytesMin = 1 + 32 + 1 + 8 + 8 + 12 + 1 + 1;

inline constexpr std::size_t kBlockTransactionsMax = 16'384;
// The sum of the transactions' canonical bytes.
inline constexpr std::size_t kBlockBodyBytesMax = 2 * 1024 * 1024;
// The genesis may lower the body limit, but not below this: every valid transaction fits a block.
inline constexpr std::size_t kBlockBodyBytesMin = kSignedTransactionBytesMax;
static_assert(kBlockBodyBytesMin <= kBlockBodyBytesMax);
// version 1 + chain 32 + height 8 + view 8 + proposer 4 + parent 32 + timestamp 8 + count 4 + roots
// 96
inline constexpr std::size_t kBlockHeaderBytes = 193;
// header, transaction count, transactions
inline constexpr std::size_t kBlockBytesMax = kBlockHeaderBytes + 3 + kBlockBodyBytesMax;

inline constexpr std::uint64_t kNonceWindow =
    64;  // nonces below the highest that may still be used
inline constexpr std::uint64_t kNonceAheadMax = 65'536;  // how far above the highest a nonce may be

inline constexpr std::uint64_t kSupplyMax = (std::uint64_t{1} << 63) - 1;  // per asset, minor units
static_assert(kSupplyMax <= UINT64_MAX / 2, "legs and fee of one asset add up without overflow");
inline constexpr std::size_t kAssetsMax = 1024;
inline constexpr std::size_t kValidatorsMax = 128;
inline constexpr std::size_t kGenesisAccountsMax = 16'000'000;
inline constexpr std::size_t kNameLengthMax = 32;  // of a network, of a validator
inline constexpr std::size_t kAssetCodeLengthMax = 12;
inline constexpr std::uint8_t kAssetScaleMax = 18;
inline constexpr std::size_t kNetworkAddressLengthMax = 255;

inline constexpr std::size_t kReceiptChainMax = 1024;  // headers from a payment to its certificate
inline constexpr std::size_t kReceiptPathMax = 14;
static_assert(kBlockTransactionsMax <= std::size_t{1} << kReceiptPathMax);
inline constexpr std::size_t kCertificateBytesMax = 16 * 1024;
static_assert(kCertificateBytesMax > kValidatorsMax * 65 + 1024, "a signature of every validator");

inline constexpr std::size_t kStatePathBits = 256;
// nonce window 16 + count 2 + balances
inline constexpr std::size_t kAccountBytesMax = 16 + 2 + kAssetsMax * 12;

}  // namespace peerpay::ledger

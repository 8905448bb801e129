#pragma once
// Every bound of the ledger, and how they relate. Changing one changes what is valid: a new protocol
// version, never a patch.

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
inline constexpr std::size_t kBlockBodyBytesMax = 2 * 1024 * 1024;
static_assert(kBlockBodyBytesMax > kSignedTransactionBytesMax, "every valid transaction fits a block");

inline constexpr std::uint64_t kNonceWindow = 64;       // nonces below the highest that may still be used
inline constexpr std::uint64_t kNonceAheadMax = 65'536;  // how far above the highest a nonce may be

inline constexpr std::uint64_t kSupplyMax = (std::uint64_t{1} << 63) - 1;  // per asset, minor units
inline constexpr std::size_t kAssetsMax = 1024;
inline constexpr std::size_t kValidatorsMax = 128;
inline constexpr std::size_t kGenesisAccountsMax = 16'000'000;
inline constexpr std::size_t kAssetCodeLengthMax = 12;
inline constexpr std::uint8_t kAssetScaleMax = 18;
inline constexpr std::size_t kNetworkAddressLengthMax = 255;

inline constexpr std::size_t kReceiptChainMax = 1024;  // headers from a payment to its certificate

}  // namespace peerpay::ledger

#pragma once
// Whether the validators of the genesis have finalized a block. Offline: no node is asked.

#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"
#include "ledger/ids.h"
#include "wallet/cli/home.h"

namespace peerpay::wallet::cli {

// The number of validators whose signatures finalize `block`, or a sentence on what is wrong with
// the certificate.
[[nodiscard]] base::Expected<std::size_t, std::string_view> check_finalization(
    const Network& network, const ledger::BlockHash& block, base::ByteView certificate);

}  // namespace peerpay::wallet::cli

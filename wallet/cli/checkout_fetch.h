#pragma once
// The network side of checkout links (spec: payment-uri U12).

#include <string>

#include "wallet/cli/checkout_link.h"

namespace peerpay::wallet::cli {

// ExitCode::kUsage for what is no URL, and for plain http to another machine; kNetwork when there
// is no answer.
[[nodiscard]] Result<PageAnswer> fetch_page(const std::string& url);

}  // namespace peerpay::wallet::cli

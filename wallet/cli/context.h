#pragma once
// Context: what every command may use.

#include "wallet/cli/checkout_link.h"
#include "wallet/cli/console.h"
#include "wallet/cli/home.h"
#include "wallet/cli/interruption.h"
#include "wallet/cli/settings.h"

namespace peerpay::wallet::cli {

// Borrowed for the length of one command.
struct Context {
  const GlobalFlags& flags;
  const Environment& environment;
  Console& console;
  Interruption& interruption;
  const WalletHome& home;
  FetchPage fetch_page;  // for links of shops
};

}  // namespace peerpay::wallet::cli

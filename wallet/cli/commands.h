#pragma once
// The commands of `peerpay`. Each takes what was typed and gives what to report; only program.cpp
// prints reports and turns failures into exit codes.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/json/json.h"
#include "base/os/lock_file.h"
#include "base/time.h"
#include "crypto/keys.h"
#include "wallet/age.h"
#include "wallet/builder.h"
#include "wallet/cli/context.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/home.h"
#include "wallet/cli/network_choice.h"
#include "wallet/cli/node_client.h"

namespace peerpay::wallet::cli {

struct Report {
  Json json;         // with --json, the one object on stdout
  std::string text;  // otherwise, on stdout; ends with a line feed, or empty
  std::string next;  // a suggestion, on stderr; may be empty
  // Instead of `json` or `text`, in the form that was asked for: what must be wiped.
  std::optional<crypto::SecretBytes> secret{};
  // When only a part was done: also on stderr, the member "error" of `json`, and the exit code.
  std::optional<Failure> failure{};
  // What is to be done once the report is on stdout, and only then; may be empty. REQUIRES: the
  // home of the context.
  std::function<Result<void>()> settle{};
};
using CommandResult = Result<Report>;

struct InitArguments {
  NetworkSource network;
  // A wallet for a network that does not exist yet: none is looked for, and none is pinned.
  std::optional<ledger::NetworkKind> kind;
  bool is_restore = false;  // read recovery words instead of making new ones
  std::string account = "main";
  AgeWorkFactor work_factor = kAgeWorkFactorDefault;
};
[[nodiscard]] CommandResult run_init(const Context& context, const InitArguments& arguments);

struct NamedAccount {
  std::string name;
};
struct KeysImportArguments {
  std::string name;
  std::optional<std::string> file;  // otherwise stdin, or a question
};
struct KeysExportArguments {
  std::optional<std::string> name;  // one key; otherwise the recovery words
};
[[nodiscard]] CommandResult run_keys_new(const Context& context, const NamedAccount& arguments);
[[nodiscard]] CommandResult run_keys_ls(const Context& context);
[[nodiscard]] CommandResult run_keys_show(const Context& context, const NamedAccount& arguments);
[[nodiscard]] CommandResult run_keys_import(const Context& context,
                                            const KeysImportArguments& arguments);
[[nodiscard]] CommandResult run_keys_export(const Context& context,
                                            const KeysExportArguments& arguments);
[[nodiscard]] CommandResult run_keys_repair(const Context& context);

struct AddressArguments {
  std::optional<std::string> account;
  std::optional<std::uint64_t> tag;
};
struct BalanceArguments {
  std::optional<std::string> account;
};
struct HistoryArguments {
  std::optional<std::string> account;
  std::uint32_t limit = 20;
  std::string cursor;
};
struct ShowArguments {
  std::string id;
};
[[nodiscard]] CommandResult run_address(const Context& context, const AddressArguments& arguments);
[[nodiscard]] CommandResult run_balance(const Context& context, const BalanceArguments& arguments);
[[nodiscard]] CommandResult run_history(const Context& context, const HistoryArguments& arguments);
[[nodiscard]] CommandResult run_show(const Context& context, const ShowArguments& arguments);

struct SendArguments {
  std::string to;
  std::string amount;
  std::string asset;
  std::optional<std::string> from;
  std::string reference;
  std::string memo;
  base::Duration valid_for = kValidityDefault;
  base::Duration wait = base::seconds(30);
  bool is_dry_run = false;
};
struct ResumeArguments {
  base::Duration wait = base::seconds(30);
};
[[nodiscard]] CommandResult run_send(const Context& context, const SendArguments& arguments);
[[nodiscard]] CommandResult run_resume(const Context& context, const ResumeArguments& arguments);
[[nodiscard]] CommandResult run_outbox(const Context& context);

struct PayArguments {
  std::string target;  // a payment URI, or a link to a checkout page
  std::optional<std::string> from;
  std::optional<std::string> amount;  // when the request leaves it open
  std::optional<std::string> asset;   // likewise
  base::Duration valid_for = kValidityDefault;
  base::Duration wait = base::seconds(30);
  bool is_dry_run = false;
  bool is_again = false;  // although this reference was paid before
};
[[nodiscard]] CommandResult run_pay(const Context& context, const PayArguments& arguments);

struct RequestArguments {
  std::string amount;
  std::string asset;
  std::optional<std::string> account;
  std::optional<std::uint64_t> tag;
  std::string reference;  // one is made when empty
  std::string label;
  std::string message;
  base::Duration expires_after = base::seconds(15 * 60);
  std::optional<bool> has_qr;  // otherwise when there is a terminal to draw on
  bool is_waiting = false;
  std::optional<base::Duration> wait;  // otherwise until the request expires
};
[[nodiscard]] CommandResult run_request(const Context& context, const RequestArguments& arguments);

struct ReceiptGetArguments {
  std::string id;
  std::optional<std::string> output;  // otherwise ID.receipt in the working directory
};
struct ReceiptVerifyArguments {
  std::string file;
  std::optional<std::string> genesis_file;  // otherwise the wallet's own network
};
[[nodiscard]] CommandResult run_receipt_get(const Context& context,
                                            const ReceiptGetArguments& arguments);
[[nodiscard]] CommandResult run_receipt_verify(const Context& context,
                                               const ReceiptVerifyArguments& arguments);

[[nodiscard]] CommandResult run_version();

// Shared by the commands (command_support.cpp).

// Keeps other writers out of the wallet's directory while it lives. REQUIRES: the directory exists,
// or there is no wallet, which is then the failure. What a crash left in the outbox is taken away.
[[nodiscard]] Result<os::DirectoryLock> lock_home(const WalletHome& home);

// A client for the node that flags, environment or config name.
[[nodiscard]] Result<std::unique_ptr<NodeClient>> connect(const Context& context);
// As above, after asking whether it is a node of `network`.
[[nodiscard]] Result<std::unique_ptr<NodeClient>> connect_to(const Context& context,
                                                             const Network& network);
[[nodiscard]] Result<ledger::TransactionId> parse_id(std::string_view text);
[[nodiscard]] std::string address_of(ledger::NetworkKind kind, const ledger::AccountId& account);
// {"asset", "amount", "units"}: decimal text for people and programs, minor units for checking.
[[nodiscard]] Json amount_json(const Network& network, ledger::AssetId asset,
                               ledger::Amount amount);
// {"from", "to", "amount", "reference", "memo"}, the last two made safe to print.
[[nodiscard]] Json order_json(const Network& network, const PaymentOrder& order);

}  // namespace peerpay::wallet::cli

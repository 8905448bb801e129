// peerpay receipt get and verify.
#include <cerrno>
#include <string_view>

#include "base/os/file.h"
#include "base/utf8.h"
#include "ledger/address.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/payment_sender.h"
#include "wallet/cli/private_file.h"
#include "wallet/cli/receipt_check.h"
#include "wallet/confirmation.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::size_t kReceiptBytesMax = 4 * 1024 * 1024;

Json::Object receipt_json(const Network& network, const CheckedReceipt& checked) {
  const auto& header = checked.receipt.chain.front();
  Json::Array payments;
  for (const auto& operation : checked.receipt.transaction.body.operations) {
    const auto& pay = std::get<ledger::Pay>(operation);
    payments.push_back(order_json(network, {.sender = checked.receipt.transaction.body.sender,
                                            .payee = {pay.payee, pay.tag},
                                            .asset = pay.asset,
                                            .amount = pay.amount,
                                            .reference = pay.reference,
                                            .memo = pay.memo}));
  }
  return {{"id", base::to_hex(checked.id.view())},
          {"valid", true},
          {"network", network.genesis.network},
          {"chain_id", base::to_hex(network.chain.view())},
          {"height", header.height.value},
          {"index", std::uint64_t{checked.receipt.index}},
          {"block_timestamp_ms", header.timestamp.value},
          {"signers", std::uint64_t{checked.signers}},
          {"validators", std::uint64_t{network.genesis.validators.size()}},
          {"payments", std::move(payments)}};
}

std::string receipt_text(const Network& network, const CheckedReceipt& checked) {
  const auto& header = checked.receipt.chain.front();
  const auto& body = checked.receipt.transaction.body;
  std::string out = "valid: finalized by " + std::to_string(checked.signers) + " of " +
                    std::to_string(network.genesis.validators.size()) + " validators of \"" +
                    network.genesis.network + "\"\n";
  out += "id       " + base::to_hex(checked.id.view()) + "\n";
  out += "block    " + std::to_string(header.height.value) + ", " + format_utc(header.timestamp) +
         "\n";
  out += "from     " + address_of(network.genesis.kind, body.sender) + "\n";
  for (const auto& operation : body.operations) {
    const auto& pay = std::get<ledger::Pay>(operation);
    out += "paid     " + amount_text(network.genesis, pay.asset, pay.amount) + " to " +
           ledger::format_address(network.genesis.kind, {pay.payee, pay.tag});
    if (!pay.reference.empty()) out += " ref " + base::printable(pay.reference);
    out += "\n";
    if (!pay.memo.empty()) out += "memo     " + base::printable(pay.memo) + "\n";
  }
  return out;
}

constexpr std::string_view kStdout = "-";

Result<void> check_output(const Context& context, const ReceiptGetArguments& arguments) {
  if (!arguments.output) return {};
  if (arguments.output->empty()) {
    return fail(ExitCode::kUsage, "usage", "-o takes the name of a file, or - for stdout.",
                "peerpay receipt get --help");
  }
  if (*arguments.output != kStdout || !context.flags.is_json) return {};
  return fail(ExitCode::kUsage, "usage", "With --json, stdout takes no receipt.",
              "leave --json away, or give -o FILE");
}

// Never over what is there already: it may be another receipt, a device, or a link to something
// else.
Result<void> save(const std::string& path, base::ByteView receipt) {
  const auto written =
      os::write_file_atomically(path, receipt, {.mode = 0644, .existing = os::Existing::kRefuse});
  if (written) return {};
  if (written.error().errno_value != EEXIST) return io_failed(written.error());
  return fail(ExitCode::kError, "file_exists", path + " is there already.",
              "give another name: -o FILE");
}

CommandResult to_stdout(const Context& context, base::ByteView receipt, const std::string& text) {
  if (!context.console.data(base::to_text(receipt))) {
    return fail(ExitCode::kError, "output_failed", "The receipt can't be written to stdout.",
                "give -o FILE");
  }
  context.console.message(text);
  return Report{};
}

Result<Network> network_for(const Context& context, const ReceiptVerifyArguments& arguments) {
  if (!arguments.genesis_file) return context.home.network();
  const auto content = os::read_input(*arguments.genesis_file, kGenesisBytesMax);
  if (!content) return io_failed(content.error());
  return read_network(*content, *arguments.genesis_file);
}

}  // namespace

CommandResult run_receipt_get(const Context& context, const ReceiptGetArguments& arguments) {
  const auto id = parse_id(arguments.id);
  if (!id) return base::Unexpected{id.error()};
  if (const auto possible = check_output(context, arguments); !possible) {
    return base::Unexpected{possible.error()};
  }
  const auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  const auto node = connect_to(context, *network);
  if (!node) return base::Unexpected{node.error()};
  const auto bytes = (*node)->receipt(*id);
  if (!bytes) return node_failed(bytes.error());
  const auto checked = check_whole_receipt(*network, *bytes);
  if (!checked) return base::Unexpected{checked.error()};
  if (checked->id != *id) {
    return fail(ExitCode::kError, "receipt_invalid",
                "The node gave the receipt of another payment.");
  }
  if (arguments.output == kStdout) {
    return to_stdout(context, *bytes, receipt_text(*network, *checked));
  }
  const auto path = arguments.output.value_or(base::to_hex(id->view()) + ".receipt");
  if (const auto saved = save(path, *bytes); !saved) return base::Unexpected{saved.error()};
  auto json = receipt_json(*network, *checked);
  json.emplace_back("file", path);
  return Report{
      .json = std::move(json),
      .text = receipt_text(*network, *checked) + "file     " + path + "\n",
      .next = "anyone with the genesis file can check it: peerpay receipt verify " + path};
}

CommandResult run_receipt_verify(const Context& context, const ReceiptVerifyArguments& arguments) {
  const auto network = network_for(context, arguments);
  if (!network) return base::Unexpected{network.error()};
  const auto bytes = os::read_input(arguments.file, kReceiptBytesMax);
  if (!bytes) return io_failed(bytes.error());
  const auto checked = check_whole_receipt(*network, *bytes);
  if (!checked) return base::Unexpected{checked.error()};
  return Report{.json = receipt_json(*network, *checked),
                .text = receipt_text(*network, *checked),
                .next = {}};
}

}  // namespace peerpay::wallet::cli

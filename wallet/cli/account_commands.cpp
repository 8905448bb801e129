// peerpay address, balance, history and show: looking, never touching a key.
#include "base/utf8.h"
#include "ledger/address.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/outbox.h"
#include "wallet/cli/payment_sender.h"
#include "wallet/confirmation.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

// Two accounts' view of one payment: money leaves, or comes in.
enum class Direction { kOut, kIn };

std::string_view name(Direction direction) { return direction == Direction::kOut ? "out" : "in"; }

struct Leg {
  Direction direction;
  ledger::AccountId other;
  std::optional<std::uint64_t> tag;
  ledger::AssetId asset;
  ledger::Amount amount;
  base::Bytes reference;
  base::Bytes memo;
};

std::vector<Leg> legs_of(const ledger::Transaction& body, const ledger::AccountId& own) {
  std::vector<Leg> out;
  for (const auto& operation : body.operations) {
    const auto& pay = std::get<ledger::Pay>(operation);
    const bool is_out = body.sender == own;
    if (!is_out && pay.payee != own) continue;
    out.push_back({.direction = is_out ? Direction::kOut : Direction::kIn,
                   .other = is_out ? pay.payee : body.sender,
                   .tag = pay.tag,
                   .asset = pay.asset,
                   .amount = pay.amount,
                   .reference = pay.reference,
                   .memo = pay.memo});
  }
  return out;
}

Json leg_json(const Network& network, const Leg& leg) {
  Json::Object out{{"direction", name(leg.direction)},
                   {"account", address_of(network.genesis.kind, leg.other)},
                   {"amount", amount_json(network, leg.asset, leg.amount)},
                   {"reference", base::printable(leg.reference)},
                   {"memo", base::printable(leg.memo)}};
  if (leg.tag) out.emplace_back("tag", std::to_string(*leg.tag));
  return out;
}

std::string leg_text(const Network& network, const Leg& leg) {
  const bool is_out = leg.direction == Direction::kOut;
  auto out = std::string{is_out ? "-" : "+"} + amount_text(network.genesis, leg.asset, leg.amount) +
             (is_out ? " to " : " from ") + address_of(network.genesis.kind, leg.other);
  if (leg.tag) out += " tag " + std::to_string(*leg.tag);
  if (!leg.reference.empty()) out += " ref " + base::printable(leg.reference);
  if (!leg.memo.empty()) out += " (" + base::printable(leg.memo) + ")";
  return out;
}

void add_entry(const Network& network, const ledger::AccountId& own,
               const proto::HistoryEntry& entry, Report& report, Json::Array& list) {
  const auto transaction = ledger::decode_signed_transaction(entry.transaction);
  const auto id = base::to_hex(entry.id.view());
  Json::Array legs;
  if (transaction) {
    for (const auto& leg : legs_of(transaction->body, own)) {
      legs.push_back(leg_json(network, leg));
      report.text +=
          format_utc(entry.block_timestamp) + "  " + leg_text(network, leg) + "  " + id + "\n";
    }
  } else {
    report.text += format_utc(entry.block_timestamp) + "  (newer than this program)  " + id + "\n";
  }
  list.push_back(Json::Object{{"id", id},
                              {"height", entry.height.value},
                              {"index", std::uint64_t{entry.index}},
                              {"block_timestamp_ms", entry.block_timestamp.value},
                              {"fee_units", std::to_string(entry.fee_charged.units())},
                              {"legs", std::move(legs)}});
}

struct Looking {
  Network network;
  PublicAccount account;
  std::unique_ptr<NodeClient> node;
};

Result<Looking> look(const Context& context, const std::optional<std::string>& account_name) {
  auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  auto account = context.home.account(account_name);
  if (!account) return base::Unexpected{account.error()};
  auto node = connect_to(context, *network);
  if (!node) return base::Unexpected{node.error()};
  return Looking{*std::move(network), *std::move(account), *std::move(node)};
}

Json status_json(const Network& network, const proto::TransactionStatus& status) {
  Json::Object out{{"state", proto::name(status.state)},
                   {"code", base::printable(base::as_bytes(status.code))},
                   {"message", base::printable(base::as_bytes(status.message))}};
  if (status.finality) {
    const auto& end = *status.finality;
    out.emplace_back("height", end.height.value);
    out.emplace_back("index", std::uint64_t{end.index});
    out.emplace_back("block_timestamp_ms", end.block_timestamp.value);
    out.emplace_back("fee", amount_json(network, end.fee_asset, end.fee_charged));
  }
  return out;
}

std::string status_text(const proto::TransactionStatus& status) {
  std::string out = "node      " + std::string{proto::name(status.state)};
  if (status.finality) {
    out += " in block " + std::to_string(status.finality->height.value) + ", " +
           format_utc(status.finality->block_timestamp);
  }
  if (!status.code.empty()) out += " (" + base::printable(base::as_bytes(status.code)) + ")";
  return out + "\n";
}

std::string transaction_text(const Network& network, const ledger::Transaction& body) {
  std::string out;
  for (const auto& leg : legs_of(body, body.sender))
    out += "payment   " + leg_text(network, leg) + "\n";
  out += "from      " + address_of(network.genesis.kind, body.sender) + "\n";
  return out + "expires   " + format_utc(body.valid_until) + "\n";
}

Json transaction_json(const Network& network, const ledger::Transaction& body) {
  Json::Array legs;
  for (const auto& leg : legs_of(body, body.sender)) legs.push_back(leg_json(network, leg));
  return Json::Object{{"from", address_of(network.genesis.kind, body.sender)},
                      {"nonce", body.nonce.value},
                      {"valid_until_ms", body.valid_until.value},
                      {"legs", std::move(legs)}};
}

}  // namespace

CommandResult run_address(const Context& context, const AddressArguments& arguments) {
  const auto kind = context.home.network_kind();
  if (!kind) return base::Unexpected{kind.error()};
  const auto account = context.home.account(arguments.account);
  if (!account) return base::Unexpected{account.error()};
  const auto text = ledger::format_address(*kind, {account->id, arguments.tag});
  Json::Object json{{"account", account->name}, {"address", text}};
  if (arguments.tag) json.emplace_back("tag", std::to_string(*arguments.tag));
  return Report{.json = std::move(json), .text = text + "\n", .next = {}};
}

CommandResult run_balance(const Context& context, const BalanceArguments& arguments) {
  const auto looking = look(context, arguments.account);
  if (!looking) return base::Unexpected{looking.error()};
  const auto& network = looking->network;
  const auto account =
      looking->node->account({.account = looking->account.id, .with_proof = false});
  if (!account) return node_failed(account.error());
  Report out;
  Json::Array balances;
  for (const auto& balance : account->balances) {
    balances.push_back(amount_json(network, balance.asset, balance.amount));
    out.text += amount_text(network.genesis, balance.asset, balance.amount) + "\n";
  }
  if (account->balances.empty()) out.text = "no money yet\n";
  out.json = Json::Object{{"account", looking->account.name},
                          {"address", address_of(network.genesis.kind, looking->account.id)},
                          {"balances", std::move(balances)},
                          {"height", account->height.value},
                          {"timestamp_ms", account->timestamp.value}};
  return out;
}

CommandResult run_history(const Context& context, const HistoryArguments& arguments) {
  const auto looking = look(context, arguments.account);
  if (!looking) return base::Unexpected{looking.error()};
  const auto page = looking->node->history(
      {.account = looking->account.id, .cursor = arguments.cursor, .limit = arguments.limit});
  if (!page) return node_failed(page.error());
  Report out;
  Json::Array entries;
  for (const auto& entry : page->entries) {
    add_entry(looking->network, looking->account.id, entry, out, entries);
  }
  if (page->entries.empty()) out.text = "no payments\n";
  const auto cursor = base::printable(base::as_bytes(page->next_cursor));
  out.json = Json::Object{
      {"account", looking->account.name}, {"entries", std::move(entries)}, {"next_cursor", cursor}};
  if (!cursor.empty()) out.next = "older ones: peerpay history --cursor " + cursor;
  return out;
}

CommandResult run_show(const Context& context, const ShowArguments& arguments) {
  const auto id = parse_id(arguments.id);
  if (!id) return base::Unexpected{id.error()};
  const auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  const auto record = Outbox(context.home, network->chain).find(*id);
  if (!record) return base::Unexpected{record.error()};
  const auto node = connect_to(context, *network);
  if (!node && !*record) return base::Unexpected{node.error()};

  Report out;
  Json::Object json{{"id", base::to_hex(id->view())}};
  out.text = "id        " + base::to_hex(id->view()) + "\n";
  std::optional<ledger::Transaction> body;
  std::optional<base::UnixMillis> valid_until;
  if (*record) {
    body = (*record)->transaction.transaction.body;
    valid_until = body->valid_until;
    json.emplace_back("wallet",
                      Json::Object{{"state", (*record)->state}, {"code", (*record)->code}});
    out.text += "wallet    " + (*record)->state + "\n";
  }
  if (node) {
    const auto status = (*node)->transaction({.id = *id, .valid_until = valid_until, .wait_ms = 0});
    if (!status) return node_failed(status.error());
    json.emplace_back("node", status_json(*network, *status));
    out.text += status_text(*status);
    const auto sealed = ledger::seal(network->chain, status->transaction);
    if (!body && sealed && sealed->id == *id) body = sealed->transaction.body;
  } else {
    context.console.message("note: " + node.error().message);
  }
  if (body) {
    json.emplace_back("transaction", transaction_json(*network, *body));
    out.text += transaction_text(*network, *body);
  }
  out.json = std::move(json);
  return out;
}

}  // namespace peerpay::wallet::cli

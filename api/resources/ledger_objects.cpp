#include "api/resources/ledger_objects.h"

#include <utility>
#include <variant>

#include "api/core/objects.h"
#include "api/core/time_text.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "ledger/address.h"

namespace peerpay::api {
namespace {

using json::Json;

Json text_json(base::ByteView bytes) { return base::printable(bytes); }

Json operation_json(const ledger::Genesis& genesis, const ledger::Pay& pay) {
  return Json::Object{
      {"type", "pay"},
      {"payee", ledger::format_address(genesis.kind, {.account = pay.payee, .tag = pay.tag})},
      {"amount", amount_json(genesis, pay.amount, pay.asset)},
      {"reference", text_json(pay.reference)},
      {"memo", text_json(pay.memo)}};
}

Json operations_json(const ledger::Genesis& genesis,
                     const std::vector<ledger::Operation>& operations) {
  Json::Array out;
  for (const auto& operation : operations) {
    out.push_back(
        std::visit([&](const auto& one) { return operation_json(genesis, one); }, operation));
  }
  return out;
}

// An asset that the genesis lacks can stand in what was never applied.
Json offer_json(const ledger::Genesis& genesis, ledger::AssetId asset, ledger::Amount amount) {
  return genesis.asset(asset) == nullptr ? Json{} : amount_json(genesis, amount, asset);
}

bool has_known_assets(const ledger::Genesis& genesis, const ledger::Transaction& body) {
  for (const auto& operation : body.operations) {
    if (genesis.asset(std::get<ledger::Pay>(operation).asset) == nullptr) return false;
  }
  return true;
}

void add_body(const ledger::Genesis& genesis, base::ByteView bytes, Json::Object& out) {
  const auto decoded = ledger::decode_signed_transaction(bytes);
  if (!decoded) return;
  const auto& body = decoded->body;
  out.emplace_back("sender", address_text(genesis, body.sender));
  out.emplace_back("sponsor", body.sponsor ? Json{address_text(genesis, *body.sponsor)} : Json{});
  if (has_known_assets(genesis, body)) {
    out.emplace_back("operations", operations_json(genesis, body.operations));
  }
  out.emplace_back("valid_until_at", format_time(body.valid_until));
}

// What was offered, and what was taken.
Json fee_json(const ledger::Genesis& genesis, const proto::TransactionStatus& status) {
  const auto decoded = ledger::decode_signed_transaction(status.transaction);
  const auto& finality = status.finality;
  return Json::Object{
      {"max",
       decoded ? offer_json(genesis, decoded->body.fee.asset, decoded->body.fee.max) : Json{}},
      {"charged",
       finality ? offer_json(genesis, finality->fee_asset, finality->fee_charged) : Json{}}};
}

Json envelope_json(base::ByteView bytes) {
  if (bytes.empty()) return {};
  return base::base64_encode(bytes, base::Base64Padding::kRequired);
}

// The kind of a refusal by a node's policy; newer nodes may have reasons that are unknown here.
const ProblemKind& policy_kind(std::string_view code) {
  for (const auto& kind : problem_kinds()) {
    if (kind.code == code) return kind;
  }
  return problem_kind("transaction_refused");
}

Json links_json(const std::string& id) {
  return Json::Object{{"self", "/v1/transactions/" + id},
                      {"receipt", "/v1/transactions/" + id + "/receipt"}};
}

Json block_json(ledger::Height height, std::uint32_t index, base::UnixMillis timestamp) {
  return Json::Object{{"height", height.value},
                      {"index", std::uint64_t{index}},
                      {"timestamp_at", format_time(timestamp)}};
}

Json reason_json(const proto::TransactionStatus& status) {
  if (status.code.empty()) return {};
  return Json::Object{{"code", status.code},
                      {"message", status.message},
                      {"retry", name(refusal_of(status).kind->retry)}};
}

}  // namespace

std::string address_text(const ledger::Genesis& genesis, const ledger::AccountId& account) {
  return ledger::format_address(genesis.kind, {.account = account, .tag = std::nullopt});
}

Json transaction_json(const ledger::Genesis& genesis, const proto::TransactionStatus& status) {
  const auto id = base::to_hex(status.id.view());
  Json::Object out = {{"object", "transaction"},
                      {"id", id},
                      {"status", proto::name(status.state)},
                      {"status_reason", reason_json(status)}};
  add_body(genesis, status.transaction, out);
  out.emplace_back("fee", fee_json(genesis, status));
  const auto& finality = status.finality;
  out.emplace_back(
      "block",
      finality ? block_json(finality->height, finality->index, finality->block_timestamp) : Json{});
  out.emplace_back("envelope", envelope_json(status.transaction));
  out.emplace_back("links", links_json(id));
  return out;
}

Json transaction_json(const ledger::Genesis& genesis, const proto::HistoryEntry& entry) {
  proto::TransactionStatus status;
  status.id = entry.id;
  status.state = proto::TransactionState::kFinal;
  const auto decoded = ledger::decode_signed_transaction(entry.transaction);
  status.finality = proto::Finality{
      .height = entry.height,
      .index = entry.index,
      .block_timestamp = entry.block_timestamp,
      .fee_charged = entry.fee_charged,
      .fee_asset = decoded ? decoded->body.fee.asset : ledger::AssetId{},
  };
  status.transaction = entry.transaction;
  return transaction_json(genesis, status);
}

Json account_json(const ledger::Genesis& genesis, const proto::AccountSnapshot& snapshot) {
  Json::Array balances;
  for (const auto& balance : snapshot.balances) {
    if (genesis.asset(balance.asset) == nullptr) continue;
    balances.push_back(amount_json(genesis, balance.amount, balance.asset));
  }
  return Json::Object{{"object", "account"},
                      {"address", address_text(genesis, snapshot.account)},
                      {"exists", snapshot.exists},
                      {"balances", std::move(balances)},
                      {"as_of", Json::Object{{"height", snapshot.height.value},
                                             {"timestamp_at", format_time(snapshot.timestamp)}}}};
}

Json asset_json(const ledger::Genesis& genesis, ledger::AssetId id) {
  const auto& asset = *genesis.asset(id);
  return Json::Object{{"object", "asset"},
                      {"code", asset.code},
                      {"scale", std::uint64_t{asset.scale}},
                      {"issuer", address_text(genesis, asset.issuer)},
                      {"fee_per_operation", amount_json(genesis, asset.fee_per_operation, id)}};
}

Problem refusal_of(const proto::TransactionStatus& status) {
  Problem problem;
  problem.kind = status.result ? &problem_kind_of(*status.result) : &policy_kind(status.code);
  problem.detail = status.message;
  problem.members.emplace_back("transaction_id", base::to_hex(status.id.view()));
  if (problem.kind->retry == RetryClass::kAfter) problem.headers.emplace_back("Retry-After", "1");
  return problem;
}

}  // namespace peerpay::api

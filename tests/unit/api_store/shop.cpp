#include "tests/unit/api_store/shop.h"

namespace peerpay::api::test {

namespace lt = ledger::test;

const ledger::Genesis& genesis() {
  static const ledger::Genesis kGenesis = lt::test_genesis();
  return kGenesis;
}

const ObjectSettings& objects() {
  static const ObjectSettings kSettings{
      genesis(), "https://pay.example", "Shop",
      [](const wallet::PaymentRequest& request) { return "uri:" + request.reference; }};
  return kSettings;
}

Invoice invoice_of(std::uint64_t number) {
  Invoice invoice;
  invoice.id = id_of<InvoiceId>(number);
  invoice.payee = {lt::test_account(1), {}};
  invoice.asset = lt::kEur;
  invoice.amount = ledger::Amount{100};
  invoice.reference = "INV-" + std::to_string(number);
  invoice.created_at = {kStart.value + number};
  invoice.expires_at = {kStart.value + number + 60'000};
  return invoice;
}

WebhookEndpoint endpoint_of(std::uint64_t number) {
  WebhookEndpoint endpoint;
  endpoint.id = id_of<EndpointId>(number);
  endpoint.url = "https://shop.example/hooks/" + std::to_string(number);
  endpoint.secret.assign(kWebhookSecretBytes, static_cast<std::uint8_t>(number));
  endpoint.created_at = {kStart.value + number};
  return endpoint;
}

IdempotencyRecord record_of(std::uint64_t number, base::UnixMillis made_at) {
  IdempotencyRecord record;
  record.key = id_of<IdempotencyKey>(number);
  record.request = crypto::sha256({});
  record.made_at = made_at;
  record.status = 201;
  record.headers = {{"Location", "/v1/invoices/inv_1"}};
  record.body = R"({"object":"invoice"})";
  return record;
}

ledger::Pay pay(const Invoice& invoice, std::uint64_t units) {
  ledger::Pay out;
  out.payee = invoice.payee.account;
  out.tag = invoice.payee.tag;
  out.asset = invoice.asset;
  out.amount = ledger::Amount{units};
  const auto reference = base::as_bytes(invoice.reference);
  out.reference.assign(reference.begin(), reference.end());
  return out;
}

FollowPoint BlockMaker::genesis_point() const {
  return {ledger::Height{0}, ledger::block_hash(ledger::BlockHeader{}), kStart, 0};
}

BlockMaker::Made BlockMaker::next(base::UnixMillis timestamp,
                                  const std::vector<std::vector<ledger::Pay>>& transactions) {
  Made made;
  made.block.header.height = tip_.height.next();
  made.block.header.parent = ledger::block_hash(tip_);
  made.block.header.timestamp = timestamp;
  const auto chain = ledger::chain_id(genesis());
  for (const auto& operations : transactions) {
    ledger::Transaction body;
    body.sender = lt::test_account(2);
    body.nonce = ledger::Nonce{++nonce_};
    body.operations.assign(operations.begin(), operations.end());
    made.block.transactions.push_back(lt::sealed(chain, body));
  }
  tip_ = made.block.header;
  made.hash = ledger::block_hash(tip_);
  return made;
}

}  // namespace peerpay::api::test

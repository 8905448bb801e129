#include <algorithm>
#include <utility>

#include "api/core/invoice_rules.h"
#include "api/core/time_text.h"
#include "api/resources/fields.h"
#include "api/resources/merchant_resources.h"
#include "api/resources/paging.h"

namespace peerpay::api {
namespace {

// A cut of the gateway's clock against the payer's patience.
constexpr base::Duration kInvoiceLifeMin = base::seconds(1);

base::UnixMillis later(base::UnixMillis time, base::Duration by) {
  return {time.value + static_cast<std::uint64_t>(by.milliseconds())};
}

// Reads what a merchant asks for; everything that is wrong is gathered in the fields.
class InvoiceReader {
 public:
  InvoiceReader(const Services& services, const Json& body)
      : services_{services}, fields_{body}, now_{services.now()} {}

  base::Expected<Invoice, Problem> read() {
    Invoice invoice;
    services_.entropy(invoice.id.bytes);
    invoice.created_at = now_;
    read_payee(invoice);
    read_amount(invoice);
    read_reference(invoice);
    read_description(invoice);
    read_expiry(invoice);
    read_metadata(invoice);
    if (auto problem = fields_.problem()) return base::Unexpected{*std::move(problem)};
    return invoice;
  }

 private:
  void read_payee(Invoice& invoice) {
    const auto text = fields_.text("payee");
    if (!text && services_.settings.payee) {
      invoice.payee = *services_.settings.payee;
    } else if (!text) {
      fields_.fail("/payee", "member_missing",
                   "An address is needed: the gateway's configuration names no payee.");
    } else if (const auto address = ledger::parse_address(services_.network.genesis.kind, *text)) {
      invoice.payee = *address;
    } else {
      fields_.fail("/payee", "address_malformed",
                   text->empty() ? "The payee is empty: an address is expected."
                                 : "The payee is no address: " + address.error());
    }
  }

  void read_amount(Invoice& invoice) {
    const auto* amount = fields_.object("amount");
    if (amount == nullptr) {
      fields_.fail("/amount", "member_missing",
                   R"(An amount is needed, for example {"value": "12.50", "asset": "USD"}.)");
      return;
    }
    const auto code = amount->member_text("asset");
    const auto asset = services_.network.genesis.asset_by_code(code.value_or(""));
    if (!asset) {
      fields_.fail("/amount/asset", "asset_unknown", "The network has no such asset.");
      return;
    }
    invoice.asset = *asset;
    read_value(*amount, services_.network.genesis.asset(*asset)->scale, invoice);
    for (const auto& [name, value] : *amount->object()) {
      if (name == "asset" || name == "value") continue;
      fields_.fail("/amount" + json::pointer_to(name), "unknown_member",
                   "There is no member of this name.");
    }
  }

  void read_value(const Json& amount, std::uint8_t scale, Invoice& invoice) {
    const auto text = amount.member_text("value");
    const auto value = text ? ledger::parse_amount(*text, scale) : std::nullopt;
    if (value && !value->is_zero() && value->units() <= ledger::kSupplyMax) {
      invoice.amount = *value;
      return;
    }
    fields_.fail("/amount/value", "amount_malformed",
                 "A decimal text above 0 with at most " + std::to_string(scale) +
                     " digits after the point is expected.");
  }

  void read_reference(Invoice& invoice) {
    const auto text = fields_.text("reference");
    std::array<std::uint8_t, 8> random{};
    services_.entropy(random);
    std::uint64_t bits = 0;
    for (const auto byte : random) bits = bits << 8 | byte;
    invoice.reference = text ? *text : made_reference(bits);
    if (is_valid_reference(invoice.reference)) return;
    fields_.fail("/reference", "reference_malformed",
                 "1 to 32 bytes of UTF-8 without control characters are expected.");
  }

  void read_description(Invoice& invoice) {
    invoice.description = fields_.text("description").value_or("");
    if (is_valid_description(invoice.description)) return;
    fields_.fail("/description", "description_malformed",
                 "At most 500 bytes of UTF-8 without control characters are expected.");
  }

  void read_expiry(Invoice& invoice) {
    const auto text = fields_.text("expires_at");
    const auto time = text ? parse_time(*text) : std::optional{later(now_, kInvoiceLifeDefault)};
    if (time && *time >= later(now_, kInvoiceLifeMin) && *time <= later(now_, kInvoiceLifeMax)) {
      invoice.expires_at = *time;
      return;
    }
    fields_.fail("/expires_at", time ? "out_of_range" : "time_malformed",
                 "A time of RFC 3339 from now to 30 days from now is expected.");
  }

  void read_metadata(Invoice& invoice) {
    const auto* metadata = fields_.object("metadata");
    if (metadata == nullptr) return;
    for (const auto& [key, value] : *metadata->object()) {
      const auto text = value.text();
      if (!text) {
        fields_.fail("/metadata" + json::pointer_to(key), "text_expected",
                     "A text in quotes is expected.");
        return;
      }
      invoice.metadata.emplace_back(key, *text);
    }
    std::sort(invoice.metadata.begin(), invoice.metadata.end());
    if (is_valid_metadata(invoice.metadata)) return;
    fields_.fail("/metadata", "metadata_too_large",
                 "At most 50 keys of 1 to 40 bytes with values of 500 bytes, and 7 KiB in all, "
                 "without control characters, are expected.");
  }

  const Services& services_;
  Fields fields_;
  base::UnixMillis now_;
};

class InvoiceResource {
 public:
  explicit InvoiceResource(Services& services) : services_{services} {}

  Task<Outcome> create(Exchange& exchange) const {
    auto invoice = InvoiceReader{services_, exchange.body}.read();
    if (!invoice) co_return base::Unexpected{invoice.error()};
    co_return co_await changed(exchange, 201, [&](const MerchantBook::RecordMaker& record) {
      return services_.book.create_invoice(*invoice, record);
    });
  }

  Task<Outcome> void_one(Exchange& exchange) const {
    const auto id = parse_invoice_id(exchange.call.parameter("id"));
    if (!id) co_return base::Unexpected{unknown()};
    if (!exchange.body.object()->empty()) {
      co_return refuse("validation_error", "This request has no body.");
    }
    const auto now = services_.now();
    co_return co_await changed(exchange, 200, [&](const MerchantBook::RecordMaker& record) {
      return services_.book.void_invoice(*id, now, record);
    });
  }

  Task<Outcome> get(Exchange& exchange) const {
    const auto id = parse_invoice_id(exchange.call.parameter("id"));
    if (!id) co_return base::Unexpected{unknown()};
    const auto invoice = services_.store.invoice(*id);
    if (!invoice) co_return base::Unexpected{store_problem()};
    if (!*invoice) co_return base::Unexpected{unknown()};
    co_return Reply{.body = invoice_json(services_.objects, **invoice)};
  }

  Task<Outcome> list(Exchange& exchange) const {
    const auto page = parse_page(exchange);
    if (!page) co_return base::Unexpected{page.error()};
    InvoiceQuery query{.status = std::nullopt, .cursor = page->cursor, .limit = page->limit};
    if (const auto status = exchange.parameter("status")) {
      query.status = parse_invoice_status(*status);
      if (!query.status) co_return base::Unexpected{invalid_status()};
    }
    const auto found = services_.store.invoices(query);
    if (!found) co_return base::Unexpected{store_problem()};
    if (!*found) co_return base::Unexpected{invalid_cursor()};
    Json::Array data;
    for (const auto& invoice : (*found)->invoices) {
      data.push_back(invoice_json(services_.objects, invoice));
    }
    co_return page_reply(exchange, std::move(data), (*found)->next_cursor);
  }

 private:
  static Problem unknown() { return make_problem("not_found", "There is no such invoice."); }
  static Problem invalid_status() {
    auto problem = make_problem("validation_error", "status must be open, paid, expired or void.");
    problem.errors.push_back({"query/status", "unknown_value", problem.detail});
    return problem;
  }

  Reply reply_of(std::uint16_t status, const Invoice& invoice) const {
    Reply reply{.status = status, .body = invoice_json(services_.objects, invoice)};
    if (status == 201) {
      reply.headers.emplace_back("Location", "/v1/invoices/" + format_id(invoice.id));
    }
    return reply;
  }

  // Makes the change on the store thread, its record with it, and tells who waits for it.
  template <class Change>
  Task<Outcome> changed(Exchange& exchange, std::uint16_t status, Change change) const {
    const auto record = [&](const Invoice& invoice) {
      return recorded(*exchange.record, reply_of(status, invoice));
    };
    const auto happened = co_await services_.store_thread.run([&] { return change(record); });
    if (!happened) co_return base::Unexpected{problem_of(happened.error())};
    exchange.is_recorded = true;
    services_.tell(*happened);
    co_return reply_of(status, happened->invoices.front());
  }

  Services& services_;
};

}  // namespace

void add_invoices(Operations& operations) {
  const InvoiceResource resource{operations.services()};
  operations.post("/v1/invoices", Scope::kInvoicesWrite, Replay::kStored,
                  [resource](Exchange& exchange) { return resource.create(exchange); });
  operations.get("/v1/invoices", Scope::kInvoicesRead, {"limit", "cursor", "status"},
                 [resource](Exchange& exchange) { return resource.list(exchange); });
  operations.get("/v1/invoices/{id}", Scope::kInvoicesRead, {},
                 [resource](Exchange& exchange) { return resource.get(exchange); });
  operations.post("/v1/invoices/{id}/void", Scope::kInvoicesWrite, Replay::kStored,
                  [resource](Exchange& exchange) { return resource.void_one(exchange); });
}

}  // namespace peerpay::api

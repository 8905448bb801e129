#include <utility>

#include "api/resources/ledger_objects.h"
#include "api/resources/ledger_resources.h"
#include "api/resources/paging.h"

namespace peerpay::api {
namespace {

class AccountResource {
 public:
  explicit AccountResource(Services& services) : services_{services} {}

  Task<Outcome> get(Exchange& exchange) const {
    const auto account = parse_account(exchange);
    if (!account) co_return base::Unexpected{account.error()};
    const auto& genesis = services_.network.genesis;
    const auto point = services_.follower.point();
    const auto* cached =
        services_.follower.is_following() ? services_.accounts.find(*account) : nullptr;
    if (cached != nullptr && point)
      co_return Reply{.body = account_json(genesis, as_of(*cached, *point))};
    auto snapshot = co_await services_.node.account(*account);
    if (!snapshot) co_return base::Unexpected{problem_of(snapshot.error(), "account")};
    services_.accounts.put(*snapshot);
    co_return Reply{.body = account_json(genesis, *snapshot)};
  }

  Task<Outcome> transactions(Exchange& exchange) const {
    const auto account = parse_account(exchange);
    if (!account) co_return base::Unexpected{account.error()};
    const auto query = parse_page(exchange);
    if (!query) co_return base::Unexpected{query.error()};
    if (query->cursor.size() > proto::kCursorBytesMax) co_return base::Unexpected{invalid_cursor()};
    const proto::HistoryQuery asked{
        .account = *account, .cursor = query->cursor, .limit = query->limit};
    auto page = co_await services_.node.history(asked);
    if (!page && page.error().code == "cursor_invalid")
      co_return base::Unexpected{invalid_cursor()};
    if (!page) co_return base::Unexpected{problem_of(page.error(), "account")};
    Json::Array data;
    for (const auto& entry : page->entries) {
      data.push_back(transaction_json(services_.network.genesis, entry));
    }
    co_return page_reply(exchange, std::move(data), page->next_cursor);
  }

 private:
  // No block since has touched the account.
  static proto::AccountSnapshot as_of(proto::AccountSnapshot snapshot, const ChainPoint& point) {
    if (point.height > snapshot.height) {
      snapshot.height = point.height;
      snapshot.timestamp = point.timestamp;
    }
    return snapshot;
  }

  base::Expected<ledger::AccountId, Problem> parse_account(const Exchange& exchange) const {
    const auto address =
        ledger::parse_address(services_.network.genesis.kind, exchange.call.parameter("address"));
    if (address) return address->account;
    auto problem = make_problem("validation_error", address.error());
    problem.errors.push_back({"path/address", "address_malformed", address.error()});
    return base::Unexpected{std::move(problem)};
  }

  Services& services_;
};

}  // namespace

void add_accounts(Operations& operations) {
  const AccountResource resource{operations.services()};
  operations.get("/v1/accounts/{address}", std::nullopt, {},
                 [resource](Exchange& exchange) { return resource.get(exchange); });
  operations.get("/v1/accounts/{address}/transactions", std::nullopt, {"limit", "cursor"},
                 [resource](Exchange& exchange) { return resource.transactions(exchange); });
}

}  // namespace peerpay::api

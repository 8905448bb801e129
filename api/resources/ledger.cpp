#include "api/core/time_text.h"
#include "api/resources/ledger_resources.h"

namespace peerpay::api {

void add_ledger(Operations& operations) {
  auto& services = operations.services();
  operations.get("/v1/ledger/head", std::nullopt, {}, [&services](Exchange&) -> Task<Outcome> {
    const auto head = co_await services.node.head();
    if (!head) co_return base::Unexpected{problem_of(head.error(), "block")};
    co_return Reply{.body = Json::Object{{"object", "ledger_head"},
                                         {"network", services.network.genesis.network},
                                         {"chain_id", base::to_hex(services.network.chain.view())},
                                         {"height", head->height.value},
                                         {"hash", base::to_hex(head->hash.view())},
                                         {"timestamp_at", format_time(head->timestamp)}}};
  });
}

}  // namespace peerpay::api

#include <utility>

#include "api/resources/ledger_objects.h"
#include "api/resources/ledger_resources.h"
#include "api/resources/paging.h"

namespace peerpay::api {

// All of them: the genesis names few, and none is added later.
void add_assets(Operations& operations) {
  const auto& genesis = operations.services().network.genesis;
  operations.get("/v1/assets", std::nullopt, {}, [&genesis](Exchange& exchange) -> Task<Outcome> {
    Json::Array data;
    for (std::uint32_t id = 0; id < genesis.assets.size(); ++id) {
      data.push_back(asset_json(genesis, ledger::AssetId{id}));
    }
    co_return page_reply(exchange, std::move(data), "");
  });
}

}  // namespace peerpay::api

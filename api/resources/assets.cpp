#include <utility>

#include "api/resources/ledger_objects.h"
#include "api/resources/ledger_resources.h"
#include "api/resources/paging.h"

namespace peerpay::api {

// All of them: the genesis names few, and none is added later.
void add_assets(Operations& operations) {
  const auto& genesis = operations.services().network.genesis;
  operations.get(
      "/v1/assets", std::nullopt, {"limit", "cursor"},
      [&genesis](Exchange& exchange) -> Task<Outcome> {
        std::vector<NamedEntry> assets;
        for (std::uint32_t id = 0; id < genesis.assets.size(); ++id) {
          assets.push_back({genesis.assets[id].code, asset_json(genesis, ledger::AssetId{id})});
        }
        co_return page_of(exchange, assets);
      });
}

}  // namespace peerpay::api

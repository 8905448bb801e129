#include "node/net/connection_table.h"

#include <utility>

#include "base/check.h"

namespace peerpay::net {

void ConnectionTable::add(Connection connection) {
  auto& connections = by_source_[connection.source];
  connections.push_back(std::move(connection));
  ++size_;
}

Connection ConnectionTable::evict(const std::string& newcomer) {
  auto greediest = by_source_.find(newcomer);
  PEERPAY_CHECK(greediest != by_source_.end(), "the newcomer was added");
  for (auto source = by_source_.begin(); source != by_source_.end(); ++source) {
    if (source->second.size() > greediest->second.size()) greediest = source;
  }
  Connection evicted = std::move(greediest->second.back());
  greediest->second.pop_back();
  if (greediest->second.empty()) by_source_.erase(greediest);
  --size_;
  return evicted;
}

}  // namespace peerpay::net

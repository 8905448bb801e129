#include "node/app/node_config.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/settings/settings.h"
#include "ledger/limits.h"

namespace peerpay::app {
namespace {

// The only list of keys there is.
std::vector<settings::Setting> settings_of(NodeConfig& config) {
  return {
      {"peer", "listen",
       "host:port for the other validators; empty: this validator's address in the genesis",
       &config.peer_listen},
      {"client", "listen", "host:port for wallets and gateways", &config.client_listen},
      {"client", "tls_certificate", "PEM file; needed, with tls_key, to listen beyond loopback",
       &config.client_tls_certificate},
      {"client", "tls_key", "PEM file", &config.client_tls_key},
      {"verify",
       "threads",
       "workers for blocks, and as many for payments, 1 to 64",
       &config.verify_threads,
       {1, 64}},
      {"mempool",
       "bytes_max",
       "bytes of waiting transactions",
       &config.mempool_bytes_max,
       {ledger::kSignedTransactionBytesMax, UINT32_MAX}},
      {"mempool",
       "transactions_max",
       "number of waiting transactions",
       &config.mempool_transactions_max,
       {1, UINT32_MAX}},
      {"mempool",
       "operations_per_account_max",
       "operations that one account may pay for",
       &config.mempool_operations_per_account_max,
       {ledger::kOperationsMax, UINT32_MAX}},
      {"store", "history",
       "keep the index of each account's payments; fixed when the store is made",
       &config.keep_history},
      {"log", "level", "debug, info, warn or error", &config.log_level},
  };
}

}  // namespace

std::optional<std::string> NodeConfig::invalid_reason() const {
  if (!peer_listen.empty() && !base::parse_endpoint(peer_listen))
    return "peer.listen is not host:port";
  const auto client = base::parse_endpoint(client_listen);
  if (!client) return "client.listen is not host:port";
  if (client_tls_certificate.empty() != client_tls_key.empty()) {
    return "client.tls_certificate and client.tls_key go together";
  }
  if (client_tls_certificate.empty() && !client->is_loopback()) {
    return "client.listen is not a loopback address: give client.tls_certificate and "
           "client.tls_key";
  }
  constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
  bool level_known = false;
  for (const auto level : kLevels) level_known |= level == log_level;
  if (!level_known) return "log.level must be debug, info, warn or error";
  if (const auto reason = replica().invalid_reason()) return std::string{*reason};
  return std::nullopt;
}

node::ReplicaConfig NodeConfig::replica() const {
  node::ReplicaConfig out;
  out.mempool.bytes_max = mempool_bytes_max;
  out.mempool.transactions_max = mempool_transactions_max;
  out.mempool.operations_per_payer_max = mempool_operations_per_account_max;
  return out;
}

base::Expected<NodeConfig, std::string> parse_node_config(const std::string& text,
                                                          const std::string& source) {
  NodeConfig config;
  if (const auto read = settings::read(text, settings_of(config)); !read) {
    return base::Unexpected{read.error().text(source)};
  }
  if (const auto reason = config.invalid_reason())
    return base::Unexpected{fmt::format("{}: {}", source, *reason)};
  return config;
}

std::string format_node_config(const NodeConfig& config) {
  auto copy = config;
  return settings::print(settings_of(copy));
}

}  // namespace peerpay::app

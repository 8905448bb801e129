#include "node/app/node_config.h"

#include <fmt/format.h>

#include <functional>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "node/app/toml_file.h"

namespace peerpay::app {
namespace {

// One key of the file: how it is read, printed and explained. The only list of keys there is.
struct Key {
  std::string_view section;
  std::string_view name;
  std::string_view comment;
  std::function<bool(NodeConfig&, const toml::node&)> read;  // false: wrong type or out of range
  std::function<std::string(const NodeConfig&)> print;
};

// A TOML basic string.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

template <class Field>
Key text_key(std::string_view section, std::string_view name, std::string_view comment,
             Field field) {
  return {section, name, comment,
          [field](NodeConfig& config, const toml::node& node) {
            const auto value = node.value_exact<std::string>();
            if (value) config.*field = *value;
            return value.has_value();
          },
          [field](const NodeConfig& config) { return quoted(config.*field); }};
}

template <class Number>
Key number_key(std::string_view section, std::string_view name, std::string_view comment,
               Number NodeConfig::*field) {
  return {section, name, comment,
          [field](NodeConfig& config, const toml::node& node) {
            const auto value = node.value_exact<std::int64_t>();
            if (!value || *value < 0 || *value > std::int64_t{UINT32_MAX}) return false;
            config.*field = static_cast<Number>(*value);
            return true;
          },
          [field](const NodeConfig& config) { return fmt::format("{}", config.*field); }};
}

Key flag_key(std::string_view section, std::string_view name, std::string_view comment,
             bool NodeConfig::*field) {
  return {
      section, name, comment,
      [field](NodeConfig& config, const toml::node& node) {
        const auto value = node.value_exact<bool>();
        if (value) config.*field = *value;
        return value.has_value();
      },
      [field](const NodeConfig& config) { return std::string{config.*field ? "true" : "false"}; }};
}

const std::vector<Key>& keys() {
  static const std::vector<Key> kKeys = {
      text_key("peer", "listen",
               "host:port for the other validators; empty: this validator's address in the genesis",
               &NodeConfig::peer_listen),
      text_key("client", "listen", "host:port for wallets and gateways",
               &NodeConfig::client_listen),
      text_key("client", "tls_certificate",
               "PEM file; needed, with tls_key, to listen beyond loopback",
               &NodeConfig::client_tls_certificate),
      text_key("client", "tls_key", "PEM file", &NodeConfig::client_tls_key),
      number_key("verify", "threads", "workers that check signatures, 1 to 64",
                 &NodeConfig::verify_threads),
      number_key("mempool", "bytes_max", "bytes of waiting transactions",
                 &NodeConfig::mempool_bytes_max),
      number_key("mempool", "transactions_max", "number of waiting transactions",
                 &NodeConfig::mempool_transactions_max),
      number_key("mempool", "operations_per_account_max", "operations that one account may pay for",
                 &NodeConfig::mempool_operations_per_account_max),
      flag_key("store", "history",
               "keep the index of each account's payments; fixed when the store is made",
               &NodeConfig::keep_history),
      text_key("log", "level", "debug, info, warn or error", &NodeConfig::log_level),
  };
  return kKeys;
}

const Key* find_key(std::string_view section, std::string_view name) {
  for (const auto& key : keys()) {
    if (key.section == section && key.name == name) return &key;
  }
  return nullptr;
}

std::optional<std::string> read_section(NodeConfig& config, std::string_view section,
                                        const toml::table& table, const std::string& source) {
  for (const auto& [name, node] : table) {
    const auto line = node.source().begin.line;
    const Key* key = find_key(section, name.str());
    if (key == nullptr)
      return fmt::format("{}:{}: unknown key {}.{}", source, line, section, name.str());
    if (!key->read(config, node)) {
      return fmt::format("{}:{}: {}.{} has a value of the wrong type or range ({})", source, line,
                         section, name.str(), key->comment);
    }
  }
  return std::nullopt;
}

bool is_section(std::string_view name) {
  for (const auto& key : keys()) {
    if (key.section == name) return true;
  }
  return false;
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
  if (verify_threads < 1 || verify_threads > 64) return "verify.threads must be 1 to 64";
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
  const auto parsed = parse_toml(text, source);
  if (!parsed) return base::Unexpected{parsed.error()};
  NodeConfig config;
  for (const auto& [name, node] : *parsed) {
    const auto* table = node.as_table();
    if (table == nullptr || !is_section(name.str())) {
      return base::Unexpected{
          fmt::format("{}:{}: unknown key {}", source, node.source().begin.line, name.str())};
    }
    if (auto error = read_section(config, name.str(), *table, source))
      return base::Unexpected{*error};
  }
  if (const auto reason = config.invalid_reason())
    return base::Unexpected{fmt::format("{}: {}", source, *reason)};
  return config;
}

std::string format_node_config(const NodeConfig& config) {
  std::string out;
  std::string_view section;
  for (const auto& key : keys()) {
    if (key.section != section)
      out += fmt::format("{}[{}]\n", out.empty() ? "" : "\n", key.section);
    section = key.section;
    out += fmt::format("# {}\n{} = {}\n", key.comment, key.name, key.print(config));
  }
  return out;
}

}  // namespace peerpay::app

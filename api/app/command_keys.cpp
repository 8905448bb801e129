#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/app/commands.h"
#include "api/app/key_file.h"
#include "api/app/network_pin.h"
#include "api/core/time_text.h"
#include "base/json/json.h"
#include "base/os/clock.h"
#include "base/os/entropy.h"
#include "base/os/file.h"

namespace peerpay::api {
namespace {

using json::Json;

constexpr std::size_t kNameBytesMax = 64;

struct KeysOptions {
  std::string data;
  std::string name;
  std::vector<std::string> scopes;
  std::string id;
  bool is_json = false;
};

Json key_json(const ApiKey& key) {
  Json::Array scopes;
  for (const auto scope : key.scopes) scopes.emplace_back(name(scope));
  return Json::Object{{"id", format_id(key.id)},
                      {"name", key.name},
                      {"scopes", std::move(scopes)},
                      {"created_at", format_time(key.created_at)}};
}

Result<std::vector<Scope>> parse_scopes(const std::vector<std::string>& texts) {
  std::vector<Scope> out;
  for (std::size_t i = 0; texts.empty() && i < kScopes; ++i) out.push_back(static_cast<Scope>(i));
  for (const auto& text : texts) {
    const auto scope = parse_scope(text);
    if (!scope) return fail(ExitCode::kUsage, fmt::format("There is no scope \"{}\".", text));
    if (std::find(out.begin(), out.end(), *scope) == out.end()) out.push_back(*scope);
  }
  return out;
}

bool is_name(const std::string& text) {
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  return !text.empty() && text.size() <= kNameBytesMax &&
         std::all_of(text.begin(), text.end(), is_printable);
}

// A gateway that has not seen its network yet is one that is being tried out.
ledger::NetworkKind kind_of(const std::string& directory) {
  const auto network = read_pinned_network(directory);
  return network ? network->genesis.kind : ledger::NetworkKind::kTest;
}

struct NewKey {
  ApiKey key;
  std::string secret;
};

Result<NewKey> make_key(const KeysOptions& options) {
  if (!is_name(options.name)) {
    return fail(ExitCode::kUsage, "A key's name has 1 to 64 printable ASCII characters.");
  }
  auto scopes = parse_scopes(options.scopes);
  if (!scopes) return base::Unexpected{scopes.error()};
  NewKey out;
  out.key.name = options.name;
  out.key.scopes = *std::move(scopes);
  ApiKeySeed seed;
  for (const auto span :
       {std::span<std::uint8_t>{seed.bytes}, std::span<std::uint8_t>{out.key.id.bytes}}) {
    if (const auto filled = os::fill_with_entropy(span); !filled) {
      return fail(ExitCode::kError, filled.error().sentence());
    }
  }
  out.secret = format_api_key(kind_of(options.data), seed);
  out.key.hash = hash_api_key(out.secret);
  out.key.created_at = os::read_clock().wall;
  return out;
}

ExitCode run_new(const KeysOptions& options) {
  if (const auto made = os::create_directories(options.data, 0700); !made) {
    return report({ExitCode::kError, made.error().sentence()});
  }
  const auto made = make_key(options);
  if (!made) return report(made.error());
  const auto stored = KeyFile{options.data}.update([&](std::vector<ApiKey>& keys) -> Result<void> {
    if (keys.size() == kApiKeysMax) return fail(ExitCode::kError, "There are 1,024 keys already.");
    keys.push_back(made->key);
    return {};
  });
  if (!stored) return report(stored.error());
  if (options.is_json) {
    auto json = *key_json(made->key).object();
    json.emplace_back("key", made->secret);
    fmt::print("{}\n", Json{std::move(json)}.serialized());
  } else {
    fmt::print("{}\n", made->secret);
    fmt::print(stderr, "Key {} \"{}\": shown this once, keep it secret.\n", format_id(made->key.id),
               made->key.name);
  }
  return ExitCode::kOk;
}

ExitCode run_ls(const KeysOptions& options) {
  const auto keys = KeyFile{options.data}.read();
  if (!keys) return report(keys.error());
  if (options.is_json) {
    Json::Array entries;
    for (const auto& key : *keys) entries.push_back(key_json(key));
    fmt::print("{}\n", Json{Json::Object{{"keys", std::move(entries)}}}.serialized());
    return ExitCode::kOk;
  }
  for (const auto& key : *keys) {
    std::string scopes;
    for (const auto scope : key.scopes) {
      scopes += (scopes.empty() ? "" : ",") + std::string{name(scope)};
    }
    fmt::print("{}  {}  {}  {}\n", format_id(key.id), format_time(key.created_at), key.name,
               key.scopes.size() == kScopes ? "all" : scopes);
  }
  if (keys->empty())
    fmt::print(stderr, "No keys yet. Next: peerpay-gateway keys new --name NAME\n");
  return ExitCode::kOk;
}

ExitCode run_revoke(const KeysOptions& options) {
  const auto id = parse_api_key_id(options.id);
  if (!id) return report({ExitCode::kUsage, "A key's id looks like key_0k3t…; see keys ls."});
  const auto stored = KeyFile{options.data}.update([&](std::vector<ApiKey>& keys) -> Result<void> {
    const auto removed = std::erase_if(keys, [&](const ApiKey& key) { return key.id == *id; });
    if (removed == 0) return fail(ExitCode::kError, "There is no key " + options.id + ".");
    return {};
  });
  if (!stored) return report(stored.error());
  if (options.is_json) fmt::print("{}\n", Json{Json::Object{{"revoked", options.id}}}.serialized());
  fmt::print(stderr, "Key {} is revoked; a running gateway knows at once.\n", options.id);
  return ExitCode::kOk;
}

using Verb = ExitCode (*)(const KeysOptions&);

CLI::App* add_verb(CLI::App& keys, const std::string& name, const std::string& help,
                   const std::shared_ptr<KeysOptions>& options, Verb verb,
                   const Selected& selected) {
  auto* command = keys.add_subcommand(name, help);
  command->add_option("--data", options->data, "The gateway's data directory")->required();
  command->add_flag("--json", options->is_json, "One JSON object on stdout");
  command->callback(
      [options, verb, selected] { selected([options, verb] { return verb(*options); }); });
  return command;
}

}  // namespace

void add_keys(CLI::App& app, const Selected& selected) {
  auto* keys = app.add_subcommand("keys", "API keys: new, ls, revoke");
  keys->require_subcommand(1);
  const auto options = std::make_shared<KeysOptions>();
  auto* made = add_verb(*keys, "new", "Makes a key and shows it once", options, run_new, selected);
  made->add_option("--name", options->name, "What it is for, for people")->required();
  made->add_option("--scope", options->scopes,
                   "One scope of: transactions:write, invoices:read, invoices:write, "
                   "webhooks:read, webhooks:write, events:read; several times; otherwise all");
  add_verb(*keys, "ls", "Lists the keys, without their secrets", options, run_ls, selected);
  auto* revoke = add_verb(*keys, "revoke", "Ends a key", options, run_revoke, selected);
  revoke->add_option("ID", options->id, "key_…, as keys ls shows it")->required();
}

}  // namespace peerpay::api

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>

#include "base/json/json.h"
#include "base/os/file.h"
#include "node/app/commands.h"
#include "node/app/home.h"
#include "node/evidence/proof_file.h"

namespace peerpay::app {
namespace {

using json::Json;

struct VerifyOptions {
  std::string file;
  std::string genesis;
  bool json = false;
};

void print_json(const evidence::Proof& proof, const ledger::Network& network) {
  Json::Array guilty;
  for (const auto index : evidence::accused(proof))
    guilty.emplace_back(network.genesis.validators[index.value].name);
  const Json out =
      Json::Object{{"guilty", std::move(guilty)}, {"sentence", evidence::sentence(proof, network)}};
  fmt::print("{}\n", out.serialized());
}

ExitCode verify(const VerifyOptions& options) {
  auto genesis = load_genesis(options.genesis);
  if (!genesis) return report(genesis.error());
  const auto network = ledger::network_of(std::move(*genesis));
  const auto bytes = os::read_input(options.file, evidence::kProofFileBytesMax);
  if (!bytes) return report({ExitCode::kUsage, bytes.error().sentence()});
  const auto proof = evidence::from_file(base::to_text(*bytes), network);
  if (!proof)
    return report({ExitCode::kDataCorrupt,
                   fmt::format("{} proves nothing: {}.", options.file, proof.error())});
  const auto guilty = evidence::guilty(*proof, network);
  if (!guilty)
    return report({ExitCode::kDataCorrupt,
                   fmt::format("{} proves nothing: {}.", options.file, guilty.error())});
  if (options.json) {
    print_json(*proof, network);
  } else {
    fmt::print("Proved: {}\n", evidence::sentence(*proof, network));
  }
  return ExitCode::kOk;
}

}  // namespace

void add_evidence(CLI::App& app, const Selected& selected) {
  auto options = std::make_shared<VerifyOptions>();
  auto* group = app.add_subcommand("evidence", "What proves that validators broke the protocol");
  group->require_subcommand(1);
  auto* command =
      group->add_subcommand("verify", "Says whom a file of DIR/evidence proves guilty, if anyone");
  command->add_option("file", options->file, "The file")->required();
  command->add_option("--genesis", options->genesis, "The network's genesis")->required();
  command->add_flag("--json", options->json, "One JSON object on stdout");
  command->callback([options, selected] { selected([options] { return verify(*options); }); });
}

}  // namespace peerpay::app

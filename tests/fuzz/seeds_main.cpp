// fuzz_seeds FOLDER: writes a first corpus of each target, FOLDER/TARGET/HASH.bin.

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/rng.h"
#include "crypto/hash.h"
#include "tests/fuzz/seeds.h"

namespace peerpay::fuzz {
namespace {

// For targets that read their input as decisions (draw.h): any bytes are a story, and a fuzzer that
// begins with long ones does not spend its time on growing them.
Seeds decision_seeds() {
  Seeds seeds;
  base::Rng rng{20'261'122};
  for (const auto* target : {"account", "bcs", "consensus_cluster", "consensus_engine",
                             "ledger_model", "merkle", "sign_log", "state_tree"}) {
    for (const std::size_t size : {24U, 96U, 300U, 900U}) {
      base::Bytes input(size);
      for (auto& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
      seeds.emplace_back(target, std::move(input));
    }
  }
  seeds.emplace_back("civil_time", base::Bytes(32, 1));
  seeds.emplace_back("age", base::Bytes{2, 0});
  return seeds;
}

}  // namespace
}  // namespace peerpay::fuzz

int main(int argc, char** argv) {
  using namespace peerpay;
  if (argc != 2) {
    std::fputs("usage: fuzz_seeds FOLDER\n", stderr);
    return 64;
  }
  for (const auto& seeds : {fuzz::text_seeds(), fuzz::ledger_seeds(), fuzz::network_seeds(),
                            fuzz::gateway_seeds(), fuzz::decision_seeds()}) {
    for (const auto& [target, input] : seeds) {
      const auto folder = std::filesystem::path{argv[1]} / target;
      std::filesystem::create_directories(folder);
      const auto hash = base::to_hex(crypto::sha256(input).view());
      std::ofstream out{folder / (hash.substr(0, 16) + ".bin"), std::ios::binary};
      out.write(reinterpret_cast<const char*>(input.data()), std::ssize(input));
      if (!out.flush()) return 1;
    }
  }
  return 0;
}

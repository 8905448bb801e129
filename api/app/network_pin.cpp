#include "api/app/network_pin.h"

#include <cerrno>
#include <utility>

#include "base/os/file.h"

namespace peerpay::api {
namespace {

// The largest genesis file that is read, here as by nodes.
constexpr std::size_t kGenesisBytesMax = std::size_t{1} << 31;

std::string path_in(const std::string& directory) { return directory + "/genesis.bcs"; }

}  // namespace

Result<Network> check_network(base::ByteView bytes, const std::string& source) {
  auto genesis = ledger::decode_genesis(bytes);
  if (!genesis) {
    return fail(ExitCode::kDataCorrupt, "The genesis of " + source + " can't be read: " +
                                            std::string{base::sentence(genesis.error())});
  }
  if (const auto reason = genesis->invalid_reason()) {
    return fail(ExitCode::kDataCorrupt, "The genesis of " + source + " breaks a rule: " + *reason);
  }
  return ledger::network_of(*std::move(genesis));
}

Result<Network> read_pinned_network(const std::string& directory) {
  const auto bytes = os::read_file(path_in(directory), kGenesisBytesMax);
  if (bytes) return check_network(*bytes, path_in(directory));
  const auto code =
      bytes.error().errno_value == ENOENT ? ExitCode::kNodeUnreachable : ExitCode::kError;
  return fail(code, bytes.error().sentence());
}

Result<void> pin_network(const std::string& directory, base::ByteView genesis) {
  const os::WriteOptions options{.existing = os::Existing::kRefuse};
  const auto written = os::write_file_atomically(path_in(directory), genesis, options);
  if (!written) return fail(ExitCode::kDurabilityLost, written.error().sentence());
  return {};
}

}  // namespace peerpay::api

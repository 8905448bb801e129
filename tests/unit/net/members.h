#pragma once
// Members of a small network on 127.0.0.1, for tests of the peer links.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "node/net/peer_network.h"

namespace peerpay::net {

// Long enough for a loaded machine under a sanitizer; a test that waits this long has failed.
inline constexpr std::chrono::seconds kPatience{30};

// Not in use at the moment of the call, and below the range from which the system picks its own.
[[nodiscard]] std::uint16_t free_port();

// Calls `done` until it is true; false when patience runs out.
[[nodiscard]] bool eventually(const std::function<bool()>& done);

// Remembers what it is told.
class Recorder final : public PeerHandler {
 public:
  void on_message(PeerIndex from, base::Bytes message, Credit credit) override;
  void on_connected(PeerIndex peer) override;
  void on_disconnected(PeerIndex peer) override;
  void on_replaced(PeerIndex peer) override;

  // False when patience runs out.
  [[nodiscard]] bool wait_messages(PeerIndex from, std::size_t count);
  [[nodiscard]] bool wait_connected(PeerIndex peer, bool connected = true);

  [[nodiscard]] std::vector<base::Bytes> messages(PeerIndex from);
  [[nodiscard]] std::uint32_t times_replaced(PeerIndex by);
  // "+1" for each on_connected(1), "-1" for each on_disconnected(1), in order.
  [[nodiscard]] std::string reports();
  // From now on credit is kept instead of given back at once; or given back, all of it.
  void keep_credit(bool keep);

 private:
  bool wait(const std::function<bool()>& condition);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<PeerIndex, std::vector<base::Bytes>> messages_;
  std::map<PeerIndex, bool> connected_;
  std::map<PeerIndex, std::uint32_t> replaced_;
  std::string reports_;
  bool keeps_credit_ = false;
  std::vector<Credit> kept_;
};

// A validator to be: its place in the network, its identity, and its node while it runs.
struct Member {
  Peer as_peer;
  TlsIdentity identity;
  Recorder recorder;
  std::unique_ptr<PeerNetwork> network;
};

inline constexpr ledger::ChainId kTestChain{{1, 2, 3}};

struct MemberOptions {
  PeerLimits limits;
  ledger::ChainId chain = kTestChain;
};

// A copy: identities are moved into the networks that use them.
[[nodiscard]] TlsIdentity copy(const TlsIdentity& identity);

// All members of a network; none runs yet.
[[nodiscard]] std::vector<std::unique_ptr<Member>> make_members(std::size_t count);
void start(Member& member, const std::vector<std::unique_ptr<Member>>& all,
           const MemberOptions& options = {});
// Starts all and waits until everyone is connected with everyone.
void start_all(const std::vector<std::unique_ptr<Member>>& all, const MemberOptions& options = {});

// `size` bytes (at least 4) that begin with `number`, and the number of such a message.
[[nodiscard]] std::shared_ptr<const base::Bytes> numbered(std::uint32_t number,
                                                          std::size_t size = 200);
[[nodiscard]] std::uint32_t number_of(const base::Bytes& message);

}  // namespace peerpay::net

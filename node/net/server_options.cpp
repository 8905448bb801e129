#include "node/net/server_options.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <vector>

namespace peerpay::net {
namespace {

// Of gRPC's synchronous services (reflection alone); the others use gRPC's callback threads.
constexpr int kServerThreadsMax = 8;

int as_int(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

class PluginRemover final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->clear();
  }
};

}  // namespace

void limit_server(grpc::ServerBuilder& builder, const ServerLimits& limits) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes_max));
  builder.SetResourceQuota(
      grpc::ResourceQuota{}.Resize(limits.memory_bytes_max).SetMaxThreads(kServerThreadsMax));
  const auto set = [&builder](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  set(GRPC_ARG_ALLOW_REUSEPORT, 0);
  set(GRPC_ARG_ENABLE_CHANNELZ, 1);  // for call_counter.h
  set(GRPC_ARG_MAX_CHANNEL_TRACE_EVENT_MEMORY_PER_NODE, 0);
  set(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  if (limits.stream_unread_bytes_max) {
    // A message that is being read may exceed it. Probing the link, gRPC would raise it to
    // megabytes for each of a stranger's streams.
    set(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, *limits.stream_unread_bytes_max);
  }
  set(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, limits.read_bytes_max);
  set(GRPC_ARG_MAX_METADATA_SIZE, limits.metadata_bytes_max);
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_per_connection_max);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, as_int(limits.handshake_timeout));
  set(GRPC_ARG_KEEPALIVE_TIME_MS, as_int(limits.keepalive_interval));
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, as_int(limits.keepalive_timeout));
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // None: a connection that pings too often and reads no answer would end only when its last write
  // does, and until then each ping adds to the reason (1.51 holds 500 MB after five seconds).
  // Without strikes gRPC stops reading such a connection.
  set(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, as_int(limits.connection_idle_max));
}

void add_default_services(grpc::ServerBuilder& builder) {
  // Registers the plugin for every server builder from here on; the peers' remove it again.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::EnableDefaultHealthCheckService(true);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 1);
}

void remove_default_services(grpc::ServerBuilder& builder) {
  builder.SetOption(std::make_unique<PluginRemover>());
  builder.SetOption(std::make_unique<grpc::HealthCheckServiceServerBuilderOption>(nullptr));
}

}  // namespace peerpay::net

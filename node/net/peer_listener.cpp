#include "node/net/peer_listener.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "node/net/credit_window.h"
#include "node/net/frame.h"
#include "node/net/grpc_listener.h"
#include "node/net/pinned_tls.h"
#include "node/net/server_options.h"
#include "node/net/wire_names.h"
#include "peerpay/v1/peer.grpc.pb.h"

namespace peerpay::net {
namespace {

using ByteStream = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// One stream is needed; the others let a peer come back before its old stream is known to be dead.
constexpr int kReadBytesMax = 64 * 1024;
constexpr int kStreamsPerConnectionMax = 4;

// gRPC's own buffers, beside a frame in the making and one being read for each peer and lane.
constexpr std::size_t kMemoryBytesBase = 64 * 1024 * 1024;

// A connection without a stream is a dial that failed halfway.
constexpr std::chrono::milliseconds kConnectionIdleMax{30'000};

class InboundStream;

// What a stream needs of its listener.
class StreamOwner {
 public:
  virtual ~StreamOwner() = default;
  virtual void on_message(PeerIndex from, base::Bytes message, Credit credit) = 0;
  // The last call of a stream, once it has let go of everything.
  virtual void on_stream_done(PeerIndex peer, Lane lane, const InboundStream* stream) = 0;
};

// One stream that a peer dialled. Its credit objects may outlive it.
class InboundStream final : public ByteStream, public CreditIssuer {
 public:
  InboundStream(PeerIndex peer, Lane lane, const LaneLimits& limits, PeerCounters& counters,
                StreamOwner& owner)
      : peer_{peer},
        lane_{lane},
        message_bytes_max_{limits.message_bytes_max},
        counters_{counters},
        owner_{owner},
        window_{limits.credit_bytes} {}

  // REQUIRES: called once. Keeps the stream alive until OnDone.
  void begin(std::shared_ptr<InboundStream> self) {
    const std::scoped_lock lock{mutex_};
    self_ = std::move(self);
    grant_locked();
    StartRead(&frame_);
  }

  void finish(const grpc::Status& status) {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(finished_, true)) return;
    Finish(status);
  }

  void release(std::size_t bytes) override {
    const std::scoped_lock lock{mutex_};
    window_.give_back(bytes);
    grant_locked();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      finish(grpc::Status::OK);
      return;
    }
    count(counters_.frames_received);
    const bool sound = decode_frame(frame_, message_bytes_max_, [this](base::Bytes message) {
      return take(std::move(message));
    });
    if (!sound) {
      count(counters_.streams_cut);
      finish({grpc::StatusCode::INVALID_ARGUMENT,
              "frame_refused: The frame is malformed or exceeds the credit."});
      return;
    }
    StartRead(&frame_);
  }

  // A failed write means that the stream ends: OnReadDone says so too.
  void OnWriteDone(bool ok) override {
    if (!ok) return;
    const std::scoped_lock lock{mutex_};
    granting_ = false;
    grant_locked();
  }

  void OnDone() override {
    std::shared_ptr<InboundStream> self;
    {
      const std::scoped_lock lock{mutex_};
      finished_ = true;
      self = std::move(self_);
    }
    StreamOwner& owner = owner_;
    const PeerIndex peer = peer_;
    const Lane lane = lane_;
    const InboundStream* name = this;
    self.reset();  // *this is gone from here on, but for its credit objects
    owner.on_stream_done(peer, lane, name);
  }

 private:
  bool take(base::Bytes message) {
    const std::size_t cost = cost_of(message.size());
    Credit credit;
    {
      const std::scoped_lock lock{mutex_};
      if (!window_.take(cost)) return false;
      credit = Credit{self_, cost};
    }
    count(counters_.messages_received);
    count(counters_.bytes_received, message.size());
    owner_.on_message(peer_, std::move(message), std::move(credit));
    return true;
  }

  // REQUIRES: mutex_ is held, so that no write follows Finish.
  void grant_locked() {
    if (finished_ || granting_) return;
    const std::uint64_t bytes = window_.grant();
    if (bytes == 0) return;
    v1::PeerCredit credit;
    credit.set_bytes(bytes);
    bool own_buffer = false;
    if (!grpc::SerializationTraits<v1::PeerCredit>::Serialize(credit, &grant_, &own_buffer).ok()) {
      return;
    }
    granting_ = true;
    StartWrite(&grant_);
  }

  const PeerIndex peer_;
  const Lane lane_;
  const std::size_t message_bytes_max_;
  PeerCounters& counters_;
  StreamOwner& owner_;
  grpc::ByteBuffer frame_;  // of the one read under way
  std::mutex mutex_;
  std::shared_ptr<InboundStream> self_;  // guarded by mutex_, as all below; until OnDone
  CreditWindow window_;
  grpc::ByteBuffer grant_;
  bool granting_ = false;
  bool finished_ = false;
};

class RefusedStream final : public ByteStream {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

using RawPeerService = v1::Peer::WithRawCallbackMethod_Consensus<
    v1::Peer::WithRawCallbackMethod_Bulk<v1::Peer::Service>>;

class Listener final : public PeerListener, public StreamOwner, public RawPeerService {
 public:
  Listener(const ListenerOptions& options, std::shared_ptr<PeerCounters> counters,
           InboundEvents& events)
      : chain_{options.chain},
        limits_{options.limits},
        counters_{std::move(counters)},
        events_{events} {
    std::vector<ledger::TlsPin> pins;
    for (const Peer& peer : options.peers) {
      peers_.emplace(peer.pin, peer.index);
      pins.push_back(peer.pin);
    }
    credentials_ = pinned_server_credentials(options.identity, std::move(pins), counters_);
  }

  std::optional<std::string> listen(const std::string& address) override {
    grpc::ServerBuilder builder;
    limit_server(builder, server_limits());
    remove_default_services(builder);
    builder.RegisterService(static_cast<RawPeerService*>(this));
    auto failure =
        grpc_.start(builder, credentials_,
                    {.address = address,
                     .connections_max = limits_.connections_max,
                     .unused_bytes_max = unused_bytes_max(server_limits().message_bytes_max),
                     .silent_max = base::milliseconds(limits_.handshake_timeout.count())});
    if (!failure) grpc_.accept();
    return failure;
  }

  void stop() override {
    grpc_.stop();
    std::unique_lock lock{mutex_};
    all_done_.wait(lock, [this] { return streams_alive_ == 0; });
  }

  std::uint16_t port() const override { return grpc_.port(); }

  bool has_stream(PeerIndex peer, Lane lane) const override {
    const std::scoped_lock lock{mutex_};
    return current_.contains({peer, lane});
  }

  ByteStream* Consensus(grpc::CallbackServerContext* context) override {
    return accept(*context, Lane::kConsensus);
  }
  ByteStream* Bulk(grpc::CallbackServerContext* context) override {
    return accept(*context, Lane::kBulk);
  }

  void on_message(PeerIndex from, base::Bytes message, Credit credit) override {
    events_.on_message(from, std::move(message), std::move(credit));
  }

  void on_stream_done(PeerIndex peer, Lane lane, const InboundStream* stream) override {
    bool changed = false;
    {
      const std::scoped_lock lock{mutex_};
      const auto place = current_.find({peer, lane});
      if (place != current_.end() && place->second.name == stream) {
        current_.erase(place);
        changed = true;
      }
    }
    if (changed) events_.on_inbound_changed(peer);
    const std::scoped_lock lock{mutex_};
    --streams_alive_;
    all_done_.notify_all();
  }

 private:
  struct Current {
    std::weak_ptr<InboundStream> stream;
    const InboundStream* name = nullptr;  // for comparison only
  };

  ServerLimits server_limits() const {
    const std::size_t frame = limits_.bulk.message_bytes_max + limits_.bulk.frame_bytes_target;
    return {.message_bytes_max = frame + kFrameOverheadBytesMax,
            .memory_bytes_max = kMemoryBytesBase + peers_.size() * 2 * frame * kLaneCount,
            .read_bytes_max = kReadBytesMax,
            .metadata_bytes_max = kMetadataBytesMax,
            .streams_per_connection_max = kStreamsPerConnectionMax,
            .stream_unread_bytes_max = std::nullopt,
            .handshake_timeout = limits_.handshake_timeout,
            .keepalive_interval = limits_.keepalive_interval,
            .keepalive_timeout = limits_.keepalive_timeout,
            .connection_idle_max = kConnectionIdleMax};
  }

  ByteStream* accept(grpc::CallbackServerContext& context, Lane lane) {
    const auto peer = authenticate(context);
    if (!peer) {
      count(counters_->handshakes_refused);
      return new RefusedStream{{grpc::StatusCode::UNAUTHENTICATED,
                                "peer_unknown: The key is not a validator's of this network."}};
    }
    if (!names_our_chain(context)) {
      count(counters_->streams_refused);
      return new RefusedStream{{grpc::StatusCode::FAILED_PRECONDITION,
                                "chain_id_wrong: This node belongs to another network."}};
    }
    auto stream =
        std::make_shared<InboundStream>(*peer, lane, limits_.lane(lane), *counters_, *this);
    const auto replaced = install(*peer, lane, stream);
    if (replaced) {
      count(counters_->streams_replaced);
      replaced->finish({grpc::StatusCode::ABORTED, kReplacedMessage});
    }
    events_.on_inbound_changed(*peer);
    stream->begin(stream);
    return stream.get();
  }

  // Asked anew for each stream: gRPC's handshake may have been an earlier one, resumed.
  std::optional<PeerIndex> authenticate(const grpc::CallbackServerContext& context) const {
    const auto authentication = context.auth_context();
    const auto pin = authenticated_pin(*authentication);
    if (!pin) return std::nullopt;
    const auto peer = peers_.find(*pin);
    if (peer == peers_.end()) return std::nullopt;
    return peer->second;
  }

  bool names_our_chain(const grpc::CallbackServerContext& context) const {
    const auto& metadata = context.client_metadata();
    const auto [first, last] = metadata.equal_range(kChainMetadataKey);
    if (first == last || std::next(first) != last) return false;
    const auto named =
        ledger::ChainId::from(base::as_bytes({first->second.data(), first->second.size()}));
    return named == chain_;
  }

  // Returns the stream that the new one replaces, if there is one.
  std::shared_ptr<InboundStream> install(PeerIndex peer, Lane lane,
                                         const std::shared_ptr<InboundStream>& stream) {
    const std::scoped_lock lock{mutex_};
    ++streams_alive_;
    Current& current = current_[{peer, lane}];
    auto replaced = current.stream.lock();
    current = {stream, stream.get()};
    return replaced;
  }

  const ledger::ChainId chain_;
  const PeerLimits limits_;
  const std::shared_ptr<PeerCounters> counters_;
  InboundEvents& events_;
  std::map<ledger::TlsPin, PeerIndex> peers_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  GrpcListener grpc_;
  mutable std::mutex mutex_;
  std::condition_variable all_done_;
  std::map<std::pair<PeerIndex, Lane>, Current> current_;  // guarded by mutex_
  std::size_t streams_alive_ = 0;                          // guarded by mutex_
};

}  // namespace

std::unique_ptr<PeerListener> PeerListener::create(const ListenerOptions& options,
                                                   std::shared_ptr<PeerCounters> counters,
                                                   InboundEvents& events) {
  return std::make_unique<Listener>(options, std::move(counters), events);
}

}  // namespace peerpay::net

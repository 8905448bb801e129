#include "node/net/peer_network.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "node/net/dial_schedule.h"
#include "node/net/dialled_stream.h"
#include "node/net/outbound_lane.h"
#include "node/net/peer_counters.h"
#include "node/net/peer_listener.h"
#include "node/net/pinned_tls.h"

namespace peerpay::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array kLanes = {Lane::kConsensus, Lane::kBulk};
static_assert(kLanes.size() == kLaneCount);

// One (peer, lane) that this node dials, with everything that concerns it.
class Link;

class LinkOwner {
 public:
  virtual ~LinkOwner() = default;
  virtual void on_link_open(Link& link) = 0;
  virtual void on_link_ending(Link& link) = 0;
  virtual void on_link_closed(Link& link, const StreamEnd& end) = 0;
};

class Link final : public StreamEvents {
 public:
  Link(std::size_t peer_slot, Lane lane_id, const PeerLimits& limits, std::uint64_t seed,
       PeerCounters& counters, LinkOwner& owner)
      : slot{peer_slot},
        id{lane_id},
        lane{lane_id, limits, counters},
        schedule{limits, seed, Clock::now()},
        owner_{owner} {}

  void on_credit(std::uint64_t bytes) override {
    if (lane.add_credit(bytes)) owner_.on_link_open(*this);
  }
  void on_written() override { lane.on_written(); }
  void on_ending() override {
    lane.close();
    owner_.on_link_ending(*this);
  }
  void on_closed(const StreamEnd& end) override { owner_.on_link_closed(*this, end); }

  const std::size_t slot;  // of the peer
  const Lane id;
  OutboundLane lane;
  // Guarded by the network's mutex_:
  DialSchedule schedule;
  bool waits_for_writer = false;
  std::string last_failure;

 private:
  LinkOwner& owner_;
};

struct PeerSlot {
  Peer peer;
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  std::array<std::unique_ptr<Link>, kLaneCount> links;
  std::mutex report_mutex;  // held while the handler is told, so that it is told in order
  bool connected = false;   // guarded by report_mutex

  Link& link(Lane lane) { return *links[static_cast<std::size_t>(lane)]; }
};

}  // namespace

class PeerNetwork::Impl final : public LinkOwner, public InboundEvents {
 public:
  Impl(PeerNetworkOptions options, PeerHandler& handler);
  std::optional<std::string> start();
  void stop();

  void send_together(const std::vector<PeerMessage>& messages);

  std::uint16_t port() const { return listener_->port(); }
  PeerNetworkCounters counters() const;
  std::vector<PeerLink> links();

  void on_link_open(Link& link) override;
  void on_link_ending(Link& link) override { refresh(slots_[link.slot]); }
  void on_link_closed(Link& link, const StreamEnd& end) override;
  void on_message(PeerIndex from, base::Bytes message, Credit credit) override {
    handler_.on_message(from, std::move(message), std::move(credit));
  }
  void on_inbound_changed(PeerIndex peer) override;

 private:
  void add_peer(const Peer& peer, const TlsIdentity& identity, std::uint64_t seed);
  PeerSlot* find(PeerIndex peer);
  void queue(const PeerMessage& message);
  void write_soon(PeerSlot& slot);
  void refresh(PeerSlot& slot);
  void hasten_dials(PeerSlot& slot);

  void run_dialler();
  Clock::time_point act_on_schedules(std::unique_lock<std::mutex>& lock);
  void act(Link& link, DialSchedule::Action action);
  void run_writer();

  const PeerNetworkOptions options_;
  PeerHandler& handler_;
  const std::shared_ptr<PeerCounters> counters_ = std::make_shared<PeerCounters>();
  std::deque<PeerSlot> slots_;  // fixed after construction
  std::map<PeerIndex, std::size_t> slot_by_peer_;
  std::unique_ptr<PeerListener> listener_;

  std::mutex mutex_;
  std::condition_variable schedule_changed_;
  std::condition_variable writer_wanted_;
  std::condition_variable stream_closed_;
  std::vector<Link*> for_writer_;  // guarded by mutex_, as all below
  std::size_t streams_alive_ = 0;
  std::uint64_t schedule_changes_ = 0;  // so that one made while the dialler was busy wakes it too
  bool stopping_ = false;
  std::thread dialler_;
  std::thread writer_;
};

PeerNetwork::Impl::Impl(PeerNetworkOptions options, PeerHandler& handler)
    : options_{std::move(options)}, handler_{handler} {
  base::Rng seeds{options_.seed};
  for (const Peer& peer : options_.peers) add_peer(peer, options_.identity, seeds.next());
  // Before the port is open: a peer's first stream asks the listener for its state.
  listener_ = PeerListener::create({.chain = options_.chain,
                                    .identity = options_.identity,
                                    .peers = options_.peers,
                                    .limits = options_.limits},
                                   counters_, *this);
}

void PeerNetwork::Impl::add_peer(const Peer& peer, const TlsIdentity& identity,
                                 std::uint64_t seed) {
  slot_by_peer_.emplace(peer.index, slots_.size());
  PeerSlot& slot = slots_.emplace_back();
  slot.peer = peer;
  slot.credentials = pinned_channel_credentials(identity, peer.pin, counters_);
  base::Rng seeds{seed};
  for (const Lane lane : kLanes) {
    slot.links[static_cast<std::size_t>(lane)] = std::make_unique<Link>(
        slots_.size() - 1, lane, options_.limits, seeds.next(), *counters_, *this);
  }
}

std::optional<std::string> PeerNetwork::Impl::start() {
  if (auto failure = listener_->listen(options_.listen_address)) return failure;
  dialler_ = std::thread{[this] { run_dialler(); }};
  writer_ = std::thread{[this] { run_writer(); }};
  return std::nullopt;
}

void PeerNetwork::Impl::stop() {
  {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(stopping_, true)) return;
    schedule_changed_.notify_all();
    writer_wanted_.notify_all();
  }
  dialler_.join();
  writer_.join();
  for (PeerSlot& slot : slots_) {
    for (const auto& link : slot.links) link->lane.cancel();
  }
  {
    std::unique_lock lock{mutex_};
    stream_closed_.wait(lock, [this] { return streams_alive_ == 0; });
  }
  listener_->stop();
}

PeerSlot* PeerNetwork::Impl::find(PeerIndex peer) {
  const auto place = slot_by_peer_.find(peer);
  return place == slot_by_peer_.end() ? nullptr : &slots_[place->second];
}

void PeerNetwork::Impl::send_together(const std::vector<PeerMessage>& messages) {
  for (const auto& message : messages) queue(message);
  for (PeerSlot& slot : slots_) write_soon(slot);
}

void PeerNetwork::Impl::queue(const PeerMessage& message) {
  const auto queue_on = [&](PeerSlot& slot) {
    slot.link(lane_of(message.priority)).lane.send(message.priority, message.message);
  };
  if (!message.to) {
    for (PeerSlot& slot : slots_) queue_on(slot);
    return;
  }
  if (PeerSlot* slot = find(*message.to)) return queue_on(*slot);
  count(counters_->dropped_lane_down[static_cast<std::size_t>(message.priority)]);
}

// A vote is small and urgent: the caller's thread writes it. Bulk can be megabytes to encrypt,
// which the core's thread must not wait for: the writer thread does.
void PeerNetwork::Impl::write_soon(PeerSlot& slot) {
  slot.link(Lane::kConsensus).lane.pump();
  Link& bulk = slot.link(Lane::kBulk);
  if (!bulk.lane.has_queued()) return;
  const std::scoped_lock lock{mutex_};
  if (std::exchange(bulk.waits_for_writer, true)) return;
  for_writer_.push_back(&bulk);
  writer_wanted_.notify_one();
}

void PeerNetwork::Impl::run_writer() {
  std::unique_lock lock{mutex_};
  while (true) {
    writer_wanted_.wait(lock, [this] { return stopping_ || !for_writer_.empty(); });
    if (stopping_) return;
    const auto links = std::exchange(for_writer_, {});
    for (Link* link : links) link->waits_for_writer = false;
    lock.unlock();
    for (Link* link : links) link->lane.pump();
    lock.lock();
  }
}

void PeerNetwork::Impl::run_dialler() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const auto changes = schedule_changes_;
    const auto due = act_on_schedules(lock);
    const auto woken = [&] { return stopping_ || schedule_changes_ != changes; };
    if (due == Clock::time_point::max()) {
      schedule_changed_.wait(lock, woken);
    } else {
      schedule_changed_.wait_until(lock, due, woken);
    }
  }
}

// Returns when the next schedule is due. Lets go of the lock to dial.
Clock::time_point PeerNetwork::Impl::act_on_schedules(std::unique_lock<std::mutex>& lock) {
  auto due = Clock::time_point::max();
  for (PeerSlot& slot : slots_) {
    for (const auto& link : slot.links) {
      const auto action = link->schedule.next(Clock::now());
      if (action == DialSchedule::Action::kDial) ++streams_alive_;
      if (action != DialSchedule::Action::kNone) {
        lock.unlock();
        act(*link, action);
        lock.lock();
        if (stopping_) return Clock::time_point::min();
      }
      due = std::min(due, link->schedule.due());
    }
  }
  return due;
}

void PeerNetwork::Impl::act(Link& link, DialSchedule::Action action) {
  if (action == DialSchedule::Action::kGiveUp) {
    link.lane.cancel();
    return;
  }
  const PeerSlot& slot = slots_[link.slot];
  const auto stream =
      DialledStream::create({.address = slot.peer.address,
                             .credentials = slot.credentials,
                             .chain = options_.chain,
                             .lane = link.id,
                             .keepalive_interval = options_.limits.keepalive_interval,
                             .keepalive_timeout = options_.limits.keepalive_timeout,
                             .handshake_timeout = options_.limits.handshake_timeout},
                            link);
  count(counters_->dials);
  link.lane.attach(stream);
  stream->start();
}

void PeerNetwork::Impl::on_link_open(Link& link) {
  {
    const std::scoped_lock lock{mutex_};
    link.schedule.on_open(Clock::now());
  }
  refresh(slots_[link.slot]);
}

void PeerNetwork::Impl::on_link_closed(Link& link, const StreamEnd& end) {
  count(counters_->dials_failed);
  if (end.is_replaced) handler_.on_replaced(slots_[link.slot].peer.index);
  const std::scoped_lock lock{mutex_};
  link.last_failure = end.reason;
  link.schedule.on_closed(Clock::now());
  --streams_alive_;
  ++schedule_changes_;
  schedule_changed_.notify_all();
  stream_closed_.notify_all();
}

void PeerNetwork::Impl::on_inbound_changed(PeerIndex peer) {
  PeerSlot* slot = find(peer);
  if (slot == nullptr) return;
  hasten_dials(*slot);
  refresh(*slot);
}

// A peer whose stream reached us is up: what waits to be dialled there needs to wait no longer.
void PeerNetwork::Impl::hasten_dials(PeerSlot& slot) {
  const auto now = Clock::now();
  const std::scoped_lock lock{mutex_};
  for (const Lane lane : kLanes) {
    if (listener_->has_stream(slot.peer.index, lane)) slot.link(lane).schedule.on_peer_seen(now);
  }
  ++schedule_changes_;
  schedule_changed_.notify_all();
}

// Compares what was reported last with what is now. Whoever comes last sees the newest state, so
// the report can be late but never wrong; a lane that broke and came back cannot go unseen, because
// it is dialled again only after this has run for its end.
void PeerNetwork::Impl::refresh(PeerSlot& slot) {
  const std::scoped_lock report{slot.report_mutex};
  bool connected = true;
  for (const Lane lane : kLanes) {
    connected &= slot.link(lane).lane.is_open() && listener_->has_stream(slot.peer.index, lane);
  }
  if (connected == slot.connected) return;
  {
    const std::scoped_lock lock{mutex_};
    if (stopping_) return;
  }
  slot.connected = connected;
  if (connected) {
    handler_.on_connected(slot.peer.index);
  } else {
    handler_.on_disconnected(slot.peer.index);
  }
}

PeerNetworkCounters PeerNetwork::Impl::counters() const {
  const PeerCounters& from = *counters_;
  PeerNetworkCounters out{.messages_sent = from.messages_sent,
                          .frames_sent = from.frames_sent,
                          .bytes_sent = from.bytes_sent,
                          .messages_received = from.messages_received,
                          .frames_received = from.frames_received,
                          .bytes_received = from.bytes_received,
                          .dropped_too_large = from.dropped_too_large,
                          .dials = from.dials,
                          .dials_failed = from.dials_failed,
                          .handshakes_refused = from.handshakes_refused,
                          .streams_refused = from.streams_refused,
                          .streams_replaced = from.streams_replaced,
                          .streams_cut = from.streams_cut};
  for (std::size_t i = 0; i < kPriorityCount; ++i) {
    out.dropped_queue_full[i] = from.dropped_queue_full[i];
    out.dropped_lane_down[i] = from.dropped_lane_down[i];
  }
  return out;
}

std::vector<PeerLink> PeerNetwork::Impl::links() {
  std::vector<PeerLink> out;
  for (PeerSlot& slot : slots_) {
    PeerLink peer;
    peer.peer = slot.peer.index;
    peer.name = slot.peer.name;
    {
      const std::scoped_lock report{slot.report_mutex};
      peer.connected = slot.connected;
    }
    for (const Lane lane : kLanes) {
      Link& link = slot.link(lane);
      const auto i = static_cast<std::size_t>(lane);
      peer.outbound[i] = link.lane.is_open();
      peer.inbound[i] = listener_->has_stream(slot.peer.index, lane);
      peer.queued_bytes += link.lane.queued_bytes();
      const std::scoped_lock lock{mutex_};
      if (!link.last_failure.empty()) peer.last_failure = link.last_failure;
    }
    out.push_back(std::move(peer));
  }
  return out;
}

namespace {

std::optional<std::string> invalid_reason(const PeerNetworkOptions& options) {
  if (const auto reason = options.limits.invalid_reason()) return std::string{*reason};
  const auto own_pin = check_tls_identity(options.identity);
  if (!own_pin) return std::string{sentence(own_pin.error())};
  std::set<ledger::TlsPin> pins{*own_pin};
  std::set<PeerIndex> indexes;
  for (const Peer& peer : options.peers) {
    if (!indexes.insert(peer.index).second) return "Peer " + peer.name + " is named twice.";
    if (!pins.insert(peer.pin).second) {
      return "Peer " + peer.name + " has the TLS key of another member, or of this node.";
    }
  }
  return std::nullopt;
}

}  // namespace

base::Expected<std::unique_ptr<PeerNetwork>, ListenError> PeerNetwork::start(
    PeerNetworkOptions options, PeerHandler& handler) {
  if (auto reason = invalid_reason(options))
    return base::Unexpected{ListenError{ListenFault::kOptions, *reason}};
  auto impl = std::make_unique<Impl>(std::move(options), handler);
  if (auto failure = impl->start()) {
    return base::Unexpected{ListenError{ListenFault::kAddress, "Peers: " + std::move(*failure)}};
  }
  return std::unique_ptr<PeerNetwork>{new PeerNetwork{std::move(impl)}};
}

PeerNetwork::PeerNetwork(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

PeerNetwork::~PeerNetwork() { stop(); }

void PeerNetwork::send(PeerIndex to, Priority priority,
                       std::shared_ptr<const base::Bytes> message) {
  impl_->send_together({{to, priority, std::move(message)}});
}

void PeerNetwork::send_together(const std::vector<PeerMessage>& messages) {
  impl_->send_together(messages);
}

void PeerNetwork::stop() { impl_->stop(); }

std::uint16_t PeerNetwork::listen_port() const { return impl_->port(); }

PeerNetworkCounters PeerNetwork::counters() const { return impl_->counters(); }

std::vector<PeerLink> PeerNetwork::links() const { return impl_->links(); }

}  // namespace peerpay::net

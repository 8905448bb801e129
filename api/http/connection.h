#pragma once
// Connection: one client's socket, from accept to close. Internal to the server; on its loop alone.
//
// One coroutine reads a request, answers it and starts over, so answers come in the order of their
// requests and a client that does not read is not read from. Its deadlines are one time point that
// the server looks at every few milliseconds: no timer is armed or cancelled for a request.

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/answer.h"
#include "api/http/framing.h"
#include "api/http/message.h"
#include "api/http/read_buffer.h"
#include "api/http/server.h"
#include "api/http/task.h"
#include "base/expected.h"

namespace peerpay::http {

class Connection;

// What the connections of one server share.
struct Service {
  ServerSettings settings;
  FramingLimits framing;
  Server::Handle handle;
  RefusalWriter write_refusal;
  ServerCounters counters;
  bool is_stopping = false;
  std::size_t body_bytes_held = 0;  // of requests that are being read or answered
  std::list<Connection*> senders;   // of bodies that are not complete, the oldest first
  std::string request_id_prefix;    // random: ids of two runs differ
  std::string date_text;
  std::time_t date_seconds = 0;

  [[nodiscard]] std::string next_request_id();
  [[nodiscard]] const std::string& date();
  [[nodiscard]] Response refuse(Fault fault, std::string_view request_id);
  void count_failure(std::string_view request_id, std::string_view reason);
};

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  // Takes the descriptor over: a connected TCP socket that does not block.
  Connection(boost::asio::io_context& loop, std::shared_ptr<Service> service, int descriptor,
             std::string remote_address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Serves until the socket is closed, then calls `on_closed` (not when the loop is destroyed
  // first).
  static void start(const std::shared_ptr<Connection>& connection, std::function<void()> on_closed);

  // Ends the wait that took too long, if one did.
  void expire(Clock::time_point now);
  // Closes at once when nothing is asked; an event stream gets its end.
  void stop();
  // Closes at once and cancels the handler.
  void cut();

  [[nodiscard]] const std::string& remote_address() const { return remote_address_; }

 private:
  enum class Phase : std::uint8_t { kIdle, kReading, kHandling, kWriting, kStreaming, kLingering };
  // Why a request can't be read to its end. No fault: the client is gone.
  struct Ending {
    std::optional<Fault> fault;
  };
  struct Io;
  class HeldBody;
  class Unfinished;
  struct Piece {
    std::optional<std::string> bytes;    // nothing: the end
    std::optional<std::string> failure;  // what the source threw
  };

  [[nodiscard]] Task<void> serve();
  // Each gives false when the connection is to be closed.
  [[nodiscard]] Task<bool> serve_request();
  [[nodiscard]] Task<bool> wait_for_request();
  [[nodiscard]] Task<bool> read_more();
  [[nodiscard]] Task<bool> write(std::string_view bytes);
  [[nodiscard]] Task<bool> answer(Request request, const RequestHead& head, HeldBody& held);

  [[nodiscard]] Task<base::Expected<RequestHead, Ending>> read_head();
  [[nodiscard]] bool makes_room(const HeldBody& held);
  void give_way();
  [[nodiscard]] bool is_body_unwanted(const RequestHead& head, const Request& request) const;
  [[nodiscard]] Task<base::Expected<std::string, Ending>> read_body(const RequestHead& head,
                                                                    HeldBody& held);
  [[nodiscard]] Task<Response> respond(Request request);
  [[nodiscard]] Task<void> refuse(Ending ending, bool omits_body);
  [[nodiscard]] Task<void> stream(EventSource& events, bool takes_chunks,
                                  std::string_view request_id);
  [[nodiscard]] Task<Piece> next_or_gone(EventSource& events);
  [[nodiscard]] Task<void> wait_until_gone();
  [[nodiscard]] Task<void> linger();
  [[nodiscard]] Ending interruption() const;
  void enter(Phase phase, Clock::time_point deadline);

  std::shared_ptr<Service> service_;
  std::unique_ptr<Io> io_;
  ReadBuffer received_;
  std::string remote_address_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point request_deadline_ = Clock::time_point::max();
  std::size_t requests_ = 0;
  Unfinished* unfinished_ = nullptr;  // while its body comes in pieces, and has not given way
  Phase phase_ = Phase::kIdle;
  bool has_expired_ = false;  // since the phase was entered
};

}  // namespace peerpay::http

// Attacks by callers of the client port who speak its protocol.

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "base/endpoint.h"
#include "base/os/clock.h"
#include "bench/attack.h"
#include "bench/payments.h"
#include "bench/submit_stream.h"
#include "node/app/home.h"

namespace peerpay::bench {
namespace {

constexpr std::size_t kBatch = 256;
constexpr std::size_t kStreams = 4;
constexpr base::Duration kPauseBeforeAgain = base::milliseconds(20);
constexpr std::uint64_t kPaymentValidityMs = 15 * 60 * 1000;

using Batch = std::vector<PreparedPayment>;

struct Submitted {
  std::atomic<std::uint64_t> sent = 0;
  std::atomic<std::uint64_t> answers = 0;
  std::atomic<std::uint64_t> reconnections = 0;
};

// One call, until it ends or the attack does.
void converse(SubmitStream& stream, const std::function<Batch()>& next, Submitted& submitted,
              const Interruption& interruption) {
  std::jthread receiver{[&] {
    for (auto answers = stream.receive(); !answers.empty(); answers = stream.receive()) {
      submitted.answers += answers.size();
    }
  }};
  while (!interruption.requested()) {
    const auto batch = next();
    std::vector<const std::string*> pointers;
    pointers.reserve(batch.size());
    for (const auto& payment : batch) pointers.push_back(&payment);
    if (!stream.send(pointers)) break;
    submitted.sent += batch.size();
  }
}

// Submits what each of `sources` gives, a stream each, as fast as the node takes it, from an
// address that is not that of the honest ones.
AttackCounts submit_all(const std::string& address,
                        const std::vector<std::function<Batch()>>& sources,
                        Interruption& interruption) {
  Submitted submitted;
  const auto port = base::parse_endpoint(address)->port;
  std::vector<std::jthread> threads;
  threads.reserve(sources.size());
  for (const auto& next : sources) {
    threads.emplace_back([&] {
      while (!interruption.requested()) {
        SubmitStream stream{LoopbackHost{}, port};
        std::jthread breaker{[&](const std::stop_token& stop) {
          while (!stop.stop_requested() && interruption.sleep_for(kPauseBeforeAgain)) {
          }
          stream.cancel();  // a send may be waiting for the node
        }};
        converse(stream, next, submitted, interruption);
        breaker.request_stop();
        ++submitted.reconnections;
        if (!interruption.sleep_for(kPauseBeforeAgain)) return;
      }
    });
  }
  threads.clear();
  return {{"payments", submitted.sent.load()},
          {"answers", submitted.answers.load()},
          {"calls", submitted.reconnections.load()}};
}

PaymentTerms terms_for(const ledger::ChainId& chain) {
  return {.chain = chain, .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
}

Result<AttackCounts> account_flood(const AttackTarget& target, Interruption& interruption) {
  const auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  const Accounts accounts{target.accounts};
  const auto terms = terms_for(home->network.chain);
  std::uint64_t nonce = 0;
  const auto next = [&] {
    Batch out;
    while (out.size() < kBatch) {
      const auto payment = make_payment_of(accounts, terms, accounts.size() - 1, {++nonce});
      out.push_back(base::to_text(payment.bytes));
    }
    return out;
  };
  return submit_all(target.client_address, {next}, interruption);
}

Result<AttackCounts> forged_flood(const AttackTarget& target, Interruption& interruption) {
  const auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  const Accounts accounts{target.accounts};
  auto forged = prepare_payments(accounts, terms_for(home->network.chain), kBatch);
  for (auto& payment : forged) payment.back() ^= 1;  // the last byte of its signature
  const std::vector<std::function<Batch()>> sources(kStreams, [&] { return forged; });
  return submit_all(target.client_address, sources, interruption);
}

}  // namespace

std::vector<Attack> attacks_by_clients() {
  return {
      {"account-flood", "valid payments of one account, as many as the node takes", false,
       account_flood},
      {"forged-flood", "payments with wrong signatures, which cost their sender nothing", false,
       forged_flood},
  };
}

}  // namespace peerpay::bench

#pragma once
// NodeClient on a PracticeNode, with a line between that can break.

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "tests/support/wallet/practice_node.h"
#include "wallet/cli/node_client.h"
#include "wallet/cli/payment_sender.h"

namespace peerpay::wallet::cli {

enum class Line : std::uint8_t {
  kUp,
  kDown,          // nothing arrives
  kLosesAnswers,  // everything arrives, no answer comes back
};

class PracticeClient final : public NodeClient {
 public:
  explicit PracticeClient(test::PracticeNode& node) : node_{node} {}

  Line line = Line::kUp;
  std::function<void()> before_each;  // called before every request
  std::optional<std::size_t> history_page_entries_max;

  Answer<proto::NodeStatus> status() override {
    return over_the_line([&] { return node_.status(); });
  }
  Answer<proto::GenesisFile> genesis() override {
    return over_the_line([&] {
      return proto::GenesisFile{encode(node_.genesis()), node_.chain()};
    });
  }
  Answer<proto::TransactionStatus> submit(const proto::Submission& submission) override {
    return over_the_line([&] {
      auto answer = node_.submit(submission.transaction);
      const bool waits =
          submission.wait_ms != 0 && answer.state == proto::TransactionState::kPending;
      return waits ? node_.transaction({answer.id, {}, submission.wait_ms}) : answer;
    });
  }
  Answer<proto::TransactionStatus> wait_for_final(const proto::TransactionQuery& query) override {
    return over_the_line([&] { return node_.transaction(query); });
  }
  Answer<proto::TransactionStatus> transaction(const proto::TransactionQuery& query) override {
    return over_the_line([&] { return node_.transaction(query); });
  }
  Answer<base::Bytes> receipt(const ledger::TransactionId& id) override {
    return over_the_line([&] { return node_.receipt(id).value_or(base::Bytes{}); });
  }
  Answer<proto::AccountSnapshot> account(const proto::AccountQuery& query) override {
    return over_the_line([&] { return node_.account(query); });
  }
  Answer<proto::HistoryPage> history(const proto::HistoryQuery& query) override {
    return over_the_line([&] { return page_of(node_.history(query.account), query.cursor); });
  }

 private:
  // The cursor: one byte for each entry that was told.
  proto::HistoryPage page_of(proto::HistoryPage all, const std::string& cursor) const {
    if (!history_page_entries_max) return all;
    const auto first = std::min(cursor.size(), all.entries.size());
    const auto size = std::min(*history_page_entries_max, all.entries.size() - first);
    const auto begin = all.entries.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(size);
    proto::HistoryPage out{.entries = {begin, end}, .next_cursor = {}};
    if (end != all.entries.end()) out.next_cursor.assign(first + size, 'x');
    return out;
  }

  template <class Ask>
  auto over_the_line(Ask ask) -> Answer<decltype(ask())> {
    if (before_each) before_each();
    const NodeError lost{NodeFault::kUnreachable, "node_unreachable", "The line is down."};
    if (line == Line::kDown) return base::Unexpected{lost};
    auto answer = ask();
    if (line == Line::kLosesAnswers) return base::Unexpected{lost};
    return answer;
  }

  test::PracticeNode& node_;
};

// A clock that moves only when someone sleeps or asks.
class PracticeClock {
 public:
  Pace pace() {
    return {
        .now =
            [this] {
              now_us_ += 1000;
              return base::Now{{now_us_}, {wall_ms_ + static_cast<std::uint64_t>(now_us_ / 1000)}};
            },
        .sleep = [this](base::Duration pause) { now_us_ += pause.microseconds; }};
  }

 private:
  std::int64_t now_us_ = 0;
  std::uint64_t wall_ms_ = 1'700'000'000'000;
};

}  // namespace peerpay::wallet::cli

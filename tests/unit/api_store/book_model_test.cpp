// Random payments, voidings and power cuts against a model that is too simple to be wrong: each
// invoice ends at most once, events have no gaps, and blocks that are followed again after a power
// cut make the same events.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "api/store/merchant_book.h"
#include "api/store/rocksdb_store.h"
#include "base/check.h"
#include "base/rng.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/api_store/shop.h"

namespace peerpay::api {
namespace {

namespace fs = std::filesystem;
using test::BlockMaker;
using test::invoice_of;
using Legs = std::vector<ledger::Pay>;

// One invoice, as the specification tells its story.
struct Told {
  Invoice asked;
  std::string status = "open";
  std::uint64_t received = 0;
  std::size_t payments_seen = 0;
  std::vector<std::string> events = {"invoice.opened"};

  void happen(const std::string& type, std::vector<std::string>& in_this_block) {
    if (std::ranges::find(in_this_block, type) != in_this_block.end()) return;
    in_this_block.push_back(type);
    events.push_back(type);
  }
  // What a block with these payments at this time does.
  void follow(std::uint64_t time, const std::vector<std::uint64_t>& payments) {
    std::vector<std::string> in_this_block;
    if (status == "open" && time > asked.expires_at.value) {
      status = "expired";
      happen("invoice.expired", in_this_block);
    }
    for (const auto units : payments) {
      received += units;
      const bool is_told = ++payments_seen <= kInvoicePaymentsKept;
      if (status == "open" && received >= asked.amount.units()) {
        status = "paid";
        happen("invoice.paid", in_this_block);
      } else if (is_told) {
        happen(status == "open" ? "invoice.payment_received" : "invoice.payment_unexpected",
               in_this_block);
      }
    }
  }
};

class ShopWorld {
 public:
  explicit ShopWorld(std::uint64_t seed) : rng_{seed} {
    reopen();
    EXPECT_TRUE(book_->begin(blocks_maker_.genesis_point()));
    EXPECT_TRUE(book_->create_endpoint(test::endpoint_of(1), {}));
    note_request();
  }

  void step() {
    const auto draw = rng_.below(100);
    if (draw < 20) return create();
    if (draw < 30) return void_one();
    if (draw < 92) return add_block();
    if (draw < 96) return reopen();
    cut_power();
  }

  // Empty when the store holds what the model says.
  std::string defect() {
    std::map<InvoiceId, std::vector<std::string>> events;
    std::optional<EventCursor> last;
    for (const auto& event : all_events()) {
      if (event.id != event_id(store_->instance(), event.cursor)) return "an event of another id";
      const bool is_next = last && last->height == event.cursor.height
                               ? event.cursor.ordinal == last->ordinal + 1
                               : event.cursor.ordinal == 0;
      if (!is_next) return "a gap before " + format_cursor(event.cursor);
      last = event.cursor;
      events[event.invoice].push_back(std::string{name(event.type)});
    }
    for (const auto& told : told_) {
      const auto stored = store_->invoice(told.asked.id);
      if (!stored || !*stored) return told.asked.reference + " is missing";
      const Invoice& invoice = **stored;
      if (name(invoice.status) != told.status) return invoice.reference + " is not " + told.status;
      if (invoice.received.units() != told.received) return invoice.reference + " received else";
      if (events[invoice.id] != told.events) return invoice.reference + " has other events";
    }
    const auto deliveries = store_->deliveries_to(test::endpoint_of(1).id, SIZE_MAX);
    if (deliveries->size() != all_events().size()) return "an event without its delivery";
    return "";
  }
  std::size_t power_cuts_with_losses() const { return power_cuts_with_losses_; }

 private:
  std::vector<Event> all_events() {
    auto events = *store_->events_from_start(kEventPageMax);
    while (!events.empty()) {
      const auto more = *store_->events_after(events.back().cursor, kEventPageMax);
      if (more.empty()) break;
      events.insert(events.end(), more.begin(), more.end());
    }
    return events;
  }

  void create() {
    auto invoice = invoice_of(told_.size());
    invoice.created_at = now_;
    invoice.expires_at = {now_.value + rng_.between(1, 3000)};
    if (rng_.chance(1, 3)) invoice.payee.tag = rng_.below(3);
    EXPECT_TRUE(book_->create_invoice(invoice, {}));
    told_.push_back({invoice});
    note_request();
  }

  void void_one() {
    if (told_.empty()) return;
    auto& told = told_[rng_.below(told_.size())];
    const auto done = book_->void_invoice(told.asked.id, now_, {});
    EXPECT_EQ(done.has_value(), told.status == "open");
    if (!done) return;
    told.status = "void";
    told.events.emplace_back("invoice.voided");
    note_request();
  }

  void add_block() {
    now_.value += rng_.between(1, 400);
    std::vector<std::vector<std::uint64_t>> payments(told_.size());
    std::vector<Legs> transactions(rng_.below(4));
    for (auto& legs : transactions) {
      for (auto count = rng_.between(1, 3); count > 0 && !told_.empty(); --count) {
        // Mostly new invoices: old ones have ended.
        const auto behind = rng_.below(std::min<std::uint64_t>(told_.size(), 12));
        const auto index = told_.size() - 1 - behind;
        const auto units = rng_.chance(1, 2) ? 100 : rng_.between(1, 99);
        legs.push_back(test::pay(told_[index].asked, units));
        payments[index].push_back(units);
        if (rng_.chance(1, 5)) legs.back().reference.push_back('?');
        if (legs.back().reference.back() == '?') payments[index].pop_back();
      }
    }
    made_.push_back(blocks_maker_.next(now_, transactions));
    follow(made_.back());
    log_sizes_.push_back(fs::file_size(log_file()));
    for (std::size_t i = 0; i < told_.size(); ++i) told_[i].follow(now_.value, payments[i]);
  }

  void follow(const BlockMaker::Made& made) {
    const auto followed = book_->follow_block(made.block, made.hash, now_);
    EXPECT_TRUE(followed) << (followed ? "" : followed.error().message);
  }

  fs::path log_file() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
    }
    return newest;
  }

  void close() {
    book_.reset();
    store_.reset();
  }

  void reopen() {
    close();
    auto opened = RocksDbStore::open(path_, ledger::chain_id(test::genesis()));
    PEERPAY_CHECK(opened.has_value(), "the store opens after any of these ends");
    store_ = std::move(*opened);
    book_ = std::make_unique<MerchantBook>(*store_, test::objects());
    note_request();
  }

  // What was written up to here is not taken back: a request was answered, or the store reopened.
  void note_request() { log_sizes_ = {fs::file_size(log_file())}; }

  // Any number of the blocks since the last request is lost, also of those that were synced, and
  // followed again.
  void cut_power() {
    const auto before = all_events();
    const auto kept = rng_.below(log_sizes_.size());
    const auto lost = log_sizes_.size() - 1 - kept;
    close();
    fs::resize_file(log_file(), log_sizes_[kept]);
    reopen();
    const auto point = store_->follow_point();
    ASSERT_EQ((*point)->height.value + lost, made_.size());
    if (lost > 0 && all_events().size() < before.size()) ++power_cuts_with_losses_;
    for (auto height = (*point)->height.value; height < made_.size(); ++height) {
      follow(made_[height]);
    }
    EXPECT_EQ(all_events(), before);
    note_request();
  }

  peerpay::test::TemporaryDirectory directory_;
  base::Rng rng_;
  const std::string path_ = directory_.file("db");
  std::size_t power_cuts_with_losses_ = 0;
  std::unique_ptr<RocksDbStore> store_;
  std::unique_ptr<MerchantBook> book_;
  BlockMaker blocks_maker_;
  std::vector<BlockMaker::Made> made_;
  std::vector<std::uintmax_t> log_sizes_;  // after the last request and after each block since
  std::vector<Told> told_;
  base::UnixMillis now_ = test::kStart;
};

class BookModel : public testing::TestWithParam<std::uint64_t> {};

TEST_P(BookModel, TheStoreTellsWhatHappened) {
  ShopWorld world{GetParam()};
  for (int step = 0; step < 300; ++step) {
    world.step();
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << GetParam() << ", step " << step;
    if (step % 20 != 0) continue;
    ASSERT_EQ(world.defect(), "") << "seed " << GetParam() << ", step " << step;
  }
  EXPECT_EQ(world.defect(), "") << "seed " << GetParam();
  EXPECT_GT(world.power_cuts_with_losses(), 0U) << "a run that lost nothing shows nothing";
}

INSTANTIATE_TEST_SUITE_P(Seeds, BookModel, testing::Range<std::uint64_t>(1, 4));

}  // namespace
}  // namespace peerpay::api

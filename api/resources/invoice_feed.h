#pragma once
// InvoiceFeed: wakes who watches an invoice (checkout pages) when it changes. On the loop. Nobody
// needs a key to watch, so there are only so many watches.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/core/ids.h"
#include "api/http/task.h"
#include "base/time.h"

namespace peerpay::api {

class InvoiceFeed {
 public:
  static constexpr std::size_t kWatchesMax = 2'048;
  static constexpr std::size_t kWatchesOfInvoiceMax = 64;

  // What is said of an invoice: made by the first watch that wants it, and shared by all.
  struct News {
    std::string text;
    bool is_last = false;
    bool is_up_to_date = true;
  };

  InvoiceFeed();
  ~InvoiceFeed();
  InvoiceFeed(const InvoiceFeed&) = delete;
  InvoiceFeed& operator=(const InvoiceFeed&) = delete;

  // Counts the changes of one invoice since somebody began to watch it.
  class Watch {
   public:
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // True when it has changed since the last call; false when `patience` is over first, or the
    // feed has closed.
    [[nodiscard]] http::Task<bool> changed(base::Duration patience);
    // What was kept since the last change; null: nothing.
    [[nodiscard]] std::shared_ptr<const News> news() const;
    void keep(std::shared_ptr<const News> news);

   private:
    friend class InvoiceFeed;
    struct State;
    Watch(InvoiceFeed& feed, const InvoiceId& id);
    InvoiceFeed& feed_;
    InvoiceId id_;
    std::unique_ptr<State> state_;
  };

  // Null when the invoice, or all together, have as many as they may. REQUIRES: the feed outlives
  // it.
  [[nodiscard]] std::unique_ptr<Watch> watch(const InvoiceId& id);
  void tell(const InvoiceId& id);
  // Lets all watchers go; for the end of the program.
  void close();
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  [[nodiscard]] std::size_t watches() const { return watches_; }

 private:
  struct Topic {
    std::vector<Watch*> watches;
    std::shared_ptr<const News> news;
  };

  std::map<InvoiceId, Topic> topics_;  // of the invoices that somebody watches
  std::size_t watches_ = 0;
  bool is_closed_ = false;
};

}  // namespace peerpay::api

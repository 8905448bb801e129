#pragma once
// InvoiceFeed: wakes who watches an invoice (checkout pages) when it changes. On the loop.

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "api/core/ids.h"
#include "api/http/task.h"
#include "base/time.h"

namespace peerpay::api {

class InvoiceFeed {
 public:
  InvoiceFeed();
  ~InvoiceFeed();
  InvoiceFeed(const InvoiceFeed&) = delete;
  InvoiceFeed& operator=(const InvoiceFeed&) = delete;

  // Counts the changes of one invoice since somebody began to watch it.
  class Watch {
   public:
    Watch(InvoiceFeed& feed, const InvoiceId& id);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // True when it has changed since the last call; false when `patience` is over first, or the
    // feed has closed.
    [[nodiscard]] http::Task<bool> changed(base::Duration patience);

   private:
    friend class InvoiceFeed;
    struct State;
    InvoiceFeed& feed_;
    InvoiceId id_;
    std::unique_ptr<State> state_;
  };

  void tell(const InvoiceId& id);
  // Lets all watchers go; for the end of the program.
  void close();
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  [[nodiscard]] std::size_t watches() const { return watches_.size(); }

 private:
  std::multimap<InvoiceId, Watch*> watches_;
  bool is_closed_ = false;
};

}  // namespace peerpay::api

#pragma once
// Credit: a received message's share of its sender's window, and the duty to give it back.
//
// Keep it beside the message until the message is done with (queued, verified, applied), then let
// it go out of scope: the sender may then send as many bytes more. So what one peer can make this
// node hold is bounded by the window, however long the node takes. Move-only; may be destroyed on
// any thread, also after the network.

#include <cstddef>
#include <memory>
#include <utility>

namespace peerpay::net {

// Where credit returns to. Implementations are thread-safe and never block.
class CreditIssuer {
 public:
  virtual ~CreditIssuer() = default;
  virtual void release(std::size_t bytes) = 0;
};

class Credit {
 public:
  Credit() = default;
  Credit(std::shared_ptr<CreditIssuer> issuer, std::size_t bytes)
      : issuer_{std::move(issuer)}, bytes_{bytes} {}
  Credit(Credit&& other) noexcept = default;
  Credit& operator=(Credit&& other) noexcept {
    if (this != &other) {
      give_back();
      issuer_ = std::move(other.issuer_);
      bytes_ = other.bytes_;
    }
    return *this;
  }
  Credit(const Credit&) = delete;
  Credit& operator=(const Credit&) = delete;
  ~Credit() { give_back(); }

 private:
  void give_back() {
    if (issuer_) std::exchange(issuer_, nullptr)->release(bytes_);
  }
  std::shared_ptr<CreditIssuer> issuer_;
  std::size_t bytes_ = 0;
};

}  // namespace peerpay::net

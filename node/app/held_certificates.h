#pragma once
// HeldCertificates: which certificates the core has journaled, so that the copies that every other
// validator sends, a quorum of signatures each, are not verified again. Thread-safe.

#include <cstddef>
#include <optional>

#include "consensus/messages.h"
#include "node/app/verdict_cache.h"

namespace peerpay::app {

class HeldCertificates {
 public:
  // `self` is empty when this node signs nothing. Remembers at least `generation_max` certificates.
  HeldCertificates(const consensus::Context& context, std::optional<consensus::ValidatorIndex> self,
                   std::size_t generation_max);

  // The core has journaled it.
  void held(const consensus::Certificate& certificate);
  // Whether a copy, verified or not, can tell nothing new: one of the same subject is held, and it
  // is not the first to name a vote of ours (consensus C8).
  [[nodiscard]] bool covers(const consensus::Certificate& copy) const;

 private:
  [[nodiscard]] bool names_us(const consensus::Certificate& certificate) const;

  const consensus::Context context_;
  const std::optional<consensus::ValidatorIndex> self_;
  VerdictCache held_;            // by signing_message
  VerdictCache held_naming_us_;  // by signing_message
};

}  // namespace peerpay::app

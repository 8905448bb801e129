#pragma once
// What every decoder of this module ends with: the whole input was one value, or there is no value.

#include <utility>

#include "base/bcs.h"
#include "base/bytes.h"
#include "base/expected.h"

namespace peerpay::ledger {

// `read` takes a BcsReader& and returns the value; it need not look at errors (base/bcs.h).
template <class Read>
[[nodiscard]] auto decode_whole(base::ByteView bytes, Read read)
    -> base::Expected<decltype(read(std::declval<base::BcsReader&>())), base::DecodeError> {
  base::BcsReader in{bytes};
  auto value = read(in);
  if (const auto finished = in.finish(); !finished) return base::Unexpected{finished.error()};
  return value;
}

}  // namespace peerpay::ledger

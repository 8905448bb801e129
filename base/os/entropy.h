#pragma once
// Secret randomness from the kernel, for keys, salts and nonces. Simulations use base::Rng instead.

#include <cstdint>
#include <span>

#include "base/os/io_error.h"

namespace peerpay::os {

// Fills all of `out`, or fails and leaves it all zero: no caller can take part of a key for a key.
// Waits for the kernel's generator to be seeded (early boot only). Callable from any thread.
[[nodiscard]] IoExpected<void> fill_with_entropy(std::span<std::uint8_t> out);

}  // namespace peerpay::os

// The BCS reader and writer alone: the input says which reads to make, on what. Whatever was read
// without an error, written again, gives the bytes that were read; after an error nothing is read.

#include "base/bcs.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

constexpr std::size_t kReadsMax = 32;
constexpr std::uint32_t kVariants = 300;
constexpr std::size_t kSizeMax = 200;

void read_one(std::uint8_t which, base::BcsReader& in, base::BcsWriter& out) {
  switch (which % 8) {
    case 0: return out.u8(in.u8());
    case 1: return out.u16(in.u16());
    case 2: return out.u32(in.u32());
    case 3: return out.u64(in.u64());
    case 4: return out.boolean(in.boolean());
    case 5: {
      const auto index = in.variant(kVariants);
      PEERPAY_CHECK(index < kVariants, "a variant is below the count, also after an error");
      return out.uleb(index);
    }
    case 6: {
      const auto view = in.bytes(kSizeMax);
      PEERPAY_CHECK(view.size() <= kSizeMax, "the limit holds, also after an error");
      return out.bytes(view);
    }
    default: {
      const auto count = in.length(kSizeMax, 2);
      PEERPAY_CHECK(count <= kSizeMax && count * 2 <= in.remaining() + (in.ok() ? 0 : 2 * count),
                    "what was counted is there");
      return out.uleb(static_cast<std::uint32_t>(count));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  const auto plan = draw.bytes(kReadsMax);
  const auto in = draw.rest();
  base::BcsReader reader{in};
  base::BcsWriter writer;
  for (const auto which : plan) {
    const auto before = reader.remaining();
    const bool was_ok = reader.ok();
    read_one(which, reader, writer);
    PEERPAY_CHECK(was_ok || !reader.ok(), "an error stays");
    PEERPAY_CHECK(was_ok || reader.remaining() == before, "nothing is read after an error");
    if (!reader.ok()) continue;
    const auto read = in.first(in.size() - reader.remaining());
    PEERPAY_CHECK(std::ranges::equal(writer.view(), read), "what was read is written again");
  }
  PEERPAY_CHECK(reader.status().has_value() == reader.ok(), "the status says it");
  const bool is_whole = reader.ok() && reader.remaining() == 0;
  PEERPAY_CHECK(reader.finish().has_value() == is_whole, "finish() wants everything read");
  return 0;
}

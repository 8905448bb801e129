// Every example of the BCS specification (github.com/diem/bcs, README, "Detailed Specifications"),
// written and read back.

#include "base/bcs.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <string>

namespace peerpay::base {
namespace {

template <class Write>
std::string hex_of(Write write) {
  BcsWriter out;
  write(out);
  return to_hex(out.view());
}

// A reader together with the bytes it borrows.
class Input {
 public:
  explicit Input(std::string_view hex) : bytes_{from_hex(hex).value()}, reader_{bytes_} {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() { EXPECT_TRUE(reader_.finish()) << "an example must be read to its end"; }
  BcsReader* operator->() { return &reader_; }

 private:
  Bytes bytes_;
  BcsReader reader_;
};

TEST(BcsSpecification, Booleans) {
  EXPECT_EQ(hex_of([](auto& out) { out.boolean(true); }), "01");
  EXPECT_EQ(hex_of([](auto& out) { out.boolean(false); }), "00");
  Input in{"0100"};
  EXPECT_TRUE(in->boolean());
  EXPECT_FALSE(in->boolean());
}

TEST(BcsSpecification, UnsignedIntegers) {
  EXPECT_EQ(hex_of([](auto& out) { out.u8(1); }), "01");
  EXPECT_EQ(hex_of([](auto& out) { out.u16(4660); }), "3412");
  EXPECT_EQ(hex_of([](auto& out) { out.u32(305419896); }), "78563412");
  EXPECT_EQ(hex_of([](auto& out) { out.u64(1311768467750121216); }), "00efcdab78563412");
  Input in{
      "01"
      "3412"
      "78563412"
      "00efcdab78563412"};
  EXPECT_EQ(in->u8(), 1);
  EXPECT_EQ(in->u16(), 4660);
  EXPECT_EQ(in->u32(), 305419896U);
  EXPECT_EQ(in->u64(), 1311768467750121216U);
}

TEST(BcsSpecification, SignedIntegersInTwosComplement) {
  EXPECT_EQ(hex_of([](auto& out) { out.u8(static_cast<std::uint8_t>(-1)); }), "ff");
  EXPECT_EQ(hex_of([](auto& out) { out.u16(static_cast<std::uint16_t>(-4660)); }), "cced");
  EXPECT_EQ(hex_of([](auto& out) { out.u32(static_cast<std::uint32_t>(-305419896)); }), "88a9cbed");
  EXPECT_EQ(hex_of([](auto& out) { out.u64(static_cast<std::uint64_t>(-1311768467750121216)); }),
            "0011325487a9cbed");
}

TEST(BcsSpecification, Uleb128) {
  const std::pair<std::uint32_t, const char*> rows[] = {
      {1, "01"},
      {128, "8001"},
      {16384, "808001"},
      {2097152, "80808001"},
      {268435456, "8080808001"},
      {9487, "8f4a"},
      // Not in the specification's table: the ends of each length, and of the range.
      {0, "00"},
      {127, "7f"},
      {16383, "ff7f"},
      {UINT32_MAX, "ffffffff0f"},
  };
  for (const auto& [value, hex] : rows) {
    EXPECT_EQ(hex_of([&value = value](auto& out) { out.uleb(value); }), hex);
    Input in{hex};
    EXPECT_EQ(in->length(UINT32_MAX, 0), value);
  }
}

void write_option(BcsWriter& out, std::optional<std::uint8_t> value) {
  out.boolean(value.has_value());
  if (value) out.u8(*value);
}

TEST(BcsSpecification, OptionalData) {
  EXPECT_EQ(hex_of([](auto& out) { write_option(out, 8); }), "0108");
  EXPECT_EQ(hex_of([](auto& out) { write_option(out, std::nullopt); }), "00");
  Input in{"010800"};
  ASSERT_TRUE(in->boolean());
  EXPECT_EQ(in->u8(), 8);
  EXPECT_FALSE(in->boolean());
}

TEST(BcsSpecification, FixedLengthSequences) {
  const std::array<std::uint16_t, 3> fixed = {1, 2, 3};
  const auto write = [&](auto& out) {
    for (const auto element : fixed) out.u16(element);
  };
  EXPECT_EQ(hex_of(write), "010002000300");
  using Four = FixedBytes<struct FourTag, 4>;
  EXPECT_EQ(hex_of([](auto& out) { out.fixed(Four{{1, 2, 3, 4}}); }), "01020304");
  Input in{"01020304"};
  EXPECT_EQ(in->fixed<Four>(), (Four{{1, 2, 3, 4}}));
}

TEST(BcsSpecification, VariableLengthSequences) {
  const auto write = [](auto& out) {
    out.uleb(2);
    out.u16(1);
    out.u16(2);
  };
  EXPECT_EQ(hex_of(write), "0201000200");
  Input in{"0201000200"};
  ASSERT_EQ(in->length(2, sizeof(std::uint16_t)), 2U);
  EXPECT_EQ(in->u16(), 1);
  EXPECT_EQ(in->u16(), 2);
}

TEST(BcsSpecification, SequencesOfEmptyElements) {
  Input in{"8f4a"};
  EXPECT_EQ(in->length(10'000, 0), 9487U);
}

TEST(BcsSpecification, Strings) {
  const std::string_view text = "çå∞≠¢õß∂ƒ∫";
  const std::string_view hex = "18c3a7c3a5e2889ee289a0c2a2c3b5c39fe28882c692e288ab";
  EXPECT_EQ(hex_of([&](auto& out) { out.bytes(as_bytes(text)); }), hex);
  Input in{hex};
  EXPECT_EQ(to_text(in->bytes(24)), text);
}

TEST(BcsSpecification, Tuples) {
  const auto write = [](auto& out) {
    out.u8(static_cast<std::uint8_t>(-1));
    out.bytes(as_bytes("diem"));
  };
  EXPECT_EQ(hex_of(write), "ff046469656d");
}

TEST(BcsSpecification, Structures) {
  const auto write_inner = [](auto& out) {
    out.boolean(true);
    out.bytes(Bytes{0xc0, 0xde});
    out.bytes(as_bytes("a"));
  };
  const auto write_wrapper = [&](auto& out) {
    write_inner(out);
    out.bytes(as_bytes("b"));
  };
  EXPECT_EQ(hex_of(write_inner), "0102c0de0161");
  EXPECT_EQ(hex_of(write_wrapper), "0102c0de01610162");
  Input in{"0102c0de01610162"};
  EXPECT_TRUE(in->boolean());
  EXPECT_EQ(to_hex(in->bytes(2)), "c0de");
  EXPECT_EQ(to_text(in->bytes(1)), "a");
  EXPECT_EQ(to_text(in->bytes(1)), "b");
}

TEST(BcsSpecification, Enumerations) {
  Input in{
      "00401f"
      "01ff"
      "020165"};
  EXPECT_EQ(in->variant(3), 0U);
  EXPECT_EQ(in->u16(), 8000);
  EXPECT_EQ(in->variant(3), 1U);
  EXPECT_EQ(in->u8(), 255);
  EXPECT_EQ(in->variant(3), 2U);
  EXPECT_EQ(to_text(in->bytes(1)), "e");
}

TEST(BcsSpecification, MapsAreSequencesSortedByKey) {
  const std::map<char, char> map = {{'e', 'f'}, {'a', 'b'}, {'c', 'd'}};
  const auto write = [&](auto& out) {
    out.uleb(static_cast<std::uint32_t>(map.size()));
    for (const auto& [key, value] : map) {
      out.u8(static_cast<std::uint8_t>(key));
      out.u8(static_cast<std::uint8_t>(value));
    }
  };
  EXPECT_EQ(hex_of(write), "03616263646566");
}

TEST(BcsWriter, GivesItsBytesAway) {
  BcsWriter out;
  out.u16(0x1234);
  EXPECT_EQ(std::move(out).take(), (Bytes{0x34, 0x12}));
}

}  // namespace
}  // namespace peerpay::base

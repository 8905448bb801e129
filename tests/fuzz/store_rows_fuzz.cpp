// Rows of the node's database: one encoding each; keys lie in the order of what they stand for;
// cursors are the account's own.

#include "node/storage/schema.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::storage;

void check_keys(base::ByteView in) {
  fuzz::Draw draw{in};
  const Position a{{draw.integer()}, static_cast<std::uint32_t>(draw.integer(4))};
  const Position b{{draw.integer()}, static_cast<std::uint32_t>(draw.integer(4))};
  const auto account = draw.fixed<ledger::AccountId>();
  auto other = account;
  other.bytes[draw.below(other.bytes.size())] ^= 1;

  PEERPAY_CHECK((height_key(a.height) < height_key(b.height)) == (a.height < b.height),
                "heights ascend");
  PEERPAY_CHECK(decode_height_key(height_key(a.height)) == a.height, "a height comes back");
  const auto key = history_key(account, a);
  PEERPAY_CHECK((key > history_key(account, b)) == (a < b), "the newest comes first");
  PEERPAY_CHECK(decode_history_key(account, key) == a, "a position comes back");
  PEERPAY_CHECK(!decode_history_key(other, key), "a key is of one account");
  const auto cursor = format_cursor(account, a);
  PEERPAY_CHECK(parse_cursor(account, cursor) == a, "a cursor comes back");
  PEERPAY_CHECK(!parse_cursor(other, cursor), "a cursor is of one account");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView in{data, size};
  fuzz::check_canonical(in, decode_chain_entry);
  fuzz::check_canonical(in, decode_position);
  fuzz::check_canonical(in, decode_sign_log_mark);
  if (const auto height = decode_height_key(in)) {
    PEERPAY_CHECK(std::ranges::equal(height_key(*height), in), "a height has one key");
  }
  if (const auto body = decode_body_key(in)) {
    PEERPAY_CHECK(std::ranges::equal(body_key(body->height, body->hash), in), "so has a body");
  }
  for (std::size_t row = 0; row <= count_rows(in) && row < 64; ++row) (void)decode_row(in, row);
  PEERPAY_CHECK(!decode_row(in, count_rows(in)), "no row stands behind the last");
  const auto cursor = parse_cursor({}, fuzz::as_text(in));
  PEERPAY_CHECK(!cursor || parse_cursor({}, format_cursor({}, *cursor)) == cursor, "one meaning");
  check_keys(in);
  return 0;
}

// Idempotency-Key: what is taken is printable and bounded, bare and quoted mean the same, and two
// requests meet only when caller, method, path and key are the same.

#include "api/core/idempotency.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

void check_header(std::string_view header) {
  const auto key = api::parse_idempotency_key(header);
  if (!key) return;
  PEERPAY_CHECK(!key->empty() && key->size() <= api::kIdempotencyKeyBytesMax, "it is bounded");
  for (const char c : *key) PEERPAY_CHECK(c >= 0x20 && c <= 0x7e, "it is printable");
  const bool is_plain =
      key->find_first_of("\"\\") == std::string::npos && key->front() != ' ' && key->back() != ' ';
  if (!is_plain) return;
  PEERPAY_CHECK(api::parse_idempotency_key("\"" + *key + "\"") == key, "quoted means the same");
}

void check_distinct(fuzz::Draw& draw) {
  const auto caller = draw.fixed<api::ApiKeyId>();
  const auto text = [&] { return std::string{fuzz::as_text(draw.bytes(12))}; };
  const auto method = text(), path = text(), key = text();
  const auto other_method = text(), other_path = text(), other_key = text();
  const bool is_same = method == other_method && path == other_path && key == other_key;
  PEERPAY_CHECK((api::idempotency_key(caller, method, path, key) ==
                 api::idempotency_key(caller, other_method, other_path, other_key)) == is_same,
                "no two requests share a key");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text({data, size});
  check_header(text);
  if (const auto body = json::Json::parsed(text)) {
    const auto again = json::Json::parsed(body->serialized());
    PEERPAY_CHECK(again && api::request_hash(*again) == api::request_hash(*body),
                  "spaces do not count");
  }
  fuzz::Draw draw{{data, size}};
  check_distinct(draw);
  return 0;
}

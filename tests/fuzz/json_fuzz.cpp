// The strict JSON parser: what it takes it writes, and reads as the same; depth and members are
// bounded; what is cut off is refused.

#include <string>
#include <variant>

#include "base/json/json.h"
#include "tests/fuzz/promises.h"

namespace {

using peerpay::json::Json;

constexpr std::size_t kDepthMax = 8;

std::size_t check_tree(const Json& value) {
  std::size_t below = 0;
  if (const auto* array = value.array()) {
    for (const auto& element : *array) below = std::max(below, check_tree(element));
    return below + 1;
  }
  const auto* object = value.object();
  if (object == nullptr) return 0;
  PEERPAY_CHECK(object->size() <= peerpay::json::kMembersMax, "the members are bounded");
  for (const auto& [name, member] : *object) {
    PEERPAY_CHECK(value.member(name) == &member, "a member comes once, and is found");
    below = std::max(below, check_tree(member));
  }
  return below + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const auto text = fuzz::as_text({data, size});
  const auto value = Json::parse(text, kDepthMax);
  if (!value) {
    PEERPAY_CHECK(!value.error().code.empty() && !value.error().sentence.empty(), "it says why");
    return 0;
  }
  PEERPAY_CHECK(check_tree(*value) <= kDepthMax, "the depth is bounded");
  const auto written = value->serialized();
  const auto again = Json::parse(written, kDepthMax);
  PEERPAY_CHECK(again && again->serialized() == written, "what is written is read as the same");
  if (value->object() != nullptr || value->array() != nullptr) {
    PEERPAY_CHECK(!Json::parsed(std::string_view{written}.substr(0, written.size() - 1)),
                  "what is cut off is refused");
  }
  PEERPAY_CHECK(!Json::parsed(written + "]"), "what has a tail is refused");
  return 0;
}

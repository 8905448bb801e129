// node.toml: what is taken makes sense or says why not, and prints as what it means.

#include "node/app/node_config.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const std::string text{fuzz::as_text({data, size})};
  const auto config = app::parse_node_config(text, "node.toml");
  if (!config) {
    PEERPAY_CHECK(config.error().starts_with("node.toml"), "it says where");
    return 0;
  }
  const auto printed = app::format_node_config(*config);
  const auto again = app::parse_node_config(printed, "again");
  PEERPAY_CHECK(again && app::format_node_config(*again) == printed, "it means what it prints");
  const auto reason = config->invalid_reason();
  PEERPAY_CHECK(reason == again->invalid_reason(), "and is judged the same");
  PEERPAY_CHECK(reason || !config->replica().invalid_reason(), "what is valid can be used");
  return 0;
}

// The gateway's TOML: what is taken prints as what it means, and is judged the same.

#include "api/app/gateway_config.h"
#include "base/endpoint.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  api::GatewayConfig config;
  const auto read = api::read_config(fuzz::as_text({data, size}), "gateway.toml", config);
  if (!read) {
    PEERPAY_CHECK(read.error().sentence.starts_with("gateway.toml"), "it says where");
    return 0;
  }
  const auto printed = api::format_config(config);
  api::GatewayConfig again;
  PEERPAY_CHECK(api::read_config(printed, "again", again), "what is printed is read");
  PEERPAY_CHECK(api::format_config(again) == printed, "it means what it prints");
  const auto checked = config.check();
  PEERPAY_CHECK(checked.has_value() == again.check().has_value(), "and is judged the same");
  if (!checked) return 0;
  const auto listen = base::parse_endpoint(config.listen);
  PEERPAY_CHECK(listen && (listen->is_loopback() || config.is_behind_proxy),
                "plain text stays on this machine");
  return 0;
}

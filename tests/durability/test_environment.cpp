#include "tests/durability/test_environment.h"

#include "base/check.h"
#include "base/database/platform.h"

namespace peerpay::durability {
namespace {

rocksdb::Env*& environment_now() {
  static rocksdb::Env* now = nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
  return now;
}

}  // namespace

EnvironmentOfTest::EnvironmentOfTest(rocksdb::Env& environment) {
  PEERPAY_CHECK(environment_now() == nullptr, "one environment at a time");
  environment_now() = &environment;
}
EnvironmentOfTest::~EnvironmentOfTest() { environment_now() = nullptr; }

}  // namespace peerpay::durability

namespace peerpay::database {

// In place of the one in base/database/platform.cpp. Tables go to files every few blocks.
Platform platform() {
  PEERPAY_CHECK(durability::environment_now() != nullptr, "a test says where a database lives");
  return {durability::environment_now(), std::size_t{64} << 10};
}

}  // namespace peerpay::database

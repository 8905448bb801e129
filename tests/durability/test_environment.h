#pragma once
// EnvironmentOfTest: where every database of this program lives that is opened during its life.
// One at a time, and one thread at a time opens one.

namespace rocksdb {
class Env;
}

namespace peerpay::durability {

class EnvironmentOfTest {
 public:
  explicit EnvironmentOfTest(rocksdb::Env& environment);
  EnvironmentOfTest(const EnvironmentOfTest&) = delete;
  EnvironmentOfTest& operator=(const EnvironmentOfTest&) = delete;
  ~EnvironmentOfTest();
};

}  // namespace peerpay::durability

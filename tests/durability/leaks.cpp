// A database whose disk failed is never closed (base/database/database.cpp), nor is what it rests
// on: the leak sanitizer shall not mind.

// NOLINTBEGIN(readability-identifier-naming): names that the sanitizer looks for.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:librocksdb\nleak:^rocksdb::\nleak:peerpay::database\nleak:peerpay::durability\n";
}
// NOLINTEND(readability-identifier-naming)

// RocksDB comes compiled without the thread sanitizer, which so misses how its threads are ordered:
// what it does is ignored, also where its templates are in our object files. Our own code is
// checked.

// NOLINTBEGIN(readability-identifier-naming): names that the sanitizer looks for.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:^rocksdb::\n"; }
// NOLINTEND(readability-identifier-naming)

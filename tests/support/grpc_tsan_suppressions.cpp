// gRPC, abseil, protobuf and OpenSSL are not built with the thread sanitizer, so it sees neither
// their memory accesses nor how they synchronize (abseil's mutex is its own). What they do is
// ignored, and so is what gRPC's templates do inside our object files. Our own code is checked: it
// hands nothing from thread to thread but through its own locks.
// NOLINTBEGIN(readability-identifier-naming): names that the sanitizer looks for.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:^grpc::\n"
         "race:^google::protobuf::\n"
         "race:~PinVerifier\n"  // owned and released by gRPC
         "race:^OnCancel$\n"    // reads what the call's constructor wrote: gRPC orders the two
         "thread:grpc_core::Thread::Thread\n";
}
// NOLINTEND(readability-identifier-naming)

// How jemalloc, which peerpayd is linked with, keeps what was freed (jemalloc(3), "TUNING").
//
// What a burst of clients leaves goes back to the system within a tenth of a second, by a thread of
// its own, so that no thread with work to do pays for it. Fewer arenas than there are threads: what
// one thread frees another uses.

#include <jemalloc/jemalloc.h>

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): the library declares it so
const char* malloc_conf =
    "narenas:4,background_thread:true,max_background_threads:1,dirty_decay_ms:100,"
    "muzzy_decay_ms:0";

namespace {

// Nothing else names the library, whose malloc is called as the C library's: the linker would leave
// it out.
[[gnu::used]] const auto kNamesTheLibrary = &::mallctl;

}  // namespace

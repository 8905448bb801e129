#pragma once
// What a database rests on: the operating system, and how much it gathers in memory.
//
// platform() stands alone in platform.cpp, so that a test program may define its own in its place
// and have a disk that loses, tears and refuses (tests/durability). It is chosen when a program is
// linked: nothing that a running program is told can change it.

#include <cstddef>

namespace rocksdb {
class Env;
}

namespace peerpay::database {

struct Platform {
  rocksdb::Env* environment;       // outlives every database
  std::size_t write_buffer_bytes;  // of one table, before it goes to a file
};

[[nodiscard]] Platform platform();

}  // namespace peerpay::database

#pragma once
// RawClient: a socket that sends bytes as they are, for what no HTTP library would send.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/os/descriptor.h"

namespace peerpay::http::test {

struct Answer {
  unsigned status = 0;
  std::string head;  // status line and fields
  std::string body;  // by Content-Length

  [[nodiscard]] bool has(std::string_view line) const {
    return head.find(line) != std::string::npos;
  }
};

// Every wait ends after 20 seconds, which fails the test that waits.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);

  // False when the server has closed.
  bool send(std::string_view bytes) const;
  void finish_sending() const;
  // Closes so that the server's next read or write fails.
  void reset();

  // The next answer; nothing when the server closed instead. `without_body`: it answers HEAD.
  [[nodiscard]] std::optional<Answer> answer(bool without_body = false);
  // What comes until `end` came (inclusive), or until the server closed.
  [[nodiscard]] std::string read_until(std::string_view end);
  // All that is left until the server closed.
  [[nodiscard]] std::string rest();
  // Whether something, or the end, can be read within the time.
  [[nodiscard]] bool is_readable_within(int milliseconds) const;

 private:
  bool read_more();

  os::Descriptor socket_;
  std::string received_;
};

}  // namespace peerpay::http::test

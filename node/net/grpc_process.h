#pragma once
// What gRPC and OpenSSL read once for the whole process.

#include <functional>
#include <string>
#include <string_view>

namespace peerpay::net {

// Receives one line of gRPC's own log, without line break or other control characters: gRPC quotes
// strangers (the server name a client asks for) as they are. Anyone who can reach a port can cause
// such lines, so they belong at debug level. Called from any thread, must not throw.
using GrpcLog = std::function<void(const std::string& line)>;

// Routes gRPC's log to `log` and makes TLS refuse what is older than 1.3 (gRPC 1.51 has no setter
// for the minimum; its cipher list, with no suite of TLS 1.2 that an ECDSA certificate can serve,
// has the same effect). One exception: a client listener whose operator gave it an RSA certificate
// also takes TLS 1.2, with ECDHE-RSA-AES128-GCM-SHA256 alone. REQUIRES: called once, at the start
// of main, before any thread and any other use of gRPC.
void prepare_grpc_process(GrpcLog log);

// `text` with every control character, DEL and byte above 0x7e as \xNN, and backslash doubled.
[[nodiscard]] std::string escape_log_line(std::string_view text);

}  // namespace peerpay::net

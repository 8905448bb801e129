#pragma once
// The one libsecp256k1 context of the process, for the .cpp files of this module alone.

// libsecp256k1's own type, declared here so that its header stays in .cpp files.
struct secp256k1_context_struct;

namespace peerpay::crypto {

// Any thread may use it: it never changes once it is made. Blinded with fresh randomness, which
// hardens what computes with secret keys against side channels and changes no result.
[[nodiscard]] const secp256k1_context_struct* secp_context();

}  // namespace peerpay::crypto

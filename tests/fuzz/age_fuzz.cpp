// age files: whatever bytes come, no text is opened that nobody encrypted. The input is a file, and
// changes to a real one.

#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"
#include "wallet/age.h"

namespace {

using namespace peerpay;
using namespace peerpay::wallet;

constexpr AgeWorkFactor kWorkFactor{1};
constexpr std::string_view kPassphrase = "correct horse";
constexpr std::string_view kSecret = "sixteen words would be enough for anybody";

base::Bytes real_file() {
  const base::Bytes random(kAgeRandomBytes, 7);
  auto file =
      age_encrypt(base::as_bytes(kSecret), base::as_bytes(kPassphrase), random, kWorkFactor);
  PEERPAY_CHECK(file, "it can be encrypted");
  return *std::move(file);
}

void check_file(base::ByteView file) {
  (void)age_work_factor(file);
  const auto opened = age_decrypt(file, base::as_bytes(kPassphrase), kWorkFactor);
  if (!opened) {
    PEERPAY_CHECK(!sentence(opened.error()).empty(), "it says why");
    return;
  }
  PEERPAY_CHECK(fuzz::as_text(opened->view()) == kSecret, "nothing else was encrypted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::Bytes kFile = real_file();
  check_file({data, size});
  fuzz::Draw draw{{data, size}};
  auto bytes = kFile;
  if (draw.coin()) bytes.resize(draw.below(bytes.size() + 1));
  while (!draw.empty() && !bytes.empty()) {
    auto& byte = bytes[draw.below(bytes.size())];
    byte = static_cast<std::uint8_t>(byte ^ draw.byte());
  }
  check_file(bytes);
  return 0;
}

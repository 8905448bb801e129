// zbarimg (Debian package zbar-tools) must read what we draw, on the page and on the terminal.

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/qr/qr.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::qr {
namespace {

using Picture = std::vector<std::vector<bool>>;  // rows of dark pixels

// Draws the bars of the path: "M4 4h3v1h-3z".
Picture picture_of_svg(const std::string& text) {
  std::size_t side = 0;
  std::istringstream(text.substr(text.find("viewBox=\"0 0 ") + 13)) >> side;
  Picture out(side, std::vector<bool>(side, false));
  const auto begin = text.find("d=\"") + 3;
  std::istringstream path(text.substr(begin, text.find('"', begin) - begin));
  std::string bar;
  while (std::getline(path, bar, 'z')) {
    std::size_t column = 0;
    std::size_t row = 0;
    std::size_t width = 0;
    EXPECT_EQ(std::sscanf(bar.c_str(), "M%zu %zuh%zuv1h-", &column, &row, &width), 3) << bar;
    for (std::size_t i = 0; i < width; ++i) out.at(row).at(column + i) = true;
  }
  return out;
}

// Two rows a line; a colour that is not set would be the terminal's own.
Picture picture_of_terminal(const std::string& text) {
  Picture out;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::vector<bool> upper;
    std::vector<bool> lower;
    EXPECT_TRUE(line.starts_with("\x1b[38;5;16;48;5;231m")) << line;
    line = line.substr(line.find('m') + 1);
    line.resize(line.find('\x1b'));
    for (std::size_t at = 0; at < line.size();) {
      const auto block = line[at] == ' ' ? std::string{" "} : line.substr(at, 3);
      upper.push_back(block == "\u2588" || block == "\u2580");
      lower.push_back(block == "\u2588" || block == "\u2584");
      at += block.size();
    }
    out.push_back(upper);
    out.push_back(lower);
  }
  return out;
}

std::string read_by_zbarimg(const Picture& picture, bool is_on_black) {
  constexpr std::size_t kScale = 4;
  constexpr std::size_t kMargin = 20;  // what is around it must not matter
  const test::TemporaryDirectory directory;
  const auto file = directory.file("code.pgm");
  const auto width = picture[0].size() * kScale + 2 * kMargin;
  const auto height = picture.size() * kScale + 2 * kMargin;
  std::string pixels(width * height, is_on_black ? '\0' : '\xff');
  for (std::size_t y = 0; y < picture.size() * kScale; ++y) {
    for (std::size_t x = 0; x < picture[0].size() * kScale; ++x) {
      const bool is_dark = picture[y / kScale][x / kScale];
      pixels[(y + kMargin) * width + x + kMargin] = is_dark ? '\0' : '\xff';
    }
  }
  std::ofstream(file, std::ios::binary) << "P5\n" << width << " " << height << "\n255\n" << pixels;
  std::string command = PEERPAY_ZBARIMG " --quiet --raw ";
  command += file + " 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer{};
  while (const auto count = fread(buffer.data(), 1, buffer.size(), pipe)) {
    out.append(buffer.data(), count);
  }
  EXPECT_EQ(pclose(pipe), 0) << out;
  return out;
}

// Bytes above 127 are left out: readers guess their character set, and payment URIs have none.
const std::vector<std::string>& texts() {
  static const std::vector<std::string> kTexts = {
      "A",
      "PEERPAY:TPEER1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SXKQ3W0"
      "?amount=12.50&asset=USD&ref=INV-7K3M&label=Corner%20Shop&exp=1790000000",
      std::string(900, 'x')};
  return kTexts;
}

class ReadBack : public testing::TestWithParam<std::size_t> {};

TEST_P(ReadBack, FromThePageAndFromLightAndDarkTerminals) {
  const auto& text = texts()[GetParam()];
  const auto code = encode(text);
  ASSERT_TRUE(code.has_value());
  EXPECT_EQ(read_by_zbarimg(picture_of_svg(svg(*code)), false), text + "\n");
  const auto terminal = picture_of_terminal(terminal_text(*code));
  EXPECT_EQ(read_by_zbarimg(terminal, false), text + "\n");
  EXPECT_EQ(read_by_zbarimg(terminal, true), text + "\n");
}

INSTANTIATE_TEST_SUITE_P(Texts, ReadBack, testing::Range(std::size_t{0}, texts().size()));

}  // namespace
}  // namespace peerpay::qr

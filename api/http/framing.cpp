#include "api/http/framing.h"

#include <algorithm>
#include <array>

#include "api/http/characters.h"
#include "api/http/query.h"
#include "base/check.h"
#include "base/utf8.h"

namespace peerpay::http {
namespace {

using base::Expected;
using base::Unexpected;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMethodBytesMax = 32;
constexpr std::size_t kHostBytesMax = 255;  // DNS
constexpr std::size_t kChunkSizeDigitsMax = 8;

// Spaces and tabs around a value are no part of it (RFC 9110 section 5.5).
std::string_view trimmed(std::string_view value) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t begin = value.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(kBlank) - begin + 1);
}

Expected<Method, Fault> parse_method(std::string_view text) {
  if (text.empty() || text.size() > kMethodBytesMax || !kTokenCharacters.has_all(text)) {
    return Unexpected{Fault::kRequestLine};
  }
  const auto* const found = std::find_if(kMethods.begin(), kMethods.end(),
                                         [&](Method method) { return name(method) == text; });
  if (found == kMethods.end()) return Unexpected{Fault::kMethodUnknown};
  return *found;
}

bool is_version(std::string_view text) {
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
         is_digit(text[7]);
}

// Whether the path names a resource in one way only (http H4).
Expected<void, Fault> check_segments(std::string_view path) {
  std::size_t begin = 1;
  while (path.size() > 1) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..") return Unexpected{Fault::kPathSegment};
    if (segment.empty()) return Unexpected{Fault::kPathEmptySegment};
    if (end == path.size()) break;
    begin = end + 1;
  }
  return {};
}

// http H3, H4.
Expected<std::string, Fault> decode_path(std::string_view raw) {
  if (!kPathCharacters.has_all(raw)) return Unexpected{Fault::kTargetCharacter};
  std::optional<std::string> path = percent_decode(raw);
  if (!path || std::any_of(path->begin(), path->end(), is_control)) {
    return Unexpected{Fault::kPercentEncoding};
  }
  // An escaped "/" would be a segment for one reader and two for the next.
  const auto slashes = [](std::string_view text) {
    return std::count(text.begin(), text.end(), '/');
  };
  if (slashes(*path) != slashes(raw)) return Unexpected{Fault::kPathSegment};
  if (path->size() != raw.size() && base::valid_utf8(*path) != *path) {
    return Unexpected{Fault::kPathSegment};
  }
  if (const auto checked = check_segments(*path); !checked) return Unexpected{checked.error()};
  return std::move(*path);
}

Expected<void, Fault> parse_target(std::string_view target, const FramingLimits& limits,
                                   RequestHead& head) {
  if (target.size() > limits.target_bytes_max) return Unexpected{Fault::kTargetTooLong};
  if (target.empty()) return Unexpected{Fault::kRequestLine};
  if (target.front() != '/') return Unexpected{Fault::kTargetForm};
  const std::size_t question = std::min(target.find('?'), target.size());
  Expected<std::string, Fault> path = decode_path(target.substr(0, question));
  if (!path) return Unexpected{path.error()};
  head.path = std::move(*path);
  if (question == target.size()) return {};
  const std::string_view query = target.substr(question + 1);
  if (!kQueryCharacters.has_all(query)) return Unexpected{Fault::kTargetCharacter};
  const std::optional<std::string> decoded = percent_decode(query);
  if (!decoded || decoded->find('\0') != std::string::npos) {
    return Unexpected{Fault::kPercentEncoding};
  }
  head.query = query;
  return {};
}

// http H10.
std::size_t body_bytes_max_of(const RequestHead& head, const FramingLimits& limits) {
  const auto& long_bodies = limits.long_bodies;
  const bool is_long =
      long_bodies && long_bodies->method == head.method && long_bodies->path == head.path;
  return is_long ? long_bodies->bytes_max : limits.body_bytes_max;
}

// http H1.
Expected<void, Fault> parse_request_line(std::string_view line, const FramingLimits& limits,
                                         RequestHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Unexpected{Fault::kRequestLine};
  const Expected<Method, Fault> method = parse_method(line.substr(0, first));
  if (!method) return Unexpected{method.error()};
  const std::string_view version = line.substr(last + 1);
  if (!is_version(version)) return Unexpected{Fault::kRequestLine};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Unexpected{Fault::kVersion};
  head.method = *method;
  head.takes_chunks = version == "HTTP/1.1";
  head.ends_connection = !head.takes_chunks;
  return parse_target(line.substr(first + 1, last - first - 1), limits, head);
}

// http H5. A folded line begins with a space, which no name has.
Expected<Header, Fault> parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, std::min(colon, line.size()));
  if (colon == std::string_view::npos || name.empty() || !kTokenCharacters.has_all(name)) {
    return Unexpected{Fault::kFieldName};
  }
  const std::string_view value = line.substr(colon + 1);
  const auto is_bad = [](char c) { return is_control(c) && c != '\t'; };
  if (std::any_of(value.begin(), value.end(), is_bad)) return Unexpected{Fault::kFieldValue};
  return Header{std::string{name}, std::string{trimmed(value)}};
}

// What frames, routes or keeps a message: in a trailer it comes too late, and only confuses whoever
// merges trailers into the head (RFC 9110 section 6.5.1).
bool is_for_the_head(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"Connection", "Proxy-Connection",
                                                   "Content-Length", "Transfer-Encoding", "Host"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](std::string_view other) { return equals_ignoring_case(name, other); });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

// http H6: uri-host [":" port], without what no name in use has: escapes and sub-delims.
bool is_host(std::string_view text) {
  if (text.empty() || text.size() > kHostBytesMax) return false;
  std::size_t end = 0;
  if (text.front() == '[') {
    end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    const std::string_view address = text.substr(1, end - 1);
    const auto fits = [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; };
    if (!std::all_of(address.begin(), address.end(), fits)) return false;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (end == 0 || !kUnreserved.has_all(text.substr(0, end))) return false;
  }
  return end == text.size() || (text[end] == ':' && is_port(text.substr(end + 1)));
}

// The fields that say where a request ends and whether another follows; everything else is for the
// handlers. Members count how often a field came.
struct FramingFields {
  std::size_t hosts = 0;
  std::size_t content_lengths = 0;
  std::size_t transfer_encodings = 0;
};

// http H7.
Expected<void, Fault> take_content_length(std::string_view value, RequestHead& head) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) {
    return Unexpected{Fault::kContentLength};
  }
  std::size_t length = 0;
  for (const char digit : value) {
    length = length * 10 + static_cast<std::size_t>(digit - '0');
    if (length > head.body_bytes_max) return Unexpected{Fault::kBodyTooLarge};
  }
  head.body_bytes = length;
  if (length > 0) head.framing = BodyFraming::kLength;
  return {};
}

// Whether a list of connection options has "close".
Expected<bool, Fault> asks_to_close(std::string_view value) {
  bool closes = false;
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = trimmed(value.substr(0, comma));
    if (!kTokenCharacters.has_all(option)) return Unexpected{Fault::kFieldValue};
    if (equals_ignoring_case(option, "close")) closes = true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return closes;
}

Expected<void, Fault> take_field(const Header& field, FramingFields& seen, RequestHead& head) {
  const auto is = [&](std::string_view name) { return equals_ignoring_case(field.name, name); };
  if (is("Host")) {
    ++seen.hosts;
    if (!is_host(field.value)) return Unexpected{Fault::kHost};
  } else if (is("Content-Length")) {
    if (++seen.content_lengths > 1) return Unexpected{Fault::kContentLength};
    return take_content_length(field.value, head);
  } else if (is("Transfer-Encoding")) {
    if (++seen.transfer_encodings > 1 || field.value != "chunked") {
      return Unexpected{Fault::kTransferEncoding};
    }
    head.framing = BodyFraming::kChunked;
  } else if (is("Connection") || is("Proxy-Connection")) {
    const auto closes = asks_to_close(field.value);
    if (!closes) return Unexpected{closes.error()};
    if (*closes && is("Connection")) head.ends_connection = true;
  } else if (is("Expect")) {
    if (!equals_ignoring_case(field.value, "100-continue")) return Unexpected{Fault::kExpectation};
    head.expects_continue = true;
  }
  return {};
}

Expected<void, Fault> check_together(const FramingFields& seen, RequestHead& head) {
  if (seen.hosts != 1) return Unexpected{Fault::kHost};
  if (seen.content_lengths + seen.transfer_encodings > 1) {
    return Unexpected{Fault::kTransferEncoding};
  }
  if (!head.takes_chunks) {
    if (head.framing != BodyFraming::kNone) return Unexpected{Fault::kBodyInHttp10};
    head.expects_continue = false;  // HTTP/1.0 has no interim answers
  }
  if (head.framing == BodyFraming::kNone) head.expects_continue = false;
  return {};
}

// How long the token, or the text in quotes, at the front is; 0: there is none.
std::size_t extension_value_bytes(std::string_view text) {
  if (!text.starts_with('"')) {
    const auto* const end =
        std::find_if_not(text.begin(), text.end(), [](char c) { return kTokenCharacters.has(c); });
    return static_cast<std::size_t>(end - text.begin());
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return 0;
}

// *( ";" token [ "=" ( token / quoted-string ) ] ), RFC 9112 section 7.1.1, without its spaces.
bool is_chunk_extension(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) return false;
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    const std::size_t name = text.starts_with('"') ? 0 : extension_value_bytes(text);
    if (name == 0) return false;
    text.remove_prefix(name);
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    const std::size_t value = extension_value_bytes(text);
    if (value == 0) return false;
    text.remove_prefix(value);
  }
  return true;
}

}  // namespace

Expected<std::optional<std::size_t>, Fault> find_header_end(std::string_view received,
                                                            const FramingLimits& limits) {
  // What does not begin as a method does (TLS, an empty line) would only wait for its deadline.
  if (!received.empty() && !kTokenCharacters.has(received.front())) {
    return Unexpected{Fault::kRequestLine};
  }
  const std::string_view seen = received.substr(0, limits.header_bytes_max);
  std::size_t line = 0;
  for (std::size_t end = seen.find('\n'); end != std::string_view::npos;
       end = seen.find('\n', line)) {
    if (end == line || seen[end - 1] != '\r') return Unexpected{Fault::kLineEnding};
    const bool is_empty = end - line == 1;
    line = end + 1;
    if (is_empty) return std::optional{line};
  }
  if (received.size() < limits.header_bytes_max) return std::optional<std::size_t>{};
  return Unexpected{line == 0 ? Fault::kTargetTooLong : Fault::kHeaderTooLarge};
}

Expected<RequestHead, Fault> check_header_block(std::string_view block,
                                                const FramingLimits& limits) {
  PEERPAY_CHECK(block.ends_with("\r\n\r\n"), "a header block ends with its empty line");
  RequestHead head;
  std::size_t end = block.find(kLineEnd);
  if (const auto ok = parse_request_line(block.substr(0, end), limits, head); !ok) {
    return Unexpected{ok.error()};
  }
  head.body_bytes_max = body_bytes_max_of(head, limits);
  FramingFields seen;
  for (std::size_t line = end + 2; block.substr(line) != kLineEnd; line = end + 2) {
    end = block.find(kLineEnd, line);
    if (head.headers.size() == limits.fields_max) return Unexpected{Fault::kHeaderTooLarge};
    Expected<Header, Fault> field = parse_field(block.substr(line, end - line));
    if (!field) return Unexpected{field.error()};
    if (const auto ok = take_field(*field, seen, head); !ok) return Unexpected{ok.error()};
    head.headers.push_back(std::move(*field));
  }
  if (const auto ok = check_together(seen, head); !ok) return Unexpected{ok.error()};
  return head;
}

Expected<std::size_t, Fault> ChunkedReader::take(std::string_view received, std::string& body) {
  std::size_t taken = 0;
  while (!is_done()) {
    const std::string_view rest = received.substr(taken);
    if (state_ == State::kBytes) {
      const std::size_t count = std::min(chunk_bytes_left_, rest.size());
      body.append(rest.substr(0, count));
      taken += count;
      chunk_bytes_left_ -= count;
      if (chunk_bytes_left_ > 0) return taken;
      state_ = State::kBytesEnd;
      continue;
    }
    const std::size_t end = rest.substr(0, chunk_line_bytes_max_).find('\n');
    if (end == std::string_view::npos) {
      if (rest.size() >= chunk_line_bytes_max_) return Unexpected{Fault::kChunk};
      return taken;
    }
    if (end == 0 || rest[end - 1] != '\r') return Unexpected{Fault::kChunk};
    if (const auto ok = take_line(rest.substr(0, end - 1), body.size()); !ok) {
      return Unexpected{ok.error()};
    }
    taken += end + 1;
  }
  return taken;
}

Expected<void, Fault> ChunkedReader::take_line(std::string_view line, std::size_t body_bytes) {
  line_bytes_ += line.size() + kLineEnd.size();
  if (line_bytes_ > body_bytes_max_) return Unexpected{Fault::kBodyTooLarge};
  switch (state_) {
    case State::kSize: return take_size(line, body_bytes);
    case State::kBytesEnd:
      if (!line.empty()) return Unexpected{Fault::kChunk};
      state_ = State::kSize;
      return {};
    case State::kTrailer:
      if (line.empty()) {
        state_ = State::kDone;
      } else if (const auto field = parse_field(line); !field || is_for_the_head(field->name)) {
        return Unexpected{Fault::kChunk};
      }
      return {};
    case State::kBytes:
    case State::kDone: break;
  }
  PEERPAY_UNREACHABLE("bytes of a chunk are no line, and nothing follows the end");
}

// http H8.
Expected<void, Fault> ChunkedReader::take_size(std::string_view line, std::size_t body_bytes) {
  std::size_t size = 0;
  std::size_t digits = 0;
  while (digits < line.size() && hex_digit(line[digits]) >= 0) {
    if (digits == kChunkSizeDigitsMax) return Unexpected{Fault::kChunk};
    size = size * 16 + static_cast<std::size_t>(hex_digit(line[digits]));
    ++digits;
  }
  if (digits == 0 || !is_chunk_extension(line.substr(digits))) return Unexpected{Fault::kChunk};
  if (size > body_bytes_max_ - body_bytes) return Unexpected{Fault::kBodyTooLarge};
  chunk_bytes_left_ = size;
  state_ = size == 0 ? State::kTrailer : State::kBytes;
  return {};
}

}  // namespace peerpay::http

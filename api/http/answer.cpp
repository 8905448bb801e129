#include "api/http/answer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/http/characters.h"
#include "base/check.h"

namespace peerpay::http {
namespace {

// As IANA lists them. Clients read the number; the phrase is for people with a packet dump.
std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

// Whose length is none, whatever a handler put there.
bool has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

void append_field(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

void append_two_digits(std::string& text, int value) {
  text.push_back(static_cast<char>('0' + value / 10 % 10));
  text.push_back(static_cast<char>('0' + value % 10));
}

}  // namespace

bool is_sendable(const Response& response) {
  if (response.status < 200 || response.status > 599) return false;
  return std::all_of(response.headers.begin(), response.headers.end(), [](const Header& field) {
    return !field.name.empty() && kTokenCharacters.has_all(field.name) &&
           std::none_of(field.value.begin(), field.value.end(), is_control);
  });
}

std::string wire_form(const Response& response, const AnswerFraming& framing) {
  std::string text;
  text.reserve(response.body.size() + 256 + 64 * response.headers.size());
  text.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  text.append(reason_phrase(response.status)).append("\r\n");
  append_field(text, "Date", framing.date);
  append_field(text, "Request-Id", framing.request_id);
  for (const Header& field : response.headers) append_field(text, field.name, field.value);
  if (framing.is_chunked) {
    append_field(text, "Transfer-Encoding", "chunked");
  } else if (has_body(response.status) && response.events == nullptr) {
    append_field(text, "Content-Length", std::to_string(response.body.size()));
  }
  if (framing.is_last) append_field(text, "Connection", "close");
  text.append("\r\n");
  const bool is_whole = has_body(response.status) && response.events == nullptr;
  if (is_whole && !framing.omits_body) text.append(response.body);
  return text;
}

std::string chunk(std::string_view bytes) {
  PEERPAY_CHECK(!bytes.empty(), "an empty chunk would end the body");
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  std::string text;
  text.reserve(bytes.size() + 20);
  text.append(size.data(), end).append("\r\n").append(bytes).append("\r\n");
  return text;
}

std::string http_date(std::time_t seconds) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::string text{kDays.at(static_cast<std::size_t>(utc.tm_wday))};
  text.append(", ");
  append_two_digits(text, utc.tm_mday);
  text.append(" ").append(kMonths.at(static_cast<std::size_t>(utc.tm_mon))).append(" ");
  text.append(std::to_string(utc.tm_year + 1900)).append(" ");
  append_two_digits(text, utc.tm_hour);
  text.append(":");
  append_two_digits(text, utc.tm_min);
  text.append(":");
  append_two_digits(text, utc.tm_sec);
  text.append(" GMT");
  return text;
}

}  // namespace peerpay::http

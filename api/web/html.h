#pragma once
// Text made fit for HTML. Whatever a page shows goes through here, whoever wrote it.

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/time.h"

namespace peerpay::api {

// Text content, or the value of an attribute in double quotes. Markup characters are escaped;
// control characters, direction marks and bytes that are no UTF-8 become U+FFFD, so that a text
// can't be read as what it is not, nor turn around what stands beside it (Unicode TR 36). Joiners
// stay: emoji and several scripts need them. Line feeds and tabs stay.
[[nodiscard]] std::string html_text(std::string_view text);

// "<time datetime="2026-11-22T10:15:00.000Z">22 November 2026, 10:15:00 UTC</time>". The script
// shows it in the reader's own time zone. Years after 9999 are shown as the end of 9999.
[[nodiscard]] std::string html_time(base::UnixMillis time);

// The pattern with its "{}" replaced by the values in turn, as they are. REQUIRES: as many as
// values.
[[nodiscard]] std::string filled(std::string_view pattern,
                                 std::initializer_list<std::string_view> values);

}  // namespace peerpay::api

#pragma once

#include "net/server.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Inside lib/net only.
namespace ltp::net {

/// What stands in the head of an answer beside what the answer itself says.
struct HeadExtras {
  std::string_view always;  // whole lines, as append_header() makes them
  const Headers& own;       // of this request
  bool closes;              // the connection ends with the answer
};

/// Nothing if the value has a line end in it: no header of ours may end early because of
/// something that somebody sent.
void append_header(std::string& out, std::string_view name, std::string_view value);

/// With the blank line at its end, and with room behind it for the body. Without a size the
/// body ends with the connection.
std::string response_head(const Response& response, std::optional<std::size_t> body_size,
                          const HeadExtras& extras);

/// Head and body. `head_only`: nobody wants a body, but its size is told.
std::string whole_response(const Response& response, bool head_only, const HeadExtras& extras);

}  // namespace ltp::net

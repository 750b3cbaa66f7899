#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Inside lib/net only.
namespace ltp::net {

/// Why bytes are no PlainRequest.
struct Unplain {
  enum Kind : std::uint8_t {
    kOther,  // for another reader to judge
    kPart,   // plain so far, and not whole yet
    kWrong,  // nobody may take it, or two readers would take it for different requests
  };
  Kind kind = kOther;
  const char* why = "";  // for a person, if it is wrong
  std::size_t size = 0;  // of the whole, or less, if it is a part
};

/// A request as almost all are, taken apart where it stands: whole, and with nothing in it
/// that two readers could read in two ways, or that needs more than an answer.
///
/// Pure    No I/O, no allocation; all views are into the bytes.
/// Narrow  Whatever is in doubt is none, and for libwebsockets to judge: a POST without a length,
///         an upgrade, an expectation, a transfer coding, a path with anything but letters, digits
///         and -._~/ in it, a header twice of which there is one.
/// Wrong   A header without a colon, with a name that is none (a blank before the colon, a
///         folded line) or with bytes that no value has; no Host, or two.
/// Bounds  Request line and headers kMostHead bytes, the body `max_body`; more is none.
/// Source  RFC 9112, 2 to 6; RFC 9110, 5.
struct PlainRequest {
  static constexpr std::size_t kMostHead = 26'000;

  std::string_view method, path, query, body;
  std::string_view host;                          // of the target, if it has one
  std::string_view origin, content_type, accept;  // headers, or empty
  std::string_view lines;                         // of all headers, each with its end
  bool closes = false;                            // the client wants no other answer
  std::size_t size = 0;                           // in the bytes, with the body

  /// What follows it in `bytes` is not looked at.
  static Result<PlainRequest, Unplain> read(std::string_view bytes, std::size_t max_body) noexcept;

  /// Of a header by its lower-case name; of several those joined with ", ".
  static std::string header(std::string_view lines, std::string_view name);
};

}  // namespace ltp::net

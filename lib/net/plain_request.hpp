#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Inside lib/net only.
namespace ltp::net {

/// A request as almost all are, taken apart where it stands: whole, and with nothing in it
/// that two readers could read in two ways, or that needs more than an answer.
///
/// Pure    No I/O, no allocation; all views are into the bytes.
/// Narrow  Whatever is in doubt is none, and for libwebsockets to judge: a method other than
///         GET, HEAD, POST and OPTIONS, a POST without a length, an upgrade, an expectation, a
///         transfer coding, a path with anything but letters, digits and -._~/ in it, bytes that no
///         header has, a header twice of which there is one.
/// Bounds  Request line and headers kMostHead bytes, the body `max_body`; more is none.
/// Source  RFC 9112, 2 to 6; RFC 9110, 5.
struct PlainRequest {
  static constexpr std::size_t kMostHead = 26'000;

  std::string_view method, path, query, body;
  std::string_view host, origin, content_type, accept;  // headers, or empty
  std::string_view lines;                               // of all headers, each with its end
  bool closes = false;                                  // the client wants no other answer
  std::size_t size = 0;                                 // in the bytes, with the body

  /// None: not whole yet, or not plain. What follows it in `bytes` is not looked at.
  static std::optional<PlainRequest> read(std::string_view bytes, std::size_t max_body) noexcept;

  /// Of a header by its lower-case name; of several those joined with ", ".
  static std::string header(std::string_view lines, std::string_view name);
};

}  // namespace ltp::net

#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace ltp {

/// Joins texts and whole numbers: cat("retrying in ", 4, " s"). No locale, no format
/// string, so nothing a peer sent can be taken for one.
namespace detail {
inline void append_part(std::string& out, std::string_view part) {
  out.append(part);
}
inline void append_part(std::string& out, char part) {
  out.push_back(part);
}
// clang-format off
template <std::integral Int>
  requires(!std::same_as<Int, char> && !std::same_as<Int, bool>)
void append_part(std::string& out, Int number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}
// clang-format on
}  // namespace detail

template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (detail::append_part(out, parts), ...);
  return out;
}

/// At most `limit` bytes of the text, those that are not printable ASCII written as \x0a,
/// and "..." if there was more: for putting what a peer or a file said into a message.
std::string printable(std::string_view text, std::size_t limit = 80);

/// "1 line", "2 lines".
std::string counted(unsigned long long n, std::string_view singular);

std::string_view trim(std::string_view text) noexcept;

}  // namespace ltp

#include "dhan/capture.hpp"

#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace ltp::dhan::capture {
namespace {

constexpr std::string_view kHeaderName = "ltp-capture ";
constexpr std::string_view kDigits = "0123456789abcdef";

constexpr std::size_t pair_index(char first, char second) noexcept {
  return static_cast<std::size_t>(static_cast<unsigned char>(first)) << 8 |
         static_cast<unsigned char>(second);
}

constexpr std::uint16_t kNoPair = 0x100;

/// The byte that two hexadecimal digits of either case stand for; kNoPair for all else.
constexpr auto make_pairs() {
  constexpr std::string_view kUpper = "0123456789ABCDEF";
  std::array<std::uint16_t, 65'536> pairs{};
  for (auto& pair : pairs) pair = kNoPair;
  for (std::size_t byte = 0; byte < 256; ++byte)
    for (const auto& first : {kDigits, kUpper})
      for (const auto& second : {kDigits, kUpper})
        pairs[pair_index(first[byte >> 4], second[byte & 15])] = static_cast<std::uint16_t>(byte);
  return pairs;
}
constexpr auto kPairs = make_pairs();

/// `digits` has twice as many letters as `out` has room for bytes.
bool read_hex(std::string_view digits, std::byte* out) noexcept {
  unsigned seen = 0;  // looked at once, at the end: damage is rare
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const unsigned pair = kPairs[pair_index(digits[i], digits[i + 1])];
    seen |= pair;
    *out++ = static_cast<std::byte>(pair);
  }
  return (seen & kNoPair) == 0;
}

/// Takes a whole number with no sign from the front of the line, and the blank behind it
/// unless the line ends there.
template <class Int>
std::optional<Int> take_number(std::string_view& line) noexcept {
  Int number{};
  const auto* const end = line.data() + line.size();
  if (line.empty() || line.front() == '-') return std::nullopt;
  const auto [after, error] = std::from_chars(line.data(), end, number);
  if (error != std::errc{} || (after != end && *after != ' ')) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(after - line.data()) + (after != end ? 1 : 0));
  return number;
}

Line::Kind kind_of_header(std::string_view line) noexcept {
  return line == kFirstLine ? Line::Kind::kHeader : Line::Kind::kOtherVersion;
}

}  // namespace

void append_message(std::string& out, std::int64_t recv_us, Bytes message) {
  out += cat(recv_us, ' ', message.size());
  if (!message.empty()) out.push_back(' ');
  const std::size_t begin = out.size();
  out.resize(begin + 2 * message.size());
  char* to = out.data() + begin;
  for (const auto byte : message) {
    *to++ = kDigits[std::to_integer<std::size_t>(byte >> 4)];
    *to++ = kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  out.push_back('\n');
}

Line Reader::read(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty() || line.front() == '#') return {Line::Kind::kNote};
  if (line.starts_with(kHeaderName)) return {kind_of_header(line)};

  const auto recv_us = take_number<std::int64_t>(line);
  const auto size = recv_us ? take_number<std::size_t>(line) : std::nullopt;
  if (!size || *recv_us > kMaxTime_us || *size > kMaxMessage || line.size() != 2 * *size)
    return {Line::Kind::kDamaged};
  if (bytes_.size() < *size) bytes_.resize(*size);
  if (!read_hex(line, bytes_.data())) return {Line::Kind::kDamaged};
  return {Line::Kind::kMessage, *recv_us, Bytes(bytes_.data(), *size)};
}

}  // namespace ltp::dhan::capture

#include "tick/segment.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ltp {
namespace {

constexpr std::array<std::pair<Segment, std::string_view>, 8> kNames{{
    {Segment::kIdxI, "IDX_I"},
    {Segment::kNseEq, "NSE_EQ"},
    {Segment::kNseFno, "NSE_FNO"},
    {Segment::kNseCurrency, "NSE_CURRENCY"},
    {Segment::kBseEq, "BSE_EQ"},
    {Segment::kMcxComm, "MCX_COMM"},
    {Segment::kBseCurrency, "BSE_CURRENCY"},
    {Segment::kBseFno, "BSE_FNO"},
}};

constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::optional<Segment> segment_from_code(std::uint8_t code) noexcept {
  for (const auto& [segment, name] : kNames)
    if (static_cast<std::uint8_t>(segment) == code) return segment;
  return std::nullopt;
}

std::optional<Segment> segment_from_name(std::string_view name) noexcept {
  const auto same = [](char a, char b) { return upper(a) == b; };
  for (const auto& [segment, known] : kNames)
    if (std::equal(name.begin(), name.end(), known.begin(), known.end(), same)) return segment;
  return std::nullopt;
}

std::string_view segment_name(Segment segment) noexcept {
  for (const auto& [known, name] : kNames)
    if (known == segment) return name;
  return "";  // not reached: an enum value is made by the functions above only
}

}  // namespace ltp

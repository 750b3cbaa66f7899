#include "malformed.hpp"

#include <limits>

namespace ltp::sim {
namespace {

constexpr std::uint8_t kNoCode = 99;
constexpr std::uint8_t kNoSegment = 6;
constexpr std::size_t kLengthAt = 1;  // u16, little-endian
constexpr std::size_t kSegmentAt = 3;

std::string packet(const Day& day, TickKind mode) {
  std::string out;
  append_price(out, day, mode);
  return out;
}

std::string priced(Day day, TickKind mode, float price) {
  day.ltp = price;
  return packet(day, mode);
}

/// Whole packets whose lengths say that they are not.
std::string with_lengths(const Day& day, TickKind mode) {
  std::string out;
  for (const unsigned length : {0u, 7u, 65'535u}) {
    auto one = packet(day, mode);
    one[kLengthAt] = static_cast<char>(length & 0xff);
    one[kLengthAt + 1] = static_cast<char>(length >> 8);
    out += one;
  }
  return out;
}

std::string with_unknown_code(const Day& day, TickKind mode) {
  const std::string stranger{kNoCode, 12, 0, 1, 1, 0, 0, 0, 1, 2, 3, 4};
  return stranger + packet(day, mode);
}

std::string with_unknown_segment(const Day& day, TickKind mode) {
  auto out = packet(day, mode);
  out[kSegmentAt] = kNoSegment;
  return out;
}

}  // namespace

BadMessage make_malformed(Malformed kind, const Day& day, TickKind mode) {
  using Limits = std::numeric_limits<float>;
  switch (kind) {
    case Malformed::kTruncated: {
      auto out = packet(day, mode);
      out.pop_back();
      return {out};
    }
    case Malformed::kLength: return {with_lengths(day, mode)};
    case Malformed::kCode: return {with_unknown_code(day, mode)};
    case Malformed::kSegment: return {with_unknown_segment(day, mode)};
    case Malformed::kNan: return {priced(day, mode, Limits::quiet_NaN())};
    case Malformed::kInfinite: return {priced(day, mode, Limits::infinity())};
    case Malformed::kZero: return {priced(day, mode, 0)};
    case Malformed::kNegative: return {priced(day, mode, -day.ltp)};
    case Malformed::kEmpty: return {""};
    case Malformed::kText: return {"no JSON, no packet", Form::kText};
    case Malformed::kGarbage: return {std::string(64, '\xff')};
    case Malformed::kFrame: return {"\xf3\x05hello", Form::kRaw};  // reserved bits and opcode
  }
  return {};
}

}  // namespace ltp::sim

#include "tick/line_own.hpp"

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace ltp::line {
namespace {

static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");

// Eight bytes at a time: a byte's high bit is set where it is what is looked for. Bits above
// the lowest one set may be wrong (a carry), so only the first find counts.
using Word = std::uint64_t;
constexpr Word kEach = 0x0101010101010101;
constexpr Word kHigh = 0x80 * kEach;

constexpr Word below(Word bytes, unsigned char limit) {
  return (bytes - limit * kEach) & ~bytes;
}
constexpr Word equal(Word bytes, unsigned char byte) {
  return below(bytes ^ byte * kEach, 1);
}

/// What ends a run of plain letters in a string: quote, backslash, control, not ASCII.
constexpr Word not_plain(Word bytes) {
  return (below(bytes, 0x20) | equal(bytes, '"') | equal(bytes, '\\') | bytes) & kHigh;
}
constexpr Word not_digit(Word bytes) {
  const Word values = bytes ^ '0' * kEach;  // 0 to 9 for digits
  return ((values + (0x80 - 10) * kEach) | values) & kHigh;
}

/// A place in the line that goes forward as long as what stands there is what is asked for.
/// It looks at bytes behind the line, up to kPadding, but takes none of them.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : at_(line.data()), end_(at_ + line.size()) {}

  bool at_end() const noexcept { return at_ == end_; }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  template <std::size_t kSize>
  bool text(const char (&wanted)[kSize]) noexcept {
    constexpr std::size_t kLength = kSize - 1;
    if (left() < kLength || std::memcmp(at_, wanted, kLength) != 0) return false;
    at_ += kLength;
    return true;
  }

  /// The rest of a string whose opening quote has been taken, and its closing quote.
  bool string_end(std::string_view* inside = nullptr) noexcept {
    const char* const begin = at_;
    if (!skip(not_plain) || at_ == end_ || *at_ != '"') return false;
    if (inside != nullptr) *inside = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }

  bool integer(std::string_view* as_text = nullptr) noexcept {
    const char* const begin = at_;
    if (!digits() || (*begin == '0' && at_ - begin > 1)) return false;
    if (as_text != nullptr) *as_text = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
  }

  bool number(std::string_view* as_text = nullptr) noexcept {
    const char* const begin = at_;
    if (!integer()) return false;
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (as_text != nullptr) *as_text = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
  }
  bool number_or_null() noexcept { return text("null") || number(); }

 private:
  bool digits() noexcept {
    const char* const begin = at_;
    return skip(not_digit) && at_ > begin && at_ - begin <= 18;
  }

  /// To the first byte that `stop` finds; false if the line ends before.
  template <class Stop>
  bool skip(Stop stop) noexcept {
    for (;;) {
      Word bytes;
      std::memcpy(&bytes, at_, sizeof bytes);
      const Word found = stop(bytes);
      if (found != 0) {
        at_ += std::countr_zero(found) / 8;
        return at_ <= end_;
      }
      at_ += sizeof bytes;
      if (at_ > end_) return false;
    }
  }

  const char* at_;
  const char* end_;
};

struct Found {
  std::string_view key;
  std::string_view ltp;
  std::string_view recv_us;
};

bool head(Cursor& at, Found& found) noexcept {
  return at.text(R"({"type":"screener_ltp_update","symbol":")") && at.string_end() &&
         at.text(R"(,"instrument_id":null,"instrument_key":")") && at.string_end(&found.key) &&
         at.text(R"(,"ltp":)") && at.number(&found.ltp) &&           //
         at.text(R"(,"timestamp":")") && at.string_end() &&          //
         at.text(R"(,"source":")") && at.string_end() &&             //
         at.text(R"(,"tick_kind":")") && at.string_end() &&          //
         at.text(R"(,"volume":)") && at.number_or_null() &&          //
         at.text(R"(,"day_open":)") && at.number_or_null() &&        //
         at.text(R"(,"day_high":)") && at.number_or_null() &&        //
         at.text(R"(,"day_low":)") && at.number_or_null() &&         //
         at.text(R"(,"segment":")") && at.string_end() &&            //
         at.text(R"(,"security_id":")") && at.string_end() &&        //
         at.text(R"(,"ltt":)") &&                                    //
         (at.text("\"") ? at.string_end() : at.text("null")) &&      //
         at.text(R"(,"recv_us":)") && at.integer(&found.recv_us) &&  //
         at.text(R"(,"seq":)") && at.integer();
}

bool day_extras(Cursor& at) noexcept {
  return at.number_or_null() &&                                     //
         at.text(R"(,"average_price":)") && at.number_or_null() &&  //
         at.text(R"(,"last_qty":)") && at.integer() &&              //
         at.text(R"(,"buy_qty":)") && at.integer() &&               //
         at.text(R"(,"sell_qty":)") && at.integer();
}

bool depth_level(Cursor& at) noexcept {
  return at.text(R"({"bid_price":)") && at.number_or_null() &&  //
         at.text(R"(,"bid_qty":)") && at.integer() &&           //
         at.text(R"(,"bid_orders":)") && at.integer() &&        //
         at.text(R"(,"ask_price":)") && at.number_or_null() &&  //
         at.text(R"(,"ask_qty":)") && at.integer() &&           //
         at.text(R"(,"ask_orders":)") && at.integer() && at.text("}");
}

bool depth(Cursor& at) noexcept {
  do {
    if (!depth_level(at)) return false;
  } while (at.text(","));
  return at.text("]");
}

/// Each of these may be missing.
bool tail(Cursor& at) noexcept {
  if (at.text(R"(,"prev_close":)") && !at.number()) return false;
  if (at.text(R"(,"close":)") && !day_extras(at)) return false;
  if (at.text(R"(,"open_interest":)") && !at.integer()) return false;
  if (at.text(R"(,"depth":[)") && !depth(at)) return false;
  return at.text("}") && (at.at_end() || (at.text("\n") && at.at_end()));
}

}  // namespace

std::optional<TickLine> read_own(std::string_view line) noexcept {
  Cursor at(line);
  Found found;
  if (!head(at, found) || !tail(at)) return std::nullopt;
  const bool positive = found.ltp[0] != '0' || found.ltp.find_first_not_of("0.") != found.ltp.npos;
  const auto instrument = parse_instrument(found.key);
  if (!positive || !instrument) return std::nullopt;

  std::int64_t recv_us = 0;  // 18 digits fit
  std::from_chars(found.recv_us.data(), found.recv_us.data() + found.recv_us.size(), recv_us);
  return TickLine{*instrument, found.ltp, recv_us};
}

}  // namespace ltp::line

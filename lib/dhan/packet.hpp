#pragma once

#include "base/result.hpp"
#include "tick/segment.hpp"
#include "tick/tick.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

/// DhanHQ live feed v2: one packet's bytes to a value, and back.
///
/// Shape   Every packet opens with 8 bytes: code u8, length u16 (of the whole packet),
///         segment u8, security id u32. Little-endian, no padding, any alignment.
/// Units   Prices are binary32 rupees, kept as sent. Times are the broker's raw seconds:
///         Indian wall clock counted as if it were UTC; see trade_time_utc().
/// Errors  Bad input is a value, never an exception: one bad packet must not end a feed
///         that sends thousands a second.
/// Pure    No I/O, clock or log. Decoding allocates nothing. Same bytes, same answer.
/// Source  DhanHQ v2 "Live Market Feed"; the vectors in tests/vectors/dhanhq.
namespace ltp::dhan {

using Bytes = std::span<const std::byte>;

enum class Code : std::uint8_t {
  kHeartbeat = 0,
  kIndex = 1,
  kTicker = 2,
  kDepth5 = 3,  // of v1; v2 should never send it
  kQuote = 4,
  kOpenInterest = 5,
  kPrevClose = 6,
  kMarketStatus = 7,
  kFull = 8,
  kDisconnect = 50,
};

inline constexpr std::size_t kHeaderSize = 8;

/// The size of a whole packet of this kind, header included; none for an unknown code
/// and for a heartbeat, which has no table size.
std::optional<std::size_t> packet_size(std::uint8_t code) noexcept;

struct Header {
  std::uint8_t code;
  std::uint16_t length;  // as declared, even when wrong
  std::uint8_t segment;  // as sent, also without a name
  std::uint32_t security_id;
};

using Depth = std::array<DepthLevel, 5>;  // best level first

struct Index {};  // layout never published: header only
struct Ticker {
  float ltp;
  std::uint32_t trade_time_raw;
};
struct Quote {
  float ltp;
  std::uint32_t trade_time_raw;
  DayFigures day;
};
struct Full {
  float ltp;
  std::uint32_t trade_time_raw;
  DayFigures day;
  std::uint32_t open_interest, oi_day_high, oi_day_low;
  Depth depth;
};
struct Depth5 {
  float ltp;
  Depth depth;
};
struct OpenInterest {
  std::uint32_t open_interest;
};
struct PrevClose {
  float price;
  std::uint32_t open_interest;  // of the previous day
};
struct MarketStatus {};
struct Disconnect {
  std::uint16_t reason;  // see dhan/disconnect.hpp
};

using Body = std::variant<Index, Ticker, Quote, Full, Depth5, OpenInterest, PrevClose, MarketStatus,
                          Disconnect>;
struct Packet {
  Header header;
  Body body;
};

enum class DecodeError : std::uint8_t { kTruncated, kUnknownCode };

/// Precondition: at least kHeaderSize bytes.
Header read_header(Bytes bytes) noexcept;

/// Decodes the packet that starts at bytes[0] by its code; the declared length and what
/// follows the packet are not looked at (dhan/frame.hpp does that).
Result<Packet, DecodeError> decode_packet(Bytes bytes) noexcept;

/// The other way round, for the broker's side: appends the packet with its right length.
/// `header.length` is not read; `header.code` must be the body's.
void append_packet(std::string& out, const Packet& packet);

/// The true UTC second of a raw trade time; none for "never traded" (1980-01-01 or less).
std::optional<std::int64_t> trade_time_utc(std::uint32_t raw) noexcept;
/// The raw form of a UTC second, for the broker's side.
std::uint32_t trade_time_raw(std::int64_t utc_s) noexcept;

/// A price that may be cached and published: finite and above 0.
bool is_price(float price) noexcept;

}  // namespace ltp::dhan

#include "dhan/packet.hpp"

#include <bit>
#include <cmath>
#include <cstring>

namespace ltp::dhan {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire is little-endian");

constexpr std::size_t kLevelSize = 20;
constexpr std::int64_t kIndiaOffset_s = 19800;
constexpr std::uint32_t kNeverTraded = 315532800;  // 1980-01-01

// memcpy, not a cast: packets are unaligned, and a cast would be undefined behaviour.
template <class T>
T read(Bytes bytes, std::size_t offset) noexcept {
  T value;
  std::memcpy(&value, bytes.subspan(offset, sizeof value).data(), sizeof value);
  return value;
}

DepthLevel read_level(Bytes b, std::size_t at) noexcept {
  return {.bid_price = read<float>(b, at + 12),
          .ask_price = read<float>(b, at + 16),
          .bid_qty = read<std::uint32_t>(b, at),
          .ask_qty = read<std::uint32_t>(b, at + 4),
          .bid_orders = read<std::uint16_t>(b, at + 8),
          .ask_orders = read<std::uint16_t>(b, at + 10)};
}

Depth read_depth(Bytes b, std::size_t at) noexcept {
  Depth depth;
  for (auto& level : depth) {
    level = read_level(b, at);
    at += kLevelSize;
  }
  return depth;
}

Ticker read_ticker(Bytes b) noexcept {
  return {.ltp = read<float>(b, 8), .trade_time_raw = read<std::uint32_t>(b, 12)};
}

/// Quote and full share all but the place of the day's prices: open, close, high, low.
DayFigures read_day(Bytes b, std::size_t prices_at) noexcept {
  return {.last_qty = read<std::uint16_t>(b, 12),
          .volume = read<std::uint32_t>(b, 22),
          .sell_qty = read<std::uint32_t>(b, 26),
          .buy_qty = read<std::uint32_t>(b, 30),
          .average_price = read<float>(b, 18),
          .open = read<float>(b, prices_at),
          .high = read<float>(b, prices_at + 8),
          .low = read<float>(b, prices_at + 12),
          .close = read<float>(b, prices_at + 4)};
}

Quote read_quote(Bytes b) noexcept {
  return {.ltp = read<float>(b, 8),
          .trade_time_raw = read<std::uint32_t>(b, 14),
          .day = read_day(b, 34)};
}

Full read_full(Bytes b) noexcept {
  return {.ltp = read<float>(b, 8),
          .trade_time_raw = read<std::uint32_t>(b, 14),
          .day = read_day(b, 46),
          .open_interest = read<std::uint32_t>(b, 34),
          .oi_day_high = read<std::uint32_t>(b, 38),
          .oi_day_low = read<std::uint32_t>(b, 42),
          .depth = read_depth(b, 62)};
}

Depth5 read_depth5(Bytes b) noexcept {
  return {.ltp = read<float>(b, 8), .depth = read_depth(b, 12)};
}

PrevClose read_prev_close(Bytes b) noexcept {
  return {.price = read<float>(b, 8), .open_interest = read<std::uint32_t>(b, 12)};
}

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void put_depth(std::string& out, const Depth& depth) {
  for (const auto& level : depth) {
    put(out, level.bid_qty);
    put(out, level.ask_qty);
    put(out, level.bid_orders);
    put(out, level.ask_orders);
    put(out, level.bid_price);
    put(out, level.ask_price);
  }
}

/// The bytes from 8 to 33, the same in quote and full.
template <class Body>
void put_trade(std::string& out, const Body& body) {
  put(out, body.ltp);
  put(out, body.day.last_qty);
  put(out, body.trade_time_raw);
  put(out, body.day.average_price);
  put(out, body.day.volume);
  put(out, body.day.sell_qty);
  put(out, body.day.buy_qty);
}

void put_day_prices(std::string& out, const DayFigures& day) {
  put(out, day.open);
  put(out, day.close);
  put(out, day.high);
  put(out, day.low);
}

struct PutBody {
  std::string& out;
  void operator()(const Index&) const { out.append(8, '\0'); }
  void operator()(const Ticker& b) const {
    put(out, b.ltp);
    put(out, b.trade_time_raw);
  }
  void operator()(const Quote& b) const {
    put_trade(out, b);
    put_day_prices(out, b.day);
  }
  void operator()(const Full& b) const {
    put_trade(out, b);
    put(out, b.open_interest);
    put(out, b.oi_day_high);
    put(out, b.oi_day_low);
    put_day_prices(out, b.day);
    put_depth(out, b.depth);
  }
  void operator()(const Depth5& b) const {
    put(out, b.ltp);
    put_depth(out, b.depth);
  }
  void operator()(const OpenInterest& b) const { put(out, b.open_interest); }
  void operator()(const PrevClose& b) const {
    put(out, b.price);
    put(out, b.open_interest);
  }
  void operator()(const MarketStatus&) const {}
  void operator()(const Disconnect& b) const { put(out, b.reason); }
};

}  // namespace

std::optional<std::size_t> packet_size(std::uint8_t code) noexcept {
  switch (static_cast<Code>(code)) {
    case Code::kHeartbeat: return std::nullopt;
    case Code::kIndex: return 16;
    case Code::kTicker: return 16;
    case Code::kDepth5: return 112;
    case Code::kQuote: return 50;
    case Code::kOpenInterest: return 12;
    case Code::kPrevClose: return 16;
    case Code::kMarketStatus: return 8;
    case Code::kFull: return 162;
    case Code::kDisconnect: return 10;
  }
  return std::nullopt;
}

Header read_header(Bytes bytes) noexcept {
  return {.code = read<std::uint8_t>(bytes, 0),
          .length = read<std::uint16_t>(bytes, 1),
          .segment = read<std::uint8_t>(bytes, 3),
          .security_id = read<std::uint32_t>(bytes, 4)};
}

Result<Packet, DecodeError> decode_packet(Bytes bytes) noexcept {
  if (bytes.size() < kHeaderSize) return DecodeError::kTruncated;
  const Header header = read_header(bytes);
  const auto size = packet_size(header.code);
  if (!size) return DecodeError::kUnknownCode;
  if (bytes.size() < *size) return DecodeError::kTruncated;

  switch (static_cast<Code>(header.code)) {
    case Code::kHeartbeat: break;
    case Code::kIndex: return Packet{header, Index{}};
    case Code::kTicker: return Packet{header, read_ticker(bytes)};
    case Code::kDepth5: return Packet{header, read_depth5(bytes)};
    case Code::kQuote: return Packet{header, read_quote(bytes)};
    case Code::kOpenInterest: return Packet{header, OpenInterest{read<std::uint32_t>(bytes, 8)}};
    case Code::kPrevClose: return Packet{header, read_prev_close(bytes)};
    case Code::kMarketStatus: return Packet{header, MarketStatus{}};
    case Code::kFull: return Packet{header, read_full(bytes)};
    case Code::kDisconnect: return Packet{header, Disconnect{read<std::uint16_t>(bytes, 8)}};
  }
  return DecodeError::kUnknownCode;
}

void append_packet(std::string& out, const Packet& packet) {
  const auto start = out.size();
  put(out, packet.header.code);
  put(out, std::uint16_t{0});
  put(out, packet.header.segment);
  put(out, packet.header.security_id);
  std::visit(PutBody{out}, packet.body);
  const auto length = static_cast<std::uint16_t>(out.size() - start);
  std::memcpy(out.data() + start + 1, &length, sizeof length);
}

std::optional<std::int64_t> trade_time_utc(std::uint32_t raw) noexcept {
  if (raw <= kNeverTraded) return std::nullopt;
  return std::int64_t{raw} - kIndiaOffset_s;
}

std::uint32_t trade_time_raw(std::int64_t utc_s) noexcept {
  return static_cast<std::uint32_t>(utc_s + kIndiaOffset_s);
}

bool is_price(float price) noexcept {
  return std::isfinite(price) && price > 0;
}

}  // namespace ltp::dhan

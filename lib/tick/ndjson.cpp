#include "tick/ndjson.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <utility>

namespace ltp {

std::string_view to_text(TickKind kind) noexcept {
  switch (kind) {
    case TickKind::kTicker: return "ticker";
    case TickKind::kQuote: return "quote";
    case TickKind::kFull: return "full";
  }
  return "";
}

std::string_view to_text(Source source) noexcept {
  switch (source) {
    case Source::kWebsocket: return "websocket";
    case Source::kSimulator: return "simulator";
    case Source::kReplay: return "replay";
  }
  return "";
}

}  // namespace ltp

namespace ltp::ndjson {
namespace {

template <class Int>
void append_int(std::string& out, Int value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

/// A price that may be missing in the packet: NaN and infinity have no JSON, and a day
/// figure of 0 or less is no price (all-zero quotes come after the close).
void append_price_or_null(std::string& out, float price) {
  if (std::isfinite(price) && price > 0) {
    append_price(out, price);
  } else {
    out.append("null");
  }
}

void append_depth(std::string& out, const std::array<DepthLevel, 5>& depth) {
  out.append(R"(,"depth":[)");
  for (const DepthLevel& level : depth) {
    if (&level != depth.data()) out.push_back(',');
    out.append(R"({"bid_price":)");
    append_price_or_null(out, level.bid_price);
    out.append(R"(,"bid_qty":)");
    append_int(out, level.bid_qty);
    out.append(R"(,"bid_orders":)");
    append_int(out, level.bid_orders);
    out.append(R"(,"ask_price":)");
    append_price_or_null(out, level.ask_price);
    out.append(R"(,"ask_qty":)");
    append_int(out, level.ask_qty);
    out.append(R"(,"ask_orders":)");
    append_int(out, level.ask_orders);
    out.push_back('}');
  }
  out.push_back(']');
}

/// What only our readers know, after the contract's fields.
void append_day_extras(std::string& out, const DayFigures& day) {
  out.append(R"(,"close":)");
  append_price_or_null(out, day.close);
  out.append(R"(,"average_price":)");
  append_price_or_null(out, day.average_price);
  out.append(R"(,"last_qty":)");
  append_int(out, day.last_qty);
  out.append(R"(,"buy_qty":)");
  append_int(out, day.buy_qty);
  out.append(R"(,"sell_qty":)");
  append_int(out, day.sell_qty);
}

/// The length of the UTF-8 sequence at text[0], or 0 if there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return tail(1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    if (!tail(1) || !tail(2)) return 0;
    if (b == 0xe0 && byte(1) < 0xa0) return 0;
    if (b == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (b == 0xf0 && byte(1) < 0x90) return 0;
    if (b == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

void append_price(std::string& out, float price) {
  if (price == 0) price = 0;  // minus zero
  char text[64];              // the longest binary32 in fixed form has 48 letters
  const auto end = std::to_chars(text, text + sizeof text, price, std::chars_format::fixed).ptr;
  out.append(text, end);
}

void append_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  const auto* plain = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\';
  });
  const auto size = static_cast<std::size_t>(plain - text.begin());
  out.append(text.substr(0, size));
  text.remove_prefix(size);
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out.append("\xef\xbf\xbd");
      text.remove_prefix(1);
      continue;
    }
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(text[0]);
    } else if (c < 0x20) {
      out.append("\\u00");
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  out.push_back('"');
}

void append_tick(std::string& out, const Tick& tick) {
  out.append(R"({"type":"screener_ltp_update","symbol":)");
  if (tick.symbol.empty()) {
    out.push_back('"');
    append_instrument(out, tick.instrument);
    out.push_back('"');
  } else {
    append_string(out, tick.symbol);
  }
  out.append(R"(,"instrument_id":null,"instrument_key":")");
  append_instrument(out, tick.instrument);
  out.append(R"(","ltp":)");
  append_price(out, tick.ltp);
  out.append(R"(,"timestamp":")");
  append_ist(out, tick.recorded_us.value_or(tick.recv_us) / 1'000'000);
  out.append(R"(","source":")").append(to_text(tick.source));
  out.append(R"(","tick_kind":")").append(to_text(tick.kind));
  if (tick.day) {
    out.append(R"(","volume":)");
    append_int(out, tick.day->volume);
    out.append(R"(,"day_open":)");
    append_price_or_null(out, tick.day->open);
    out.append(R"(,"day_high":)");
    append_price_or_null(out, tick.day->high);
    out.append(R"(,"day_low":)");
    append_price_or_null(out, tick.day->low);
  } else {
    out.append(R"(","volume":null,"day_open":null,"day_high":null,"day_low":null)");
  }
  out.append(R"(,"segment":")").append(segment_name(tick.instrument.segment));
  out.append(R"(","security_id":")");
  append_int(out, tick.instrument.security_id);
  out.append(R"(","ltt":)");
  if (tick.trade_time_s) {
    out.push_back('"');
    append_ist(out, *tick.trade_time_s);
    out.push_back('"');
  } else {
    out.append("null");
  }
  out.append(R"(,"recv_us":)");
  append_int(out, tick.recv_us);
  out.append(R"(,"seq":)");
  append_int(out, tick.seq);
  if (tick.prev_close) {
    out.append(R"(,"prev_close":)");
    append_price(out, *tick.prev_close);
  }
  if (tick.day) append_day_extras(out, *tick.day);
  if (tick.open_interest) {
    out.append(R"(,"open_interest":)");
    append_int(out, *tick.open_interest);
  }
  if (tick.depth) append_depth(out, *tick.depth);
  out.append("}\n");
}

void append_replayed(std::string& out, std::string_view line, const line::RecordedLine& recorded,
                     std::int64_t now_us) {
  const std::string source = cat('"', to_text(Source::kReplay), '"');
  const std::string recv_us = cat(now_us);
  struct Change {
    std::string_view old;
    std::string_view fresh;
  };
  Change changes[] = {{recorded.source_text, source}, {recorded.recv_us_text, recv_us}};
  if (changes[1].old.data() < changes[0].old.data()) std::swap(changes[0], changes[1]);
  const char* from = line.data();
  for (const auto& [old, fresh] : changes) {
    if (old.empty()) continue;
    out.append(from, old.data()).append(fresh);
    from = old.data() + old.size();
  }
  out.append(from, line.data() + line.size());
  if (recorded.instrument && recorded.source_text.empty())
    out.insert(out.rfind('}'), cat(R"(,"source":)", source));
}

namespace {

void append_name(std::string& out, std::string_view name) {
  out.append(",\"").append(name).append("\":");
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  append_name(out, name);
  append_string(out, value);
}

template <std::integral Int>
void append_member(std::string& out, std::string_view name, Int value) {
  append_name(out, name);
  append_int(out, value);
}

void append_member(std::string& out, std::string_view name, std::optional<std::int64_t> value) {
  append_name(out, name);
  if (value) {
    append_int(out, *value);
  } else {
    out.append("null");
  }
}

void append_time(std::string& out, std::string_view name, std::int64_t utc_us) {
  append_name(out, name);
  out.push_back('"');
  append_ist(out, utc_us / 1'000'000);
  out.push_back('"');
}

}  // namespace

void append_status(std::string& out, const FeedStatus& status) {
  out.append(R"({"type":"feed_status","state":)");
  append_string(out, status.state);
  append_name(out, "reason");
  if (status.reason.empty()) {
    out.append("null");
  } else {
    append_string(out, status.reason);
  }
  if (status.code) append_member(out, "code", *status.code);
  if (status.market) append_member(out, "market_status", segment_name(*status.market));
  append_member(out, "source", to_text(status.source));
  append_member(out, "subscriptions", status.subscriptions);
  append_member(out, "instruments", status.instruments);
  append_member(out, "connections", status.connections);
  append_member(out, "connections_wanted", status.connections_wanted);
  append_member(out, "reconnects", status.reconnects);
  append_member(out, "last_frame_age_ms", status.last_frame_age_ms);
  append_member(out, "last_tick_age_ms", status.last_tick_age_ms);
  append_time(out, "timestamp", status.now_us);
  append_member(out, "recv_us", status.now_us);
  out.append("}\n");
}

void append_gap(std::string& out, const Gap& gap) {
  out.append(R"({"type":"gap")");
  append_time(out, "from", gap.from_us);
  append_time(out, "to", gap.to_us);
  append_member(out, "reason", gap.reason);
  append_member(out, "source", to_text(gap.source));
  append_member(out, "instruments", gap.instruments);
  append_member(out, "from_us", gap.from_us);
  append_member(out, "to_us", gap.to_us);
  out.append("}\n");
}

}  // namespace ltp::ndjson

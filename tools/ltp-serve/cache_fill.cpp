#include "cache_fill.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "json/json.hpp"
#include "tick/keys.hpp"
#include "tick/ndjson.hpp"
#include "tick/price_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace ltp::serve {
namespace {

constexpr std::string_view kPattern = "ltp:*:*";
constexpr std::string_view kStep = "500";
constexpr std::size_t kAtOnce = 500;

double number(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view text_of(const redis::Reply& reply) {
  return reply.kind == redis::Reply::Kind::kString ? reply.text : std::string_view{};
}

std::string symbol_in(std::string_view line) {
  const auto json = parse_json(line);
  if (!json.is_object()) return {};
  const auto found = json.find("symbol");
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

CacheFill::CacheFill(redis::Client& client, Hub& hub, OnDone on_done)
    : client_(client), hub_(hub), on_done_(std::move(on_done)) {}

void CacheFill::start() {
  run_ = std::make_shared<int>();
  began_ = hub_.version();
  scan("0");
}

void CacheFill::stop() {
  run_.reset();
}

template <class Then>
redis::Client::OnReply CacheFill::when_answered(Then then) {
  return [this, run = std::weak_ptr<int>(run_), then](const redis::Reply* reply) {
    if (run.expired()) return;
    if (reply == nullptr) return stop();
    then(*reply);
  };
}

void CacheFill::scan(std::string_view cursor) {
  client_.command({"SCAN", cursor, "MATCH", kPattern, "COUNT", kStep},
                  when_answered([this](const redis::Reply& reply) { on_keys(reply); }));
}

void CacheFill::on_keys(const redis::Reply& reply) {
  found_.clear();
  // A user without the right to SCAN has an empty cache, as far as can be seen.
  if (reply.kind != redis::Reply::Kind::kArray || reply.elements.size() != 2)
    return ask_heartbeat();
  cursor_ = reply.elements[0].text;
  for (const auto& key : reply.elements[1].elements)
    if (const auto instrument = parse_instrument(key.text.substr(keys::kPrefix.size() + 1)))
      found_.push_back(*instrument);
  fetch(0);
}

/// The prices and lines of what was found, so many at once; then the next step.
void CacheFill::fetch(std::size_t from) {
  if (from >= found_.size()) {
    if (cursor_ == "0") return ask_heartbeat();
    return scan(cursor_);
  }
  const auto to = std::min(found_.size(), from + kAtOnce);
  std::vector<std::string> names;
  for (auto i = from; i < to; ++i) names.push_back(keys::price_key(found_[i]));
  for (auto i = from; i < to; ++i) keys::append_line_key(names.emplace_back(), found_[i]);
  std::vector<std::string_view> words{"MGET"};
  words.insert(words.end(), names.begin(), names.end());
  client_.command(words, when_answered([this, from, to](const redis::Reply& reply) {
                    const auto n = to - from;
                    if (reply.elements.size() == 2 * n)
                      for (std::size_t i = 0; i < n; ++i)
                        take(found_[from + i], text_of(reply.elements[i]),
                             text_of(reply.elements[n + i]));
                    fetch(to);
                  }));
}

void CacheFill::take(Instrument instrument, std::string_view price, std::string_view line) {
  if (hub_.version_of(instrument) > began_) return;
  const auto known = hub_.price(instrument);
  line = trim(line);
  if (!line.empty()) {
    const auto read = reader_.read(line);
    const auto* tick = std::get_if<line::TickLine>(&read);
    if (tick != nullptr && tick->instrument == instrument &&
        (price.empty() || number(price) == number(tick->ltp))) {
      const bool is_old = known && tick->recv_us && tick->recv_us < known->recv_us;
      if (!is_old && !(known && known->line == line))
        hub_.tick(*tick, line, std::min(wall_us(), tick->recv_us.value_or(0)) / 1000);
      return;
    }
  }
  if (!is_price_text(price) || (known && number(known->text) == number(price))) return;
  const auto made = line_of(instrument, price);
  const auto read = reader_.read(made);  // whatever lay there, only a price passes
  if (const auto* tick = std::get_if<line::TickLine>(&read)) hub_.tick(*tick, made, 0);
}

std::string CacheFill::line_of(Instrument instrument, std::string_view price) const {
  const auto key = to_text(instrument);
  auto symbol = symbol_in(hub_.line(instrument));
  std::string out = R"({"type":"screener_ltp_update","symbol":)";
  ndjson::append_string(out, symbol.empty() ? key : symbol);
  out += cat(R"(,"instrument_id":null,"instrument_key":")", key, R"(","ltp":)", price,
             R"(,"timestamp":")");
  append_ist(out, wall_us() / 1'000'000);
  return out + cat(R"(","source":"cache","tick_kind":"ticker","volume":null,"day_open":null,)",
                   R"("day_high":null,"day_low":null,"segment":")",
                   segment_name(instrument.segment), R"(","security_id":")", instrument.security_id,
                   R"("})");
}

void CacheFill::ask_heartbeat() {
  client_.command({"GET", keys::kHeartbeat}, when_answered([this](const redis::Reply& reply) {
                    const auto seconds = number(text_of(reply));
                    constexpr double kLatest_s = 253'402'300'799;  // the year 9999
                    std::optional<std::int64_t> at_us;
                    if (seconds > 0 && seconds <= kLatest_s)
                      at_us = static_cast<std::int64_t>(seconds) * 1'000'000;
                    stop();
                    on_done_(at_us);
                  }));
}

}  // namespace ltp::serve

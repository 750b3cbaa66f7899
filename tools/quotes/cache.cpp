#include "quotes/cache.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "json/json.hpp"
#include "redis/client.hpp"
#include "tick/keys.hpp"
#include "tick/price_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

namespace ltp::quotes {
namespace {

using redis::Reply;

constexpr std::int64_t kLife_ms = std::int64_t{1000} * keys::kPriceLife_s;

/// What is asked of Redis in one go, until the last answer of it is there.
struct Question {
  Cached cached;
  std::vector<std::string> lines;
  std::vector<std::int64_t> left_ms;
  std::function<void(Cached)> done;
};

std::string fault_of(const Reply* reply) {
  if (reply == nullptr) return "the connection broke";
  return reply->is_error() ? printable(reply->text, 200) : "it is no answer to what was asked";
}

bool is_list_of(const Reply* reply, std::size_t size) {
  return reply != nullptr && reply->kind == Reply::Kind::kArray && reply->elements.size() == size;
}

void take_prices(Question& question, const Reply* reply) {
  auto& prices = question.cached.prices;
  if (!is_list_of(reply, prices.size())) {
    question.cached.fault = fault_of(reply);
    return;
  }
  for (std::size_t i = 0; i < prices.size(); ++i)
    if (is_price_text(reply->elements[i].text)) prices[i].text = reply->elements[i].text;
}

void mget(redis::Client& client, std::span<const std::string> names,
          std::function<void(const Reply*)> on_reply) {
  std::vector<std::string_view> words{"MGET"};
  words.insert(words.end(), names.begin(), names.end());
  client.command(words, std::move(on_reply));
}

double number_of(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Age and trade time by the line, if it is the one of the price.
bool take_line(CachedPrice& price, std::string_view line, std::int64_t now_us) {
  const auto json = parse_json(line);
  if (!json.is_object()) return false;
  const auto ltp = json.find("ltp");
  const auto at = json.find("recv_us");
  if (ltp == json.end() || !ltp->is_number() || at == json.end() || !at->is_number_integer() ||
      ltp->get<double>() != number_of(price.text))
    return false;
  constexpr std::int64_t kClocksDiffer_us = 60'000'000;
  const auto at_us = at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
  if (at_us == 0 || at_us > static_cast<std::uint64_t>(now_us + kClocksDiffer_us)) return false;
  price.age_ms = std::max<std::int64_t>(now_us - static_cast<std::int64_t>(at_us), 0) / 1000;
  if (const auto ltt = json.find("ltt"); ltt != json.end() && ltt->is_string())
    price.ltt = ltt->get<std::string>();
  return true;
}

void date(Question& question) {
  const auto now_us = wall_us();
  for (std::size_t i = 0; i < question.cached.prices.size(); ++i) {
    auto& price = question.cached.prices[i];
    if (price.text.empty() || take_line(price, question.lines[i], now_us)) continue;
    const auto left = question.left_ms[i];
    if (left >= 0 && left <= kLife_ms) price.age_ms = kLife_ms - left;
  }
}

}  // namespace

void read_cache(redis::Client& client, std::span<const Instrument> instruments, Ages ages,
                std::function<void(Cached)> done) {
  const auto question = std::make_shared<Question>();
  question->cached.prices.resize(instruments.size());
  question->done = std::move(done);
  if (instruments.empty()) return question->done(std::move(question->cached));

  std::vector<std::string> names;
  names.reserve(instruments.size());
  for (const auto instrument : instruments) names.push_back(keys::price_key(instrument));
  mget(client, names, [question, ages](const Reply* reply) {
    take_prices(*question, reply);
    if (ages == Ages::kNo) question->done(std::move(question->cached));
  });
  if (ages == Ages::kNo) return;

  question->lines.resize(instruments.size());
  question->left_ms.resize(instruments.size(), -1);
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    client.command({"PTTL", names[i]}, [question, i](const Reply* reply) {
      if (reply != nullptr && reply->kind == Reply::Kind::kInteger)
        question->left_ms[i] = reply->integer;
    });
    names[i].clear();
    keys::append_line_key(names[i], instruments[i]);
  }
  mget(client, names, [question](const Reply* reply) {
    if (is_list_of(reply, question->lines.size()))
      for (std::size_t i = 0; i < question->lines.size(); ++i)
        question->lines[i] = reply->elements[i].text;
    if (question->cached.fault.empty()) date(*question);
    question->done(std::move(question->cached));
  });
}

std::string ltt_of(std::string_view line) {
  const auto json = parse_json(line);
  if (!json.is_object()) return {};
  const auto ltt = json.find("ltt");
  return ltt != json.end() && ltt->is_string() ? ltt->get<std::string>() : std::string{};
}

}  // namespace ltp::quotes

#include "command.hpp"

#include "base/text.hpp"
#include "net/server.hpp"

#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

namespace ltp::sim {
namespace {

constexpr std::size_t kMostBytes = 16 << 20;
constexpr std::int64_t kMostMs = 3'600'000;
constexpr std::int64_t kMostOffset_s = 10 * 365 * 86'400;
constexpr std::size_t kJustTooBig = (1 << 20) + 1;

constexpr std::pair<std::string_view, Malformed> kKinds[] = {
    {"truncated", Malformed::kTruncated},
    {"length", Malformed::kLength},
    {"code", Malformed::kCode},
    {"segment", Malformed::kSegment},
    {"nan", Malformed::kNan},
    {"infinite", Malformed::kInfinite},
    {"zero", Malformed::kZero},
    {"negative", Malformed::kNegative},
    {"empty", Malformed::kEmpty},
    {"text", Malformed::kText},
    {"garbage", Malformed::kGarbage},
    {"frame", Malformed::kFrame},
};

constexpr std::pair<std::string_view, BadQuote> kBadQuotes[] = {
    {"html", BadQuote::kHtml},       {"truncated", BadQuote::kTruncated},
    {"zero", BadQuote::kZero},       {"missing", BadQuote::kMissing},
    {"redirect", BadQuote::kRedirect},
};

/// The parameters of one command, taken out one by one. The first thing wrong stays.
class Parameters {
 public:
  Parameters(std::string_view word, std::string_view query) : word_(word) {
    while (!query.empty()) {
      const auto part = query.substr(0, query.find('&'));
      query.remove_prefix(part.size() == query.size() ? part.size() : part.size() + 1);
      const auto equals = part.find('=');
      given_.emplace_back(
          net::decode_query_text(part.substr(0, equals)),
          equals == part.npos ? std::string{} : net::decode_query_text(part.substr(equals + 1)));
    }
  }

  std::optional<std::string> text(std::string_view name) {
    for (auto at = given_.begin(); at != given_.end(); ++at) {
      if (at->first != name) continue;
      auto value = std::move(at->second);
      given_.erase(at);
      return value;
    }
    return std::nullopt;
  }

  template <class Number>
  std::optional<Number> number(std::string_view name, Number least, Number most) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    Number number{};
    const auto* end = value->data() + value->size();
    const auto read = std::from_chars(value->data(), end, number);
    if (read.ec == std::errc{} && read.ptr == end && number >= least && number <= most)
      return number;
    wrong(cat(name, " is a number from ", limit(least), " to ", limit(most), ", not '",
              printable(*value), "'"));
    return std::nullopt;
  }

  template <class Number>
  Number needed(std::string_view name, Number least, Number most) {
    const auto before = given_.size();
    const auto value = number(name, least, most);
    if (!value && given_.size() == before) wrong(cat(name, " is missing"));
    return value.value_or(least);
  }

  bool flag(std::string_view name) { return number<int>(name, 0, 1).value_or(0) == 1; }

  void wrong(const std::string& text) {
    if (error_.empty()) error_ = cat(word_, ": ", text);
  }

  /// The command, unless something was wrong or is left over.
  Result<Command, CommandError> finish(Command command) {
    if (!given_.empty()) wrong(cat("there is no parameter '", printable(given_[0].first), "'"));
    if (!error_.empty()) return CommandError{error_};
    return command;
  }

 private:
  static std::string limit(double number) {
    char digits[32];
    return {digits, std::to_chars(digits, std::end(digits), number, std::chars_format::fixed).ptr};
  }
  template <std::integral Number>
  static std::string limit(Number number) {
    return cat(number);
  }

  std::string_view word_;
  std::vector<std::pair<std::string, std::string>> given_;
  std::string error_;
};

command::Mute mute(Parameters& given) {
  const auto text = given.text("key");
  if (!text) return {};
  const auto key = parse_instrument(*text);
  if (!key) given.wrong(cat("'", printable(*text), "' is no instrument such as NSE_EQ:2885"));
  return {key};
}

command::Inject inject(Parameters& given) {
  const auto text = given.text("kind").value_or("");
  std::string names;
  for (const auto& [name, kind] : kKinds) {
    if (name == text) return {kind};
    names += cat(names.empty() ? "" : ", ", name);
  }
  given.wrong(cat("kind is one of ", names));
  return {};
}

command::Cut cut(Parameters& given) {
  return {.after = given.needed<std::size_t>("after", 0, 1'000'000'000),
          .times = given.number<unsigned>("times", 1, 1'000'000),
          .reset = given.flag("reset")};
}

command::Refuse refuse(Parameters& given) {
  return {.status = given.needed("status", 200, 599),
          .times = given.number<unsigned>("times", 1, 1'000'000),
          .text = given.text("text").value_or("refused for a test")};
}

command::Quotes quotes(Parameters& given) {
  command::Quotes told{.status = given.number("status", 200, 599).value_or(0),
                       .late_ms = given.number<std::int64_t>("late_ms", 1, kMostMs).value_or(0),
                       .to = given.text("to").value_or(""),
                       .times = given.number<unsigned>("times", 1, 1'000'000)};
  if (const auto text = given.text("kind")) {
    std::string names;
    for (const auto& [name, kind] : kBadQuotes) {
      if (name == *text) told.kind = kind;
      names += cat(names.empty() ? "" : ", ", name);
    }
    if (told.kind == BadQuote::kNone) given.wrong(cat("kind is one of ", names));
  }
  if ((told.kind == BadQuote::kRedirect) == told.to.empty())
    given.wrong("kind=redirect and to=URL go together");
  if (told.kind == BadQuote::kNone && told.status == 0 && told.late_ms == 0)
    given.wrong("kind, status or late_ms says what is wrong with them");
  return told;
}

command::Drip drip(Parameters& given) {
  return {given.needed<std::size_t>("bytes", 1, kMostBytes),
          given.needed<std::int64_t>("ms", 1, kMostMs)};
}

Command read(std::string_view word, Parameters& given, bool& unknown) {
  if (word == "mute") return mute(given);
  if (word == "half-open") return command::HalfOpen{given.flag("new")};
  if (word == "cut") return cut(given);
  if (word == "disconnect")
    return command::Disconnect{given.needed<std::uint16_t>("code", 0, 65'535)};
  if (word == "refuse") return refuse(given);
  if (word == "expire") return command::Expire{};
  if (word == "malformed") return inject(given);
  if (word == "batch") return command::Batch{given.needed<std::size_t>("packets", 1, 5000)};
  if (word == "drip") return drip(given);
  if (word == "oversize")
    return command::Oversize{
        given.number<std::size_t>("bytes", 1, kMostBytes).value_or(kJustTooBig)};
  if (word == "stall") return command::Stall{given.number<std::int64_t>("ms", 1, kMostMs)};
  if (word == "clock")
    return command::Clock{given.needed<std::int64_t>("offset_s", -kMostOffset_s, kMostOffset_s)};
  if (word == "rate") return command::Rate{given.needed("hz", kLeastRate_hz, kMostRate_hz)};
  if (word == "burst") return command::Burst{given.needed<std::size_t>("trades", 1, 10'000)};
  if (word == "quotes") return quotes(given);
  if (word == "freeze") return command::Freeze{};
  unknown = word != "heal";
  return command::Heal{};
}

}  // namespace

Result<Command, CommandError> parse_command(std::string_view text) {
  const auto word = text.substr(0, text.find('?'));
  Parameters given(word, text.substr(std::min(text.size(), word.size() + 1)));
  bool unknown = false;
  auto command = read(word, given, unknown);
  if (unknown) return CommandError{cat("there is no fault '", printable(word), "'"), true};
  return given.finish(std::move(command));
}

}  // namespace ltp::sim

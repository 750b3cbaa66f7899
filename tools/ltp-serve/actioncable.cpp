#include "actioncable.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "key_list.hpp"
#include "tick/ndjson.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace ltp::serve::actioncable {
namespace {

std::string string_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string quoted(std::string_view text) {
  std::string out;
  ndjson::append_string(out, text);
  return out;
}

/// {"streams":{"name":{"epoch":"e1","offset":42}}}; what is not of this form is left out.
std::vector<Position> positions(const Json& history) {
  std::vector<Position> heard;
  const auto streams = history.find("streams");
  if (streams == history.end() || !streams->is_object()) return heard;
  for (const auto& [name, place] : streams->items()) {
    if (!place.is_object()) continue;
    const auto offset = place.find("offset");
    if (offset == place.end() || !offset->is_number_unsigned()) continue;
    heard.push_back({name, string_member(place, "epoch"), offset->get<std::uint64_t>()});
  }
  return heard;
}

}  // namespace

Command parse_command(std::string_view frame) {
  const auto json = parse_json(frame);
  if (!json.is_object()) return Bad{};
  const auto command = string_member(json, "command");
  if (command == "pong") return Pong{};
  auto identifier = string_member(json, "identifier");
  if (identifier.empty()) return Bad{};
  const auto history = json.find("history");
  const bool asks = history != json.end() && history->is_object();
  if (command == "subscribe")
    return Subscribe{std::move(identifier), asks,
                     asks ? positions(*history) : std::vector<Position>{}};
  if (command == "unsubscribe") return Unsubscribe{std::move(identifier)};
  if (command == "history" && asks) return History{std::move(identifier), positions(*history)};
  if (command == "message") return Message{};
  return Bad{};
}

std::optional<Wanted> parse_identifier(std::string_view identifier, const Limits& limits) {
  const auto json = parse_json(identifier);
  if (!json.is_object()) return std::nullopt;
  const auto channel = string_member(json, "channel");
  // The first is the class the page names; the second is what its documents call it.
  if (channel != "DashboardChannel" && channel != "dashboard_updates") return std::nullopt;
  Wanted wanted{.filter = {.all = true}};
  if (const auto batch = json.find("batch"); batch != json.end()) {
    if (!batch->is_boolean()) return std::nullopt;
    wanted.batched = batch->get<bool>();
  }
  const auto keys = json.find("keys");
  if (keys == json.end()) return wanted;
  if (!keys->is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& key : *keys) {
    if (!key.is_string()) return std::nullopt;
    texts.push_back(key.get<std::string>());
  }
  auto filter = parse_filter(texts, limits.keys);
  if (!filter) return std::nullopt;
  wanted.filter = std::move(filter).value();
  return wanted;
}

std::string welcome() {
  return R"({"type":"welcome"})";
}

std::string welcome(std::string_view session_id) {
  return cat(R"({"type":"welcome","sid":)", quoted(session_id), "}");
}

std::string welcome_back(std::string_view session_id, std::span<const std::string> identifiers) {
  std::string out = cat(R"({"type":"welcome","sid":)", quoted(session_id),
                        R"(,"restored":true,"restored_ids":[)");
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    if (i > 0) out.push_back(',');
    ndjson::append_string(out, identifiers[i]);
  }
  return out + "]}";
}

std::string ping(std::int64_t unix_s) {
  return cat(R"({"type":"ping","message":)", unix_s, "}");
}

std::string confirmation(std::string_view identifier) {
  return cat(R"({"identifier":)", quoted(identifier), R"(,"type":"confirm_subscription"})");
}

std::string rejection(std::string_view identifier) {
  return cat(R"({"identifier":)", quoted(identifier), R"(,"type":"reject_subscription"})");
}

std::string history_confirmation(std::string_view identifier) {
  return cat(R"({"identifier":)", quoted(identifier), R"(,"type":"confirm_history"})");
}

std::string history_rejection(std::string_view identifier) {
  return cat(R"({"identifier":)", quoted(identifier), R"(,"type":"reject_history"})");
}

std::string disconnect(std::string_view reason, bool reconnect) {
  return cat(R"({"type":"disconnect","reason":)", quoted(reason), R"(,"reconnect":)",
             reconnect ? "true" : "false", "}");
}

std::string data_prefix(std::string_view identifier) {
  return cat(R"({"identifier":)", quoted(identifier), R"(,"message":)");
}

std::string place_prefix(std::string_view identifier, std::string_view stream,
                         std::string_view epoch) {
  return cat(R"({"identifier":)", quoted(identifier), R"(,"stream_id":)", quoted(stream),
             R"(,"epoch":)", quoted(epoch), R"(,"offset":)");
}

}  // namespace ltp::serve::actioncable

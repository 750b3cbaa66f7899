#include "actioncable.hpp"

#include "base/text.hpp"
#include "key_list.hpp"
#include "tick/ndjson.hpp"

#include <nlohmann/json.hpp>

namespace ltp::serve::actioncable {
namespace {

using Json = nlohmann::json;

std::string string_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string quoted(std::string_view text) {
  std::string out;
  ndjson::append_string(out, text);
  return out;
}

}  // namespace

Command parse_command(std::string_view frame) {
  const auto json = Json::parse(frame, nullptr, false);
  if (!json.is_object()) return Bad{};
  const auto command = string_member(json, "command");
  auto identifier = string_member(json, "identifier");
  if (identifier.empty()) return Bad{};
  if (command == "subscribe") return Subscribe{std::move(identifier)};
  if (command == "unsubscribe") return Unsubscribe{std::move(identifier)};
  if (command == "message") return Message{};
  return Bad{};
}

std::optional<Filter> parse_identifier(std::string_view identifier) {
  const auto json = Json::parse(identifier, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto channel = string_member(json, "channel");
  // The first is the class the page names; the second is what its documents call it.
  if (channel != "DashboardChannel" && channel != "dashboard_updates") return std::nullopt;
  const auto keys = json.find("keys");
  if (keys == json.end()) return Filter{.all = true};
  if (!keys->is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& key : *keys) {
    if (!key.is_string()) return std::nullopt;
    texts.push_back(key.get<std::string>());
  }
  auto filter = parse_filter(texts);
  if (!filter) return std::nullopt;
  return std::move(filter).value();
}

std::string welcome() {
  return R"({"type":"welcome"})";
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

std::string disconnect(std::string_view reason, bool reconnect) {
  return cat(R"({"type":"disconnect","reason":)", quoted(reason), R"(,"reconnect":)",
             reconnect ? "true" : "false", "}");
}

std::string data_prefix(std::string_view identifier) {
  return cat(R"({"identifier":)", quoted(identifier), R"(,"message":)");
}

}  // namespace ltp::serve::actioncable

#pragma once

#include "hub.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// The words of ActionCable, `actioncable-v1-json`: text to values and back. Nothing
/// else of ltp-serve knows them.
/// Source  rails/rails actioncable/, and the contract of the application replaced.
namespace ltp::serve::actioncable {

inline constexpr std::string_view kSubprotocol = "actioncable-v1-json";

/// `identifier` is JSON in a string and goes back byte for byte: a client finds its
/// subscription by comparing texts.
struct Subscribe {
  std::string identifier;
};
struct Unsubscribe {
  std::string identifier;
};
struct Message {};  // an action: this channel has none
struct Bad {};      // broken JSON, unknown command, wrong types: to be counted

using Command = std::variant<Subscribe, Unsubscribe, Message, Bad>;
Command parse_command(std::string_view frame);

/// What an identifier asks for; none: no channel of ours, to be rejected. The filter is
/// everything unless the identifier has "keys":["NSE_EQ:2885","IDX_I:*"].
std::optional<Filter> parse_identifier(std::string_view identifier);

std::string welcome();
std::string ping(std::int64_t unix_s);
std::string confirmation(std::string_view identifier);
std::string rejection(std::string_view identifier);
std::string disconnect(std::string_view reason, bool reconnect);

/// What goes round each line of a subscription: {"identifier":"…","message": and }.
std::string data_prefix(std::string_view identifier);
inline constexpr std::string_view kDataSuffix = "}";

}  // namespace ltp::serve::actioncable

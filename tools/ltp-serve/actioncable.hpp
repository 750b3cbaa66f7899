#pragma once

#include "filter.hpp"
#include "limits.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The words of ActionCable, `actioncable-v1-json`, and of AnyCable's extension of it,
/// `actioncable-v1-ext-json`: text to values and back. Nothing else of ltp-serve knows them.
/// Source  rails/rails actioncable/, the contract of the application replaced; AnyCable's
///         public description of its protocol.
namespace ltp::serve::actioncable {

inline constexpr std::string_view kSubprotocol = "actioncable-v1-json";
inline constexpr std::string_view kExtendedSubprotocol = "actioncable-v1-ext-json";

/// Up to where a client had heard a stream.
struct Position {
  std::string stream, epoch;
  std::uint64_t offset;
};

/// `identifier` is JSON in a string and goes back byte for byte: a client finds its
/// subscription by comparing texts.
struct Subscribe {
  std::string identifier;
  bool wants_history = false;
  std::vector<Position> heard;
};
struct Unsubscribe {
  std::string identifier;
};
struct History {  // extended: what came since?
  std::string identifier;
  std::vector<Position> heard;
};
struct Pong {};     // extended
struct Message {};  // an action: this channel has none
struct Bad {};      // broken JSON, unknown command, wrong types: to be counted

using Command = std::variant<Subscribe, Unsubscribe, History, Pong, Message, Bad>;
Command parse_command(std::string_view frame);

/// What an identifier asks for; none: no channel of ours, to be rejected. Everything
/// unless it has "keys":["NSE_EQ:2885","IDX_I:*"]; one message for many ticks if it has
/// "batch":true.
struct Wanted {
  Filter filter;
  bool batched = false;
};
std::optional<Wanted> parse_identifier(std::string_view identifier, const Limits& limits);

std::string welcome();
/// Extended: with the id of the session, and which subscriptions it takes up again.
std::string welcome(std::string_view session_id);
std::string welcome_back(std::string_view session_id, std::span<const std::string> identifiers);
std::string ping(std::int64_t unix_s);
std::string confirmation(std::string_view identifier);
std::string rejection(std::string_view identifier);
std::string history_confirmation(std::string_view identifier);
std::string history_rejection(std::string_view identifier);
std::string disconnect(std::string_view reason, bool reconnect);

/// What goes round each line of a subscription: {"identifier":"…","message": and }.
std::string data_prefix(std::string_view identifier);
inline constexpr std::string_view kDataSuffix = "}";

/// Extended: what comes before and behind the offset of a line.
std::string place_prefix(std::string_view identifier, std::string_view stream,
                         std::string_view epoch);
inline constexpr std::string_view kPlaceInfix = R"(,"message":)";

}  // namespace ltp::serve::actioncable

#pragma once

#include "base/text.hpp"

#include <string_view>

/// Messages for people, on stderr, each opened with the tool's name.
///
/// Levels  error: data is lost or we stop. warn: degraded and recovering. info: a
///         change of state, once. debug: per connection or batch. Nothing per tick.
/// Secret  A token, a password or a URL that holds one is given to no function here.
namespace ltp::cli::log {

void error(std::string_view text);
void warn(std::string_view text);
void info(std::string_view text);
void debug(std::string_view text);

/// Whether a line may stand below the messages: stderr is a terminal that can move its
/// cursor, standard output is not one (its lines would run into ours), and --quiet was not
/// given.
bool has_footer();
/// The one line below the messages, written anew in place, cut to the terminal's width;
/// empty takes it away. ASCII only. Does nothing without has_footer().
void set_footer(std::string_view text);

}  // namespace ltp::cli::log

#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

/// JSON from outside as a tree, for messages of which there are few. Tick lines are read by
/// lib/tick.
///
/// Source  nlohmann/json, whose reader and writer are compiled in here and nowhere else: that
///         takes seconds each time. Who looks into a tree includes <nlohmann/json.hpp>.
namespace ltp {

using Json = nlohmann::json;

/// The whole text as one value, of any depth; is_discarded(), and nothing else, if it is no
/// JSON. Of members with the same name the last one counts. Throws nothing but bad_alloc.
Json parse_json(std::string_view text);

/// On one line, by a call for each level: what comes from outside may have too many for that;
/// so no lists and objects of others. Bytes that are no UTF-8 come out as U+FFFD.
std::string dump_json(const Json& value);

}  // namespace ltp

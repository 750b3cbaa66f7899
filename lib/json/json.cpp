#include "json/json.hpp"

#include <nlohmann/json.hpp>

namespace ltp {

Json parse_json(std::string_view text) {
  return Json::parse(text, nullptr, false);
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ltp

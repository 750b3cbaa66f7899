#include "net/header_words.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace ltp::net {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool has_word(std::string_view list, std::string_view word,
              bool (*same)(std::string_view, std::string_view)) noexcept {
  while (!list.empty()) {
    const auto one = list.substr(0, list.find(','));
    if (same(trim(one), word)) return true;
    list.remove_prefix(std::min(list.size(), one.size() + 1));
  }
  return false;
}

}  // namespace ltp::net

#pragma once

#include <string_view>

/// Inside lib/net only: how words in headers are compared. Of letters ASCII's alone have a case.
namespace ltp::net {

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// If `word` is in a list like "keep-alive, Upgrade", by `same`.
bool has_word(std::string_view list, std::string_view word,
              bool (*same)(std::string_view, std::string_view) = equal_ignoring_case) noexcept;

}  // namespace ltp::net

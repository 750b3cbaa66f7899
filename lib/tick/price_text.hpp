#pragma once

#include <string_view>

namespace ltp {

/// True for text that is a JSON number above 0: what may be handed on as a price as it
/// stands. "1393.4", "3021.0", "100000" are; "0", "-1", "1e400", ".5", "nan" are not.
bool is_price_text(std::string_view text) noexcept;

}  // namespace ltp

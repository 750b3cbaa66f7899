# Writes OUTPUT, a header with the text of INPUT as `inline constexpr std::string_view NAME`
# in namespace ltp.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
file(WRITE ${OUTPUT} "// Made by cmake/EmbedText.cmake; do not edit.
#pragma once

#include <string_view>

namespace ltp {
namespace detail {
inline constexpr char ${NAME}Bytes[] = {${bytes}};
}  // namespace detail
inline constexpr std::string_view ${NAME}{detail::${NAME}Bytes, sizeof detail::${NAME}Bytes};
}  // namespace ltp
")

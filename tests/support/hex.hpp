#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

/// "02 1000 01" to bytes; blanks are for the reader. Two digits a byte.
inline std::vector<std::byte> from_hex(std::string_view text) {
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  };
  std::vector<std::byte> out;
  unsigned high = 16;
  for (const char c : text) {
    if (c == ' ') continue;
    if (high == 16) {
      high = digit(c);
    } else {
      out.push_back(static_cast<std::byte>(high << 4 | digit(c)));
      high = 16;
    }
  }
  return out;
}

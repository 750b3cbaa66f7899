#include "net/frame.hpp"

#include <cstdint>

namespace ltp::net {

void append_text_frame_head(std::string& out, std::size_t size) {
  constexpr char kFinalText = '\x81';
  out.push_back(kFinalText);
  int length_bytes = 0;
  if (size < 126) {
    out.push_back(static_cast<char>(size));
  } else if (size <= 0xffff) {
    out.push_back(126);
    length_bytes = 2;
  } else {
    out.push_back(127);
    length_bytes = 8;
  }
  for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(size) >> shift & 0xff));
}

}  // namespace ltp::net

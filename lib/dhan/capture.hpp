#pragma once

#include "dhan/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A recording of the broker's messages as lines of text, one message a line.
///
/// Shape   ltp-capture(5): receive time, number of bytes, the bytes in hexadecimal:
///         "1767588330123456 16 02100001450b00009af53145418f5b69\n".
/// Why hex Measured, a table of digit pairs reads it as fast as Base64 is read, and an
///         instrument or a kind of packet can be found in it with grep.
/// Errors  Any line has an answer; a damaged one, also one cut short anywhere, is found
///         out by its number of bytes.
/// Pure    No I/O, clock or log.
namespace ltp::dhan::capture {

inline constexpr std::string_view kFirstLine = "ltp-capture 1";

/// A broker's message is no longer than this (it is what ltp-feed takes in).
inline constexpr std::size_t kMaxMessage = std::size_t{1} << 20;
/// The longest line of a message, newline and CR included.
inline constexpr std::size_t kMaxLine = 2 * kMaxMessage + 32;
/// A receive time is no later than this, the end of the year 9999.
inline constexpr std::int64_t kMaxTime_us = 253'402'300'799'999'999;

/// Appends the line of a message. Preconditions: 0 <= recv_us <= kMaxTime_us, no more
/// than kMaxMessage bytes.
void append_message(std::string& out, std::int64_t recv_us, Bytes message);

struct Line {
  enum class Kind : std::uint8_t {
    kMessage,
    kHeader,        // of this version; stands first, and where files were joined
    kOtherVersion,  // a header, but not of this version
    kNote,          // empty, or opened by '#': to be passed over
    kDamaged,
  };
  Kind kind;
  std::int64_t recv_us = 0;  // kMessage; microseconds since 1970 UTC
  Bytes message{};           // kMessage; valid until the next read()
};

/// Not thread-safe: keeps its scratch memory between lines.
class Reader {
 public:
  /// `line` with or without its newline or CR LF.
  Line read(std::string_view line);

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace ltp::dhan::capture

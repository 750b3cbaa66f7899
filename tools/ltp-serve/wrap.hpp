#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ltp::serve {

/// What goes round a line on its way to a client: how a dialect puts the same line. Who
/// subscribes with an equal wrap shares bytes.
struct Wrap {
  bool framed = true;          // each message is a text frame of WebSocket; else bytes as they are
  std::string prefix, suffix;  // round each message

  /// Set, a tick's message is place_prefix VERSION place_infix LINE suffix instead: the
  /// client learns its place in the stream.
  std::string place_prefix, place_infix;

  /// What is given at once is one message.
  enum class Batch : char {
    kNone,
    kUpdates,  // its ticks are one screener_ltp_batch_update
    kLines,    // all of its lines, with newlines between them
  };
  Batch batch = Batch::kNone;
  bool tells = false;  // {"type":"conflated","skipped":N} when lines were left out

  friend bool operator==(const Wrap&, const Wrap&) = default;
};

/// Appends one message.
void append_message(std::string& out, const Wrap& wrap, std::string_view line);
void append_tick_message(std::string& out, const Wrap& wrap, std::string_view line,
                         std::uint64_t version);

std::string conflated_line(std::uint64_t skipped);

/// Messages that are put together in `buffer` to be given to a sink at once.
class Parcel {
 public:
  /// `buffer` is emptied. `now_ms`, wall clock, is the time that a batch bears.
  Parcel(std::string& buffer, const Wrap& wrap, std::int64_t now_ms);

  void tick(std::string_view line, std::uint64_t version);
  void other(std::string_view line);

  std::size_t size() const noexcept { return buffer_.size(); }
  /// All of it; nothing can be added any more.
  std::string_view done();

 private:
  void add_to_batch(std::string_view line);
  void close_batch();

  std::string& buffer_;
  const Wrap& wrap_;
  std::int64_t now_ms_;
  std::size_t batch_begin_ = 0;
  bool in_batch_ = false;
};

}  // namespace ltp::serve

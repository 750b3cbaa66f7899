#pragma once

#include "redis/reply.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

/// Redis's protocol (RESP 2): words to bytes, bytes to replies. No I/O.
namespace ltp::redis {

/// Appends one command. A word may hold any bytes.
void append_command(std::string& out, std::span<const std::string_view> words);

/// Takes the bytes as they come, cut anywhere.
///
/// Bound  A reply of more than kMaxReply bytes or kMaxElements elements (those of inner
///        arrays counted too) breaks the reader, as bytes that are no RESP do.
class ReplyReader {
 public:
  static constexpr std::size_t kMaxReply = std::size_t{16} << 20;
  static constexpr std::size_t kMaxElements = std::size_t{1} << 20;

  enum class Fed {
    kAll,      // each whole reply was handed over
    kStopped,  // on_reply wished to hear no more; the rest of the bytes is lost
    kBroken,   // the peer speaks something else; feed nothing more
  };
  /// The reply is valid only inside the call. False: stop.
  using OnReply = std::function<bool(const Reply& reply)>;

  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  Fed feed(std::string_view bytes, const OnReply& on_reply);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ltp::redis

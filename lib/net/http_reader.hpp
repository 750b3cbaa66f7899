#pragma once

#include "net/http_client.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Inside lib/net only.
namespace ltp::net {

/// Takes one HTTP/1 answer out of the bytes of a connection that is used once.
///
/// Pure    No I/O. However the bytes are cut, the answer is the same.
/// Bounds  Status line and headers 64 KiB, with those of interim answers (1xx), which are
///         passed over; as much for the line of a chunk, and for trailers, which are too.
///         The body `max_body`.
/// Strict  where two readers could see two bodies: lengths that differ or are no number,
///         codings other than chunked, chunks without their line ends.
/// Source  RFC 9112, 2 to 7.
class HttpReader {
 public:
  /// A method of HEAD has an answer without a body, whatever its headers say.
  HttpReader(std::string_view method, std::size_t max_body)
      : head_only_(method == "HEAD"), max_body_(max_body) {}

  /// Takes some bytes from the front of `bytes` and gives what of them is body, perhaps
  /// nothing. Call again until `bytes` is empty, or done(), or fault() is there.
  std::string_view take(std::string_view& bytes);

  /// No more bytes come. `whole`: the other side said so itself.
  void end(bool whole);

  bool done() const noexcept { return step_ == Step::kDone; }
  const std::optional<HttpFault>& fault() const noexcept { return fault_; }

  /// Status and headers, once the first of the body has come, or it is done.
  HttpAnswer& answer() noexcept { return answer_; }

 private:
  enum class Step : std::uint8_t {
    kStatus,
    kHeaders,
    kBodyOfLength,
    kBodyToEnd,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailers,
    kDone
  };

  bool take_line(std::string_view& bytes);
  void on_line();
  void on_status();
  void on_header();
  void on_head_end();
  void on_chunk_size();
  std::string_view take_body(std::string_view& bytes);
  bool take_length();
  void expect(std::uint64_t size, Step step);
  void break_off(HttpFault::Kind kind, std::string text);

  bool head_only_;
  std::size_t max_body_;
  Step step_ = Step::kStatus;
  std::string line_;  // what has come of one
  std::size_t lines_size_ = 0;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::uint64_t body_size_ = 0;
  HttpAnswer answer_;
  std::optional<HttpFault> fault_;
};

}  // namespace ltp::net

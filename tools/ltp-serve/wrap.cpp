#include "wrap.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "net/frame.hpp"

#include <charconv>
#include <utility>

namespace ltp::serve {
namespace {

constexpr std::string_view kBatchOpen = R"({"type":"screener_ltp_batch_update","updates":[)";

/// Without frames, and in a batch of lines, a newline ends one. In JSON it can only stand
/// between values, where a blank does as well.
void append_line(std::string& out, const Wrap& wrap, std::string_view line) {
  const auto begin = out.size();
  out.append(line);
  const bool by_newline = !wrap.framed || wrap.batch == Wrap::Batch::kLines;
  if (!by_newline || line.find_first_of("\n\r") == std::string_view::npos) return;
  for (auto i = begin; i < out.size(); ++i)
    if (out[i] == '\n' || out[i] == '\r') out[i] = ' ';
}

}  // namespace

void append_message(std::string& out, const Wrap& wrap, std::string_view line) {
  if (wrap.framed)
    net::append_text_frame_head(out, wrap.prefix.size() + line.size() + wrap.suffix.size());
  out.append(wrap.prefix);
  append_line(out, wrap, line);
  out.append(wrap.suffix);
}

void append_tick_message(std::string& out, const Wrap& wrap, std::string_view line,
                         std::uint64_t version) {
  if (wrap.place_prefix.empty()) return append_message(out, wrap, line);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, version).ptr;
  const std::string_view number{digits, static_cast<std::size_t>(end - digits)};
  if (wrap.framed)
    net::append_text_frame_head(out, wrap.place_prefix.size() + number.size() +
                                         wrap.place_infix.size() + line.size() +
                                         wrap.suffix.size());
  out.append(wrap.place_prefix).append(number).append(wrap.place_infix);
  append_line(out, wrap, line);
  out.append(wrap.suffix);
}

std::string conflated_line(std::uint64_t skipped) {
  return cat(R"({"type":"conflated","skipped":)", skipped, "}");
}

Parcel::Parcel(std::string& buffer, const Wrap& wrap, std::int64_t now_ms)
    : buffer_(buffer), wrap_(wrap), now_ms_(now_ms) {
  buffer_.clear();
}

void Parcel::tick(std::string_view line, std::uint64_t version) {
  if (wrap_.batch == Wrap::Batch::kNone) return append_tick_message(buffer_, wrap_, line, version);
  add_to_batch(line);
}

void Parcel::other(std::string_view line) {
  if (wrap_.batch == Wrap::Batch::kLines) return add_to_batch(line);
  close_batch();
  append_message(buffer_, wrap_, line);
}

void Parcel::add_to_batch(std::string_view line) {
  const bool of_lines = wrap_.batch == Wrap::Batch::kLines;
  if (!std::exchange(in_batch_, true)) {
    batch_begin_ = buffer_.size();
    buffer_.append(wrap_.prefix);
    if (!of_lines) buffer_.append(kBatchOpen);
  } else {
    buffer_.push_back(of_lines ? '\n' : ',');
  }
  append_line(buffer_, wrap_, line);
}

void Parcel::close_batch() {
  if (!std::exchange(in_batch_, false)) return;
  if (wrap_.batch == Wrap::Batch::kUpdates) {
    buffer_.append(R"(],"timestamp":")");
    append_ist(buffer_, now_ms_ / 1000);
    buffer_.append(R"("})");
  }
  buffer_.append(wrap_.suffix);
  if (!wrap_.framed) return;
  // Only now it is known how long the frame is.
  std::string head;
  net::append_text_frame_head(head, buffer_.size() - batch_begin_);
  buffer_.insert(batch_begin_, head);
}

std::string_view Parcel::done() {
  close_batch();
  return buffer_;
}

}  // namespace ltp::serve

#include "net/http_reader.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace ltp::net {
namespace {

using Kind = HttpFault::Kind;

constexpr std::size_t kMaxLines = std::size_t{64} << 10;
constexpr std::string_view kStart = "HTTP/1.";

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

/// All of `text` as a number that is not negative.
std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const noexcept {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

std::string_view HttpReader::take(std::string_view& bytes) {
  switch (step_) {
    case Step::kBodyOfLength:
    case Step::kBodyToEnd:
    case Step::kChunk: return take_body(bytes);
    case Step::kDone: bytes = {}; return {};
    default:
      if (!fault_ && take_line(bytes)) on_line();
      if (fault_) bytes = {};
      return {};
  }
}

/// True when line_ is one, without its end.
bool HttpReader::take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  const auto size = end == bytes.npos ? bytes.size() : end + 1;
  lines_size_ += size;
  if (lines_size_ > kMaxLines) {
    break_off(Kind::kProtocol, cat("its answer has headers of more than ", kMaxLines, " bytes"));
    return false;
  }
  line_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  // Something else is seen by its first bytes: it may never send a line.
  if (step_ == Step::kStatus &&
      line_.compare(0, kStart.size(), kStart, 0, std::min(line_.size(), kStart.size())) != 0)
    break_off(Kind::kProtocol, "what answers there does not speak HTTP/1");
  if (end == bytes.npos || fault_) return false;
  line_.pop_back();
  if (line_.ends_with('\r')) line_.pop_back();
  return true;
}

void HttpReader::on_line() {
  switch (step_) {
    case Step::kStatus: on_status(); break;
    case Step::kHeaders: line_.empty() ? on_head_end() : on_header(); break;
    case Step::kChunkSize: on_chunk_size(); break;
    case Step::kChunkEnd:
      if (!line_.empty()) break_off(Kind::kProtocol, "its answer has a chunk without an end");
      step_ = Step::kChunkSize;
      break;
    case Step::kTrailers:
      if (line_.empty()) step_ = Step::kDone;
      break;
    default: break;
  }
  line_.clear();
}

/// "HTTP/1.1 200 OK"
void HttpReader::on_status() {
  const std::string_view rest = std::string_view(line_).substr(kStart.size());
  const bool good = rest.size() >= 5 && is_digit(rest[0]) && rest[1] == ' ' && rest[2] >= '1' &&
                    rest[2] <= '9' && is_digit(rest[3]) && is_digit(rest[4]) &&
                    (rest.size() == 5 || rest[5] == ' ');
  if (!good) return break_off(Kind::kProtocol, "its answer has no status");
  answer_.status = static_cast<int>(*number(rest.substr(2, 3), 10));
  step_ = Step::kHeaders;
}

void HttpReader::on_header() {
  const std::string_view line = line_;
  if (line[0] == ' ' || line[0] == '\t') {  // the one before goes on
    if (answer_.headers.empty())
      return break_off(Kind::kProtocol, "its answer has a malformed header");
    answer_.headers.back().second.append(1, ' ').append(trim(line));
    return;
  }
  const auto name = line.substr(0, line.find(':'));
  const bool good = name.size() < line.size() && !name.empty() &&
                    std::none_of(name.begin(), name.end(), [](char c) {
                      return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
                    });
  if (!good) return break_off(Kind::kProtocol, "its answer has a malformed header");
  answer_.headers.emplace_back(lowered(name), trim(line.substr(name.size() + 1)));
}

void HttpReader::on_head_end() {
  const int status = answer_.status;
  if (status == 101)
    return break_off(Kind::kProtocol, "it answers in another protocol than HTTP/1");
  if (status < 200) {  // the answer comes later
    answer_ = {};
    step_ = Step::kStatus;
    return;
  }
  if (head_only_ || status == 204 || status == 304) {
    step_ = Step::kDone;
    return;
  }
  std::string coding;
  for (const auto& [name, value] : answer_.headers)
    if (name == "transfer-encoding") coding.append(coding.empty() ? "" : ",").append(value);
  if (!coding.empty()) {
    if (lowered(coding) != "chunked")
      return break_off(Kind::kProtocol,
                       cat("its answer comes as ", printable(coding, 40), ", not asked for"));
    step_ = Step::kChunkSize;
    return;
  }
  if (!take_length() && !fault_)
    expect(std::numeric_limits<std::uint64_t>::max(), Step::kBodyToEnd);
}

/// False if no length is given.
bool HttpReader::take_length() {
  std::optional<std::uint64_t> length;
  for (const auto& [name, value] : answer_.headers) {
    if (name != "content-length") continue;
    const auto given = number(value, 10);
    if (!given || (length && *length != *given)) {
      break_off(Kind::kProtocol, "its answer has a length that is no number, or two lengths");
      return false;
    }
    length = given;
  }
  if (!length) return false;
  if (*length > max_body_) {
    break_off(Kind::kTooLarge,
              cat("its answer has ", *length, " bytes; at most ", max_body_, " are taken"));
  } else {
    expect(*length, *length == 0 ? Step::kDone : Step::kBodyOfLength);
  }
  return true;
}

/// "1a2b" or "1a2b; name=value"
void HttpReader::on_chunk_size() {
  const auto digits = trim(std::string_view(line_).substr(0, line_.find(';')));
  const auto size = number(digits, 16);
  if (!size) return break_off(Kind::kProtocol, "its answer has a chunk without a size");
  expect(*size, *size == 0 ? Step::kTrailers : Step::kChunk);
}

std::string_view HttpReader::take_body(std::string_view& bytes) {
  const auto part = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
  bytes.remove_prefix(part.size());
  if (part.size() > max_body_ - body_size_) {
    break_off(Kind::kTooLarge, cat("its answer has more than ", max_body_, " bytes"));
    bytes = {};
    return {};
  }
  body_size_ += part.size();
  left_ -= part.size();
  if (left_ == 0) step_ = step_ == Step::kChunk ? Step::kChunkEnd : Step::kDone;
  return part;
}

void HttpReader::end(bool whole) {
  if (fault_ || step_ == Step::kDone) return;
  if (step_ == Step::kBodyToEnd && whole) {
    step_ = Step::kDone;
  } else if (step_ == Step::kStatus || step_ == Step::kHeaders) {
    break_off(Kind::kLost, "the connection broke before an answer came");
  } else {
    break_off(Kind::kLost, cat("the answer was cut off after ", body_size_, " bytes"));
  }
}

void HttpReader::expect(std::uint64_t size, Step step) {
  left_ = size;
  step_ = step;
  lines_size_ = 0;
}

void HttpReader::break_off(HttpFault::Kind kind, std::string text) {
  fault_ = HttpFault{kind, std::move(text)};
  step_ = Step::kStatus;
}

}  // namespace ltp::net

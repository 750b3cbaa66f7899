#include "status_writer.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"

#include <utility>

namespace ltp::feed {
namespace {

// Every 10 s, a little early rather than a little late: it is looked at once a second.
constexpr std::int64_t kEvery_ms = 9500;

}  // namespace

void StatusWriter::blame(std::string reason, std::optional<int> code) {
  reason_ = std::move(reason);
  code_ = code;
}

void StatusWriter::write(ndjson::FeedStatus now) {
  written_ms_ = steady_ms();
  if (!tells_) return;
  now.reason = reason_;
  now.code = code_;
  line_.clear();
  ndjson::append_status(line_, now);
  output_.status(line_);
  output_.flush();
}

void StatusWriter::show(const ndjson::FeedStatus& now) {
  if (now.state == "connected") blame({}, {});
  if (auto shown = cat(now.state, " ", reason_); shown != shown_) {
    shown_ = std::move(shown);
    write(now);
  }
}

bool StatusWriter::due() const {
  return steady_ms() - written_ms_ >= kEvery_ms;
}

void StatusWriter::gap(const ndjson::Gap& gap) {
  if (!tells_) return;
  line_.clear();
  ndjson::append_gap(line_, gap);
  output_.gap(line_);
}

}  // namespace ltp::feed

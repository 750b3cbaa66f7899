#include "loop/line_reader.hpp"

#include "loop/errors.hpp"
#include "loop/fd_watch.hpp"
#include "loop/handle.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace ltp::loop {
namespace {

constexpr std::size_t kRead = std::size_t{256} << 10;
constexpr std::size_t kTurn = std::size_t{1} << 20;  // how much is read before others' turn

/// Bytes come in at the end, blocks of whole lines go out at the front.
class LineBuffer {
 public:
  static constexpr std::size_t kMaxLine = LineReader::kMaxLine;

  struct Block {
    std::string_view text;  // empty: no whole line is here yet
    bool fragment = false;
  };

  /// Room for the next read. What is left of the last one, less than a line, moves to
  /// the front; views of earlier blocks end here.
  char* room() {
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      seen_ -= begin_;
      begin_ = 0;
    }
    return bytes_.data() + end_;
  }
  void added(std::size_t count) noexcept { end_ += count; }

  /// The next block. `last`: nothing more will come, so an unfinished line is one too.
  Block next(bool last) {
    const std::string_view all(bytes_.data() + begin_, end_ - begin_);
    if (all.empty()) return {};
    if (in_long_line_) return take_fragment(all);

    const auto newline = all.substr(seen_ - begin_).rfind('\n');
    if (newline == std::string_view::npos) {
      seen_ = end_;
      if (all.size() > kMaxLine) return take_fragment(all);
      return last ? take(all.size(), false) : Block{};
    }
    // Only the first line can be too long: a read alone has no room for such a line.
    if (all.size() > kMaxLine && all.find('\n') >= kMaxLine) return take_fragment(all);
    return take(seen_ - begin_ + newline + 1, false);
  }

 private:
  /// To the end of the line, or all there is of it.
  Block take_fragment(std::string_view all) {
    const auto newline = all.find('\n');
    in_long_line_ = newline == std::string_view::npos;
    return take(in_long_line_ ? all.size() : newline + 1, true);
  }
  Block take(std::size_t count, bool fragment) {
    const Block block{{bytes_.data() + begin_, count}, fragment};
    begin_ += count;
    seen_ = std::max(seen_, begin_);
    return block;
  }

  static_assert(kRead < kMaxLine);
  std::vector<char> bytes_ = std::vector<char>(kMaxLine + kRead + LineReader::kSpare);
  std::size_t begin_ = 0;  // what has not gone out starts here
  std::size_t seen_ = 0;   // no newline stands between begin_ and here
  std::size_t end_ = 0;
  bool in_long_line_ = false;
};

}  // namespace

struct LineReader::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& loop, int from, Events given)
      : fd(from),
        watch(loop, from, [this] { turn(); }),
        always_ready(watch.error() == EPERM),
        events(std::move(given)),
        idle(new uv_idle_t) {
    uv_idle_init(static_cast<uv_loop_t*>(loop.native()), idle.get());
    idle->data = this;
    if (watch.error() != 0 && !always_ready) end_with(watch.error());
    go_on();
  }

  /// The next turn comes by itself, also if nothing new has come in: blocks, a dry or
  /// an end may have been held back by a pause.
  void go_on() {
    uv_idle_start(idle.get(), [](uv_idle_t* handle) { static_cast<Impl*>(handle->data)->turn(); });
  }
  void halt() {
    uv_idle_stop(idle.get());
    watch.stop();
  }

  bool may_call() const noexcept { return !paused && !gone; }

  void turn() {
    const auto keep = shared_from_this();
    hand_over();
    bool more = readable();
    for (std::size_t read = 0; more && read < kTurn && may_call() && !ended;) {
      read += read_once();
      hand_over();
      more = readable();
    }
    if (may_call() && !ended && !always_ready) rest(more);
    if (may_call() && ended) finish();
  }

  bool readable() const noexcept { return always_ready || watch.ready() != 0; }

  std::size_t read_once() {
    const ssize_t got = ::read(fd, buffer.room(), kRead);
    if (got > 0) {
      buffer.added(static_cast<std::size_t>(got));
      return static_cast<std::size_t>(got);
    }
    // A descriptor that was non-blocking before us may say EAGAIN after all.
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) end_with(got == 0 ? 0 : errno);
    return 0;
  }
  void end_with(int errno_or_0) {
    ended = true;
    dry_is_due = true;
    if (errno_or_0 != 0) error = error_text(errno_or_0);
  }

  void hand_over() {
    while (may_call()) {
      const auto block = buffer.next(ended);
      if (block.text.empty()) return;
      dry_is_due = true;
      events.on_lines(block.text, block.fragment);
    }
  }

  /// Sleeps until there is more to read; if nothing is there yet, says so before.
  void rest(bool more) {
    uv_idle_stop(idle.get());
    watch.start(EPOLLIN);
    if (!more) call_dry();
  }
  void finish() {
    halt();
    call_dry();
    if (may_call()) {
      gone = true;
      if (events.on_end) events.on_end(error);
    }
  }
  void call_dry() {
    if (std::exchange(dry_is_due, false) && events.on_dry) events.on_dry();
  }

  int fd;
  FdWatch watch;
  bool always_ready;
  Events events;
  Handle<uv_idle_t> idle;
  LineBuffer buffer;
  bool paused = false;
  bool dry_is_due = false;
  bool ended = false;  // nothing more can be read; what was read may still be here
  bool gone = false;   // destroyed, or on_end was called: no callback any more
  std::string error;
};

LineReader::LineReader(Loop& loop, int fd, Events events)
    : impl_(std::make_shared<Impl>(loop, fd, std::move(events))) {}

LineReader::~LineReader() {
  impl_->gone = true;
  impl_->halt();
}

void LineReader::pause() {
  impl_->paused = true;
  impl_->halt();
}
void LineReader::resume() {
  if (!std::exchange(impl_->paused, false) || impl_->gone) return;
  impl_->go_on();
}

}  // namespace ltp::loop

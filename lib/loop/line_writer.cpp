#include "loop/line_writer.hpp"

#include "base/unique_fd.hpp"
#include "loop/errors.hpp"
#include "loop/fd_watch.hpp"
#include "loop/out_buffer.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace ltp::loop {
namespace {

/// How to write to a descriptor without blocking and without a trace on its flags.
///
///   socket          send() takes MSG_DONTWAIT
///   pipe, terminal  opened anew, which has flags of its own; where the system refuses
///                   that, O_NONBLOCK is set and taken back at the end
///   regular file    never blocks for long; not opened anew, since the place in the
///                   file and O_APPEND are shared with whoever else writes there
class Outlet {
 public:
  explicit Outlet(int fd) : fd_(fd) {
    struct stat about {};
    if (fstat(fd, &about) != 0) return;
    // Opened anew, the reading end of a pipe could be written to; as it is, it cannot.
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
      error_ = EBADF;
      return;
    }
    socket_ = S_ISSOCK(about.st_mode);
    terminal_ = S_ISCHR(about.st_mode) && isatty(fd) == 1;
    // Opening a pseudo-terminal's master anew would make another terminal.
    const bool master = terminal_ && about.st_rdev == makedev(5, 2);
    if (S_ISFIFO(about.st_mode) || terminal_) master ? set_nonblocking() : open_anew();
  }
  ~Outlet() {
    if (flags_before_ >= 0) fcntl(fd_, F_SETFL, flags_before_);
  }
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  int fd() const noexcept { return own_ ? own_.get() : fd_; }
  /// The errno of an opening that has already failed for good; 0 if none.
  int error() const noexcept { return error_; }

  ssize_t write(std::string_view bytes) const noexcept {
    ssize_t given = -1;
    do {
      given = socket_ ? send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                      : ::write(fd(), bytes.data(), bytes.size());
    } while (given < 0 && errno == EINTR);
    return given;
  }

  bool means_gone(int error) const noexcept {
    return error == EPIPE || error == ECONNRESET || error == ENXIO || (terminal_ && error == EIO);
  }

  /// The errno behind EPOLLERR or EPOLLHUP; EPIPE where the system has no better word.
  int trouble() const noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    if (socket_) getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error != 0 ? error : EPIPE;
  }

 private:
  void open_anew() {
    const auto name = cat("/proc/self/fd/", fd_);
    own_ = UniqueFd(open(name.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (own_) return;
    if (errno == ENXIO) {
      error_ = ENXIO;  // a named pipe without a reader
    } else {
      set_nonblocking();
    }
  }
  void set_nonblocking() {
    const int flags = fcntl(fd_, F_GETFL);
    if (flags < 0 || (flags & O_NONBLOCK) != 0) return;
    if (fcntl(fd_, F_SETFL, flags | O_NONBLOCK) == 0) flags_before_ = flags;
  }

  int fd_;
  UniqueFd own_;
  bool socket_ = false;
  bool terminal_ = false;
  int flags_before_ = -1;
  int error_ = 0;
};

}  // namespace

struct LineWriter::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& on, int fd, Events given)
      : loop(on),
        outlet(fd),
        watch(on, outlet.fd(), [this] { on_ready(); }),
        events(std::move(given)) {}

  void begin() {
    const int error = outlet.error() != 0 ? outlet.error() : watch.error();
    if (error != 0 && error != EPERM) return fail(error);
    watch_for(0);
  }

  /// Between writes (0) only to hear that the reader has gone, which is no reason for
  /// the loop to go on; EPOLLOUT, when something waits to be written, is one.
  void watch_for(std::uint32_t wanted) {
    if (watch.error() == 0) watch.start(wanted, wanted != 0);
  }

  void give() {
    while (!closed && !out.empty()) {
      const auto given = give_some(out.left());
      if (given == 0) return;
      out.take(given);
    }
  }

  /// How much the system took; 0 if it takes no more for now, or never.
  std::size_t give_some(std::string_view bytes) {
    const ssize_t given = outlet.write(bytes);
    if (given >= 0) return static_cast<std::size_t>(given);
    if (errno != EAGAIN) {
      fail(errno);
    } else if (!std::exchange(blocked, true)) {
      watch_for(EPOLLOUT);
    }
    return 0;
  }

  void write_through(std::string_view bytes) {
    while (!closed && out.empty() && !blocked && !bytes.empty())
      bytes.remove_prefix(give_some(bytes));
    if (closed) return;
    out.append(bytes);
    if (!blocked) give();
  }

  void on_ready() {
    const auto keep = shared_from_this();
    const auto ready = watch.ready();
    if ((ready & (EPOLLERR | EPOLLHUP)) != 0) return fail(outlet.trouble());
    if ((ready & EPOLLOUT) == 0 || !blocked) return;
    give();
    if (closed || !out.empty()) return;
    blocked = false;
    watch_for(0);
    if (events.on_drained) events.on_drained();
  }

  void fail(int error) {
    closed = true;
    blocked = false;
    out.clear();
    watch.stop();
    auto text = outlet.means_gone(error) ? std::string{} : error_text(error);
    loop.defer([weak = weak_from_this(), text = std::move(text)] {
      if (const auto self = weak.lock(); self && self->events.on_closed) {
        self->events.on_closed(text);
      }
    });
  }

  Loop& loop;
  Outlet outlet;
  FdWatch watch;
  Events events;
  OutBuffer out;
  bool blocked = false;
  bool closed = false;
};

LineWriter::LineWriter(Loop& loop, int fd, Events events)
    : impl_(std::make_shared<Impl>(loop, fd, std::move(events))) {
  impl_->begin();
}
LineWriter::~LineWriter() {
  impl_->watch.stop();
}

void LineWriter::write(std::string_view bytes) {
  if (!impl_->closed) impl_->out.append(bytes);
}
void LineWriter::flush() {
  if (!impl_->blocked) impl_->give();
}
void LineWriter::write_through(std::string_view bytes) {
  impl_->write_through(bytes);
}
std::size_t LineWriter::pending() const noexcept {
  return impl_->out.size();
}
bool LineWriter::blocked() const noexcept {
  return impl_->blocked;
}
bool LineWriter::closed() const noexcept {
  return impl_->closed;
}

}  // namespace ltp::loop

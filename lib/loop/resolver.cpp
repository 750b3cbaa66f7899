#include "loop/resolver.hpp"

#include "loop/errors.hpp"
#include "loop/handle.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace ltp::loop {
namespace {

struct Answer {
  std::vector<std::string> addresses;
  std::string error;
};

std::string numeric(const addrinfo& found) {
  char text[NI_MAXHOST];
  const int failed =
      getnameinfo(found.ai_addr, found.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return failed == 0 ? text : std::string{};
}

/// Asks the system, and blocks for as long as that takes.
Answer look_up(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failed == EAI_SYSTEM) return {{}, error_text(errno)};
  if (failed != 0) return {{}, gai_strerror(failed)};

  Answer answer;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (auto text = numeric(*one); !text.empty()) answer.addresses.push_back(std::move(text));
  }
  freeaddrinfo(found);
  if (answer.addresses.empty()) answer.error = "the name has no address";
  return answer;
}

/// What the loop and the thread that asks share. Either may be done with it first.
struct Question {
  std::mutex mutex;
  uv_async_t* wake = nullptr;  // null: nobody waits for the answer any more
  std::optional<Answer> answer;

  void give(Answer given) {
    const std::lock_guard lock(mutex);
    if (wake == nullptr) return;
    answer = std::move(given);
    uv_async_send(wake);
  }
  void forget() {
    const std::lock_guard lock(mutex);
    wake = nullptr;
  }
  std::optional<Answer> take() {
    const std::lock_guard lock(mutex);
    return std::exchange(answer, std::nullopt);
  }
};

}  // namespace

// A thread per question, not libuv's pool: that is joined when the process ends, so a
// dead name server would hold up Ctrl-C for as long as the system keeps asking it.
struct Resolver::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(Loop& loop)
      : wake(new uv_async_t), limit(loop, [this] {
          finish({{}, no_answer_within(timeout)});
        }) {
    uv_async_init(static_cast<uv_loop_t*>(loop.native()), wake.get(), [](uv_async_t* async) {
      const auto self = static_cast<Impl*>(async->data)->shared_from_this();
      if (!self->question) return;
      if (auto answer = self->question->take()) self->finish(std::move(*answer));
    });
    wake->data = this;
    uv_unref(base(wake));
  }
  ~Impl() { forget(); }

  void ask(const std::string& host) {
    question = std::make_shared<Question>();
    question->wake = wake.get();
    uv_ref(base(wake));
    limit.start(timeout);

    // By RFC 6761, 6.3, no file or server has a say in this; in a bare container there is
    // neither.
    if (host == "localhost") {
      question->give({{"127.0.0.1", "::1"}, {}});
      return;
    }
    if (auto known = look_up(host, AI_NUMERICHOST); known.error.empty()) {
      question->give(std::move(known));
      return;
    }
    try {
      std::thread([host, asked = question] { asked->give(look_up(host, 0)); }).detach();
    } catch (const std::system_error& error) {
      question->give({{}, error_text(error.code().value())});
    }
  }

  void forget() {
    if (question) question->forget();
    question.reset();
    limit.stop();
    uv_unref(base(wake));
  }

  void finish(Answer answer) {
    const auto keep = shared_from_this();
    forget();
    const auto call = std::exchange(done, nullptr);
    call(std::move(answer.addresses), std::move(answer.error));
  }

  Handle<uv_async_t> wake;
  Ms timeout{0};
  Timer limit;
  std::shared_ptr<Question> question;
  Done done;
};

Resolver::Resolver(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}

// What is left in flight may hold Impl for a moment; it must not call back any more.
Resolver::~Resolver() {
  cancel();
}

void Resolver::resolve(const std::string& host, Ms timeout, Done done) {
  impl_->forget();
  impl_->timeout = timeout;
  impl_->done = std::move(done);
  impl_->ask(host);
}

void Resolver::cancel() {
  impl_->forget();
  impl_->done = nullptr;
}

}  // namespace ltp::loop

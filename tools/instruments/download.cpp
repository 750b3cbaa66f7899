#include "instruments/download.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ltp::instruments {
namespace {

constexpr std::int64_t kPatience_ms = 120'000;
constexpr int kMaxRedirects = 3;

bool is_redirect(int status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

void Download::start(const HttpUrl& url, int fd, Done done) {
  url_ = url;
  fd_ = fd;
  done_ = std::move(done);
  redirects_left_ = kMaxRedirects;
  deadline_ms_ = steady_ms() + kPatience_ms;
  write_error_ = 0;
  ask();
}

void Download::ask() {
  net::HttpRequest request;
  request.tls = url_.tls;
  request.host = url_.host;
  request.port = url_.port;
  request.resource = url_.resource;
  request.headers = {{"user-agent", "ltp"}, {"accept", "text/csv, */*"}};
  request.max_body = kMaxMaster;
  const auto left = std::max<std::int64_t>(deadline_ms_ - steady_ms(), 1);
  client_.ask(
      std::move(request), loop::Ms{left},
      [this](const Result<net::HttpAnswer, net::HttpFault>& answer) {
        if (!answer) return end(answer.error().text);
        on_answer(answer.value());
      },
      [this](std::string_view bytes) { write(bytes); });
}

// The disk is slower than no network that matters: written at once, from inside the loop.
void Download::write(std::string_view bytes) {
  while (!bytes.empty() && write_error_ == 0) {
    const auto taken = ::write(fd_, bytes.data(), bytes.size());
    if (taken >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(taken));
    else if (errno != EINTR)
      write_error_ = errno;
  }
}

void Download::on_answer(const net::HttpAnswer& answer) {
  if (is_redirect(answer.status)) {
    const auto to = parse_location(url_, answer.header("location"));
    if (!to) return end("it points to a place that is no URL");
    if (url_.tls && !to->tls) return end(cat("it points to ", to->label(), ", without TLS"));
    if (redirects_left_-- == 0) return end(cat("it points on more than ", kMaxRedirects, " times"));
    url_ = *to;
    return ask();
  }
  if (answer.status != 200) return end(cat("the answer is HTTP status ", answer.status));
  if (write_error_ != 0) return end(cat("cannot write it (", std::strerror(write_error_), ")"));
  end({});
}

void Download::end(std::string fault) {
  std::exchange(done_, nullptr)(std::move(fault));
}

}  // namespace ltp::instruments

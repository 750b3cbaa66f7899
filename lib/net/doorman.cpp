#include "net/doorman.hpp"

#include "base/text.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ltp::net {
namespace {

constexpr loop::Ms kLook{50};
constexpr int kTurns = 20;              // a second in all
constexpr std::size_t kReserved = 128;  // descriptors for all else, and for who is sent away

std::string refusal(int status, std::string_view phrase, std::string_view words) {
  return cat("HTTP/1.1 ", status, " ", phrase,
             "\r\ncontent-type: text/plain\r\ncontent-length: ", words.size(),
             "\r\nretry-after: 5\r\nconnection: close\r\n\r\n", words);
}

std::size_t room_for_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  const auto all = static_cast<std::size_t>(limit.rlim_cur);
  return all > 2 * kReserved ? all - kReserved : all / 2;
}

/// Reads and forgets; true when he has closed his side.
bool is_through(int fd) {
  char some[4096];
  ssize_t got = 0;
  while ((got = recv(fd, some, sizeof some, MSG_DONTWAIT)) > 0) {
  }
  return got == 0 || errno != EAGAIN;
}

}  // namespace

Doorman::Doorman(loop::Loop& loop, const ServerLimits& limits) : sweep_(loop, [this] { sweep(); }) {
  set_limits(limits);
}

void Doorman::set_limits(const ServerLimits& limits) noexcept {
  limits_ = limits;
  limits_.connections = std::min(limits_.connections, room_for_descriptors());
}

bool Doorman::admit(UniqueFd& fd, const std::string& address, bool plain) {
  static const std::string full =
      refusal(503, "Service Unavailable", "There are too many clients; try again later.\n");
  static const std::string busy =
      refusal(429, "Too Many Requests", "There are too many connections from your address.\n");
  const bool counted = !address.empty();
  const auto found = counted ? of_address_.find(address) : of_address_.end();
  const auto of_his = found == of_address_.end() ? 0 : found->second;
  if (inside_ >= limits_.connections || (counted && of_his >= limits_.per_address)) {
    ++refused_;
    if (plain) send_away(std::move(fd), inside_ >= limits_.connections ? full : busy);
    fd.reset();
    return false;
  }
  ++inside_;
  if (counted) ++of_address_[address];
  return true;
}

void Doorman::left(const std::string& address) {
  --inside_;
  const auto found = of_address_.find(address);
  if (found != of_address_.end() && --found->second == 0) of_address_.erase(found);
}

void Doorman::send_away(UniqueFd fd, std::string_view answer) {
  send(fd.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  linger(std::move(fd));
}

void Doorman::see_off(UniqueFd fd) {
  char unread = 0;
  if (recv(fd.get(), &unread, 1, MSG_PEEK | MSG_DONTWAIT) > 0) linger(std::move(fd));
}

void Doorman::linger(UniqueFd fd) {
  shutdown(fd.get(), SHUT_WR);
  if (leaving_.size() >= kMostLeaving) return;
  leaving_.push_back({std::move(fd), kTurns});
  if (!sweep_.running()) sweep_.start(kLook, kLook);
}

void Doorman::sweep() {
  leaving_.remove_if([](Leaving& one) { return is_through(one.fd.get()) || --one.turns == 0; });
  if (leaving_.empty()) sweep_.stop();
}

}  // namespace ltp::net

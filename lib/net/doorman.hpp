#pragma once

#include "base/unique_fd.hpp"
#include "loop/loop.hpp"
#include "net/server.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

/// Inside lib/net only.
namespace ltp::net {

/// Counts who is in, and sends away who comes above a limit before anything is made for him.
///
/// Polite  Who is sent away gets an HTTP answer and a moment to read it: hung up on at once,
///         with his request unread, he would see a reset and nothing else. At most
///         kMostLeaving have that moment; the others are hung up on.
class Doorman {
 public:
  static constexpr std::size_t kMostLeaving = 64;

  Doorman(loop::Loop& loop, const ServerLimits& limits);

  void set_limits(const ServerLimits& limits) noexcept;
  std::size_t refused() const noexcept { return refused_; }

  /// True: he is in, until left(). False: he has been sent away; `plain` if words of HTTP
  /// make sense to him.
  bool admit(UniqueFd& fd, const std::string& address, bool plain);
  void left(const std::string& address);
  /// Closes a socket on which all has been said, so that what was said arrives.
  void see_off(UniqueFd fd);

 private:
  struct Leaving {
    UniqueFd fd;
    int turns;
  };
  void send_away(UniqueFd fd, std::string_view answer);
  void linger(UniqueFd fd);
  void sweep();

  ServerLimits limits_;
  std::size_t inside_ = 0;
  std::size_t refused_ = 0;
  std::unordered_map<std::string, std::size_t> of_address_;
  std::list<Leaving> leaving_;
  loop::Timer sweep_;
};

}  // namespace ltp::net

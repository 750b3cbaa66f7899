#pragma once

#include "base/backoff.hpp"
#include "loop/loop.hpp"
#include "redis/address.hpp"
#include "redis/limits.hpp"
#include "redis/sentinel.hpp"
#include "redis/session.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Inside lib/redis only.
namespace ltp::redis {

/// What Client and Subscriber share: a connection that comes back by itself, to where the
/// master is.
///
/// Again     After each end of a session, and each start of one that failed: on_down, and
///           the next try after a backoff.
/// Sentinel  Before each try the sentinels are asked. A server that is no master is given
///           up, and so is a master when a sentinel tells of another.
/// Replica   Once a server has said READONLY, ROLE is asked there too before it is up.
/// Lives     In a shared_ptr, so that it may be dropped from inside its own events.
class Link : public std::enable_shared_from_this<Link> {
 public:
  struct Events {
    std::function<void()> on_up;
    std::function<void(const Reply& reply)> on_reply;
    std::function<void()> on_dry;    // as in Session
    std::function<void()> on_quiet;  // as in Session
    std::function<void(const std::string& reason, loop::Ms retry_in)> on_down;
    std::function<void()> on_drained;
  };

  /// What the owner says after the login. `needed`: nothing works if Redis refuses it.
  struct Greeting {
    std::vector<std::string> words;
    bool needed = true;
  };

  Link(loop::Loop& loop, Address address, std::string client_name, Greeting greeting,
       const Limits& limits, Events events);
  ~Link();

  void start();
  /// Silent: no event comes any more.
  void stop();
  bool up() const noexcept { return session_->up(); }
  /// Whether the server has to be a master, so that the owner has to ask now and then.
  bool follows_master() const noexcept { return sentinel_ != nullptr; }

  void send(std::string_view bytes) { session_->send(bytes); }
  std::size_t pending() const noexcept { return session_->pending(); }
  void expect_answer() noexcept { session_->expect_answer(); }
  void expect_nothing() noexcept { session_->expect_nothing(); }

  /// Gives the connection up, as if it had broken.
  void lose(const std::string& reason) { session_->fail(reason); }
  void lose(const Reply& error);

 private:
  void connect();
  void open(const HostPort& place);
  void tell(const std::function<void()>& event);
  void on_up();
  void on_moved(const HostPort& master);
  void on_closed(const std::string& reason);
  void wait(const std::string& reason);

  const Address address_;
  const std::string client_name_;
  const Greeting greeting_;
  const Events events_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Sentinel> sentinel_;  // none: the address says where
  loop::Timer retry_;
  Backoff backoff_;
  bool started_ = false;
  std::optional<HostPort> master_;  // of the session, as a sentinel told it
  bool was_up_ = false;             // has the last session been?
  bool was_replica_ = false;        // the server, when we last wrote there
};

}  // namespace ltp::redis

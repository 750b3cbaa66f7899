#pragma once

#include "base/backoff.hpp"
#include "loop/loop.hpp"
#include "loop/stream.hpp"
#include "redis/address.hpp"
#include "redis/codec.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Inside lib/redis only.
namespace ltp::redis {

/// What Client and Subscriber share: a connection that logs in, notices when it is dead,
/// and comes back by itself.
///
/// Login   AUTH, SELECT, CLIENT SETNAME, and last the owner's greeting, in one go. An
///         error is an on_down with Redis's words, in which no password stands. Once it
///         has said READONLY, ROLE is asked too, and a replica is given up.
/// Alive   After kPatience without a byte: on_quiet if no answer is awaited (the owner
///         asks something), else the connection is dead.
/// Lives   In a shared_ptr, so that it may be dropped from inside its own events.
class Link : public std::enable_shared_from_this<Link> {
 public:
  static constexpr loop::Ms kPatience{5000};

  struct Events {
    std::function<void()> on_up;
    std::function<void(const Reply& reply)> on_reply;
    std::function<void()> on_dry;  // each whole reply of one read has been handed over
    std::function<void()> on_quiet;
    std::function<void(const std::string& reason, loop::Ms retry_in)> on_down;
    std::function<void()> on_drained;
  };

  /// What the owner says after the login. `needed`: nothing works if Redis refuses it.
  struct Greeting {
    std::vector<std::string> words;
    bool needed = true;
  };

  Link(loop::Loop& loop, Address address, std::string client_name, Greeting greeting,
       Events events);

  void start();
  /// Silent: no event comes any more.
  void stop();
  bool up() const noexcept { return state_ == State::kUp; }

  void send(std::string_view bytes) { stream_.write(bytes); }
  std::size_t pending() const noexcept { return stream_.pending(); }

  /// From now on silence means a dead connection; or it means nothing again.
  void expect_answer() noexcept;
  void expect_nothing() noexcept { answer_awaited_ = false; }

  /// Gives the connection up, as if it had broken: the peer makes no sense…
  void lose(const std::string& reason);
  /// …or has said why it will not go on.
  void lose(const Reply& error);

 private:
  enum class State { kStopped, kWaiting, kConnecting, kLogin, kUp };
  enum class Step { kNeeded, kWelcome, kRole };  // may Redis refuse it?

  void connect();
  void log_in();
  void on_data(std::string_view bytes);
  void on_login_reply(const Reply& reply);
  void on_tick();
  void shut();

  const Address address_;
  const std::string client_name_;
  const Greeting greeting_;
  const Events events_;
  loop::Stream stream_;
  loop::Timer retry_;
  loop::Timer tick_;
  Backoff backoff_;
  State state_ = State::kStopped;
  std::deque<Step> login_;                // still unanswered
  std::shared_ptr<ReplyReader> replies_;  // one for each connection
  bool answer_awaited_ = false;
  int silent_ticks_ = 0;
  bool was_replica_ = false;  // the server, when we last wrote there
};

}  // namespace ltp::redis

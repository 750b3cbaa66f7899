#pragma once

#include "loop/loop.hpp"
#include "loop/stream.hpp"
#include "redis/codec.hpp"
#include "redis/limits.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Inside lib/redis only.
namespace ltp::redis {

/// What is said before a connection is up.
struct Login {
  std::string user;
  std::string password;
  int db = 0;
  std::string client_name;
  enum class Role {
    kAny,
    kMasterIfTold,  // a replica is refused, but so is not who may not ask
    kMaster,
  } role = Role::kAny;
  std::vector<std::string> greeting;  // comes last
  bool greeting_needed = true;        // nothing works if Redis refuses it
};

/// One connection to Redis or to a sentinel, from its opening to its end.
///
/// Login   AUTH, SELECT, CLIENT SETNAME, ROLE and the greeting, in one go. on_up comes when
///         all are answered. An error is an on_closed with Redis's words, in which no
///         password stands.
/// Alive   After `silence` without a byte: on_quiet if no answer is awaited (the owner asks
///         something), else the connection is dead.
/// End     on_closed comes once per open(), unless close() is called first.
/// Lives   In a shared_ptr, so that it may be dropped from inside its own events.
class Session : public std::enable_shared_from_this<Session> {
 public:
  struct Events {
    std::function<void()> on_up;
    std::function<void(const Reply& reply)> on_reply;
    std::function<void()> on_dry;  // each whole reply of one read has been handed over
    std::function<void()> on_quiet;
    std::function<void(const std::string& reason)> on_closed;
    std::function<void()> on_drained;
  };

  Session(loop::Loop& loop, const Limits& limits, Events events);

  void open(const loop::Target& target, Login login);
  void close();  // silent
  bool up() const noexcept { return up_; }
  /// It has said so when it was asked for its role at the login.
  bool is_known_master() const noexcept { return known_master_; }

  void send(std::string_view bytes) { stream_.write(bytes); }
  std::size_t pending() const noexcept { return stream_.pending(); }

  /// From now on silence means a dead connection; or it means nothing again.
  void expect_answer() noexcept;
  void expect_nothing() noexcept { answer_awaited_ = false; }

  /// Closes as if it had broken: the peer makes no sense…
  void fail(const std::string& reason);
  /// …or has said why it will not go on.
  void fail(const Reply& error);

 private:
  enum class Step { kNeeded, kWelcome, kRole };  // may Redis refuse it?

  void log_in();
  void on_data(std::string_view bytes);
  void on_login_reply(const Reply& reply);
  bool refuses(Step step, const Reply& reply);
  void on_tick();

  const Limits limits_;
  const Events events_;
  loop::Stream stream_;
  loop::Timer tick_;
  Login login_;
  bool up_ = false;
  bool known_master_ = false;
  std::deque<Step> steps_;                // of the login, still unanswered
  std::shared_ptr<ReplyReader> replies_;  // one for each connection
  bool answer_awaited_ = false;
  int silent_ticks_ = 0;
};

/// A server may refuse CLIENT or PING to this user, not know them, or be unable to save
/// to its disk, and answer what we ask all the same.
bool does_no_harm(std::string_view error) noexcept;

/// Whether that is a master's answer to ROLE.
bool is_master(const Reply& role);

inline constexpr const char* kIsReplica = "it is a replica, which takes no writes";

}  // namespace ltp::redis

#pragma once

#include "loop/loop.hpp"
#include "redis/address.hpp"
#include "redis/limits.hpp"
#include "redis/reply.hpp"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ltp::redis {

/// One pipelined connection to Redis that comes back by itself.
///
/// Order   Commands are sent in the order given, answers come in that order.
/// Away    A command can only be given while up(). When the connection breaks, every
///         unanswered command's callback is called once with nullptr, then on_down;
///         nothing is sent twice: what to do again is the owner's decision.
/// Again   After on_down the client tries again by itself, between 50 ms and a
///         limit that doubles from 100 ms to 800 ms, for ever.
/// Master  By sentinels it follows the master: ROLE is asked before on_up and every 2 s, a
///         move is heard of, so that a demoted master is written to for at most 5 s. The
///         user needs the right to ROLE.
/// Login   AUTH, SELECT, CLIENT SETNAME and PING come before on_up; a refusal is an
///         on_down with Redis's words (never the password): "LOADING Redis is loading…".
///         A user who merely has no right to the last two is up all the same.
/// Faults  An error that speaks of the server, not of the command (LOADING, READONLY… see
///         is_of_server), breaks the connection with Redis's words: its command counts
///         as unanswered. After READONLY the client is not up again until ROLE says that
///         the server is a master. Every other error goes to the command's callback.
/// Bound   pending_bytes() and unanswered() are for the owner to bound what it sends. One
///         that does not, and lets more than Limits::unsent wait, loses the connection: it
///         is Away then, and what waited is gone.
/// Alive   5 s without a byte mean a dead connection while an answer is awaited, and
///         bring a ping while none is.
class Client {
 public:
  using OnReply = std::function<void(const Reply* reply)>;  // nullptr: connection lost

  struct Events {
    std::function<void()> on_up;
    /// "Connection refused"; `retry_in` tells when the next try is due. Comes for each
    /// failed try, so the owner decides how often to tell a person.
    std::function<void(const std::string& reason, loop::Ms retry_in)> on_down;
    /// pending_bytes() has come down to 0 after a time when it was not.
    std::function<void()> on_drained;
  };

  /// `client_name` is used unless the address has one.
  Client(loop::Loop& loop, Address address, std::string client_name, Events events,
         const Limits& limits = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start();
  /// Closes silently: unanswered callbacks never come, no more tries.
  void stop();

  bool up() const noexcept;

  /// Precondition: up(). Without a callback the answer is read and forgotten. Commands
  /// gather until the end of this turn of the loop or 64 KiB, whichever is first;
  /// flush() sends at once.
  void command(std::span<const std::string_view> words, OnReply on_reply = {});
  void command(std::initializer_list<std::string_view> words, OnReply on_reply = {});
  void flush();

  std::size_t unanswered() const noexcept;
  std::size_t pending_bytes() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::redis

#pragma once

#include "base/backoff.hpp"
#include "loop/loop.hpp"
#include "redis/address.hpp"
#include "redis/limits.hpp"
#include "redis/session.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Inside lib/redis only.
namespace ltp::redis {

/// Asks sentinels in turn where the master is, and stays with the one that knew, to hear
/// when the master moves.
///
/// Order   One that is away, does not know the master or makes no sense goes to the end
///         of the list and the next is asked.
/// Lives   In a shared_ptr, so that it may be dropped from inside its own events.
class Sentinel : public std::enable_shared_from_this<Sentinel> {
 public:
  struct Events {
    /// The answer to ask(): the master, or why no sentinel could tell, the last one's
    /// words: "sentinel a:26379: Connection refused".
    std::function<void(const HostPort& master)> on_found;
    std::function<void(const std::string& reason)> on_nobody;
    /// The master is another one than was told last.
    std::function<void(const HostPort& master)> on_moved;
  };

  Sentinel(loop::Loop& loop, const Address& address, std::string client_name, const Limits& limits,
           Events events);
  ~Sentinel();

  /// `first` kNext: whom the last answer came from was wrong, so ask another.
  enum class First { kSame, kNext };
  void ask(First first);
  void stop();

 private:
  void start_round();
  void try_first();
  void rotate();
  void on_up();
  void on_reply(const Reply& reply);
  void on_address(const Reply& reply);
  void on_switch(std::string_view message);
  void on_closed(const std::string& reason);
  void found(HostPort master);

  const std::string service_;
  const std::optional<loop::TlsOptions> tls_;
  const Login login_;
  const Events events_;
  std::deque<HostPort> sentinels_;  // the next to ask comes first
  std::shared_ptr<Session> session_;
  loop::Timer retry_;
  Backoff backoff_;
  std::size_t left_ = 0;       // of this round
  bool asked_ = false;         // and not yet answered
  bool told_address_ = false;  // by this session: what follows is news
  bool listens_ = false;       // …and it has let us subscribe: what it refuses is a ping
  std::optional<HostPort> master_;
};

}  // namespace ltp::redis

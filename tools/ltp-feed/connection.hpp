#pragma once

#include "base/backoff.hpp"
#include "dhan/endpoint.hpp"
#include "loop/loop.hpp"
#include "net/ws_client.hpp"
#include "tick/instrument.hpp"
#include "tick/tick.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::feed {

/// One connection to the broker and the instruments that it is to carry.
///
/// Pace     Requests of 100 instruments leave one at a time, kPace apart; 5,000 take 2.5 s.
/// Again    Each opening subscribes everything afresh: the broker forgets.
/// Clocks   What the watchdogs of Feed look at; times are of steady_ms(), 0 is never.
class Connection {
 public:
  static constexpr loop::Ms kPace{50};

  struct Events {
    std::function<void(Connection&, std::string_view server)> on_open;
    std::function<void(Connection&, std::span<const std::byte> message, bool binary)> on_message;
    std::function<void(Connection&, const net::WsClosed& why)> on_closed;
    std::function<void(Connection&)> on_retry;  // the wait of retry_in() is over
  };

  Connection(net::Context& context, const dhan::Endpoint& endpoint, TickKind mode, Events events);

  void open(const dhan::Credentials& credentials);
  /// Says good-bye to the broker. No event comes after it.
  void close();
  /// The connection is of no use: lets go of it. No event comes after it.
  void abandon();
  void retry_in(loop::Ms wait);
  /// Stops reading until resumed, so that the broker has to wait.
  void pause(bool paused);

  /// Changes what is carried; an open connection is told at once. Precondition: what is
  /// added is not carried yet.
  void add(const std::vector<Instrument>& instruments);
  void remove(const std::vector<Instrument>& instruments);
  const std::vector<Instrument>& carried() const noexcept { return carried_; }
  /// Of these, how many the broker has been asked for.
  std::size_t asked_for() const noexcept { return asked_for_; }

  std::vector<Segment> segments() const;

  bool is_open() const noexcept { return client_.is_open(); }
  bool is_waiting() const noexcept { return retry_.running(); }
  /// Neither open nor under way to it, and not waiting to try again.
  bool is_idle() const noexcept { return !busy_ && !is_waiting(); }
  /// How long nothing came, pings included, though we were listening. Precondition: open.
  loop::Ms frame_age() const;

  // Kept by Feed, which knows what they are good for.
  Backoff backoff{loop::Ms{1000}, loop::Ms{60'000}, loop::Ms{100}};
  Backoff cooldown{loop::Ms{120'000}, loop::Ms{300'000}, loop::Ms{60'000}};
  loop::Ms mute_after{0};       // grows while reconnecting does not help
  std::uint64_t token_number = 0;  // which token it was opened with
  std::int64_t opened_ms = 0;      // of the present connection
  std::int64_t last_tick_ms = 0;
  std::int64_t last_message_us = 0;  // UTC
  bool refused = false;  // for what it asks for; until the lists are read again
  bool mute = false;                 // opened anew for that, and no tick since
  std::string told;                  // why it is down, as said last
  struct Interruption {
    std::int64_t from_us;
    std::string reason;
  };
  std::optional<Interruption> interruption;  // since when nothing comes; not yet told

 private:
  struct Request {
    std::string text;
    std::ptrdiff_t change;  // of asked_for_
  };
  void ask(bool subscribe, const std::vector<Instrument>& instruments);
  void send_next();

  const dhan::Endpoint& endpoint_;
  TickKind mode_;
  net::WsClient client_;
  loop::Timer retry_;
  loop::Timer pace_;
  std::vector<Instrument> carried_;  // in the order of asking
  std::deque<Request> requests_;
  std::size_t asked_for_ = 0;
  bool busy_ = false;
  std::int64_t resumed_ms_ = 0;
};

}  // namespace ltp::feed

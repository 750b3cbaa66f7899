#pragma once

#include "base/backoff.hpp"
#include "dhan/disconnect.hpp"
#include "dhan/endpoint.hpp"
#include "intake.hpp"
#include "loop/loop.hpp"
#include "net/ws_client.hpp"
#include "output.hpp"
#include "tick/ndjson.hpp"
#include "watch_list.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ltp::feed {

/// One connection to the broker that is kept up, and the ticks that come over it.
///
/// Again    A lost connection is opened anew: after 1 s doubling to 60 s, after 60 s
///          doubling to 5 min when the broker said that we come too often. All
///          instruments are subscribed afresh each time; the broker forgets them.
/// Person   A refusal that only a person can lift (token, plan, client id, a request
///          that is wrong) ends the feed: on_refused, once, with the words to show.
/// Dead     Nothing for 40 s, pings included, is a dead connection: the broker pings
///          every 10 s.
/// Status   Each change of state is a feed_status line among the ticks, and while connected
///          there is one at least every 15 s.
class Feed {
 public:
  struct Settings {
    dhan::Endpoint endpoint;
    dhan::Credentials credentials;
    TickKind mode;
  };

  Feed(net::Context& context, Settings settings, const WatchList& watch, Output& output,
       std::function<void(std::string text)> on_refused);

  void start();
  /// Says good-bye to the broker; nothing comes after it.
  void stop();

 private:
  void connect();
  void on_open(std::string_view server);
  void on_message(std::span<const std::byte> message, bool binary);
  void on_disconnect_packet(std::uint16_t reason);
  void on_closed(const net::WsClosed& why);
  void check_pulse();

  /// The connection is gone: say so, then do what `move` asks.
  void go_down(dhan::NextMove move, const std::string& reason, std::optional<int> code);
  void write_status(std::string_view state, std::string_view reason, std::optional<int> code,
                    std::optional<Segment> market = std::nullopt);
  void tell_issues();

  Settings settings_;
  const WatchList& watch_;
  Output& output_;
  std::function<void(std::string)> on_refused_;

  net::WsClient client_;
  loop::Timer retry_;
  loop::Timer pulse_;
  Intake intake_;
  Backoff backoff_{Backoff::Ms{1000}, Backoff::Ms{60'000}};
  Backoff cooldown_{Backoff::Ms{120'000}, Backoff::Ms{300'000}};  // its least wait is half

  std::string line_;                     // scratch, kept for its memory
  std::int64_t opened_ms_ = 0;           // 0: not connected
  std::int64_t last_status_ms_ = 0;
  std::uint64_t reconnects_ = 0;
  std::string last_reason_;  // told last, so that a long outage is told once
  std::string told_;  // of odd things, last
  std::uint64_t told_merged_ = 0;
  std::int64_t told_ms_ = 0;
};

}  // namespace ltp::feed

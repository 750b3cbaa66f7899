#pragma once

#include "account/credentials.hpp"
#include "cli/exit_code.hpp"
#include "connection.hpp"
#include "dhan/disconnect.hpp"
#include "dhan/endpoint.hpp"
#include "first_ticks.hpp"
#include "intake.hpp"
#include "loop/loop.hpp"
#include "net/context.hpp"
#include "output.hpp"
#include "recorder.hpp"
#include "status_writer.hpp"
#include "tick/ndjson.hpp"
#include "tick/sessions.hpp"
#include "watch_list.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::feed {

/// The feed: as many connections as the instruments need, kept up, and the truth about
/// them among the ticks.
///
/// Again    A lost connection is opened anew, after up to 1 s doubling to 60 s. Told that
///          we come too often, none is opened for 60 s or more, up to 5 min.
/// Person   What only a person or a new token can lift is said once and shown in each
///          status; the feed lives on, and goes on when the token file holds another
///          token, or after reload().
/// Dead     Nothing for 40 s, pings included, is a dead connection.
/// Mute     No tick of a connection for `mute_after` while one of its markets is open is
///          a mute one: it is opened anew. As long as that does not help the time doubles,
///          up to 15 min, so that an unlisted holiday is no storm.
/// Status   A feed_status line on each change and every 10 s; a gap line after each
///          interruption.
class Feed {
 public:
  struct Settings {
    dhan::Endpoint endpoint;
    TickKind mode = TickKind::kQuote;
    Sessions hours;
    loop::Ms mute_after{60'000};
    std::optional<loop::Ms> require_first_tick;  // late ones end the feed
    std::uint64_t count = 0;                     // ticks to end after; 0: no end
    bool once = false;                           // the first lost connection ends the feed
    bool tell_status = true;
    Recorder* recorder = nullptr;  // gets each binary message before anybody reads it
  };
  /// `text` is for people, empty if nothing is wrong. Comes at most once, from the loop.
  using OnEnd = std::function<void(cli::ExitCode status, const std::string& text)>;

  Feed(net::Context& context, Settings settings, WatchList watch, account::CredentialSource& credentials,
       Output& output, OnEnd on_end);

  void start();
  /// Says good-bye to the broker; nothing comes after it.
  void stop();
  /// Subscribes the difference without opening anything anew, looks for a new token, and
  /// tries again what waits for a person.
  void reload(WatchList watch, Sessions hours);

  /// For the line on the terminal.
  struct Figures {
    std::string_view state;
    std::size_t open, wanted;
    std::uint64_t ticks, merged, reconnects;
    std::optional<std::int64_t> lag_ms;       // from trade to receipt, of the last tick
    std::optional<std::int64_t> tick_age_ms;  // of the last tick
  };
  Figures figures() const;

 private:
  // Connections
  void spread(const std::vector<Instrument>& fresh);
  std::unique_ptr<Connection> make_connection();
  void open_next();
  void try_open(Connection& connection);
  void on_open(Connection& connection, std::string_view server);
  void on_message(Connection& connection, std::span<const std::byte> message, bool binary);
  void on_goodbye(Connection& connection, const Intake::Goodbye& goodbye);
  void on_closed(Connection& connection, const net::WsClosed& why);
  struct Cause {
    dhan::NextMove move;
    std::string reason;
    std::optional<int> code;
  };
  void go_down(Connection& connection, Cause cause);
  void close_empty(std::size_t most);
  void refuse(Connection& refused, const Cause& cause);
  void take_new_token();

  // Watchdogs, once a second
  void check_pulse();
  void tell_open_markets(std::int64_t utc_s);
  void check_silence(Connection& connection, std::int64_t utc_s);
  std::optional<std::int64_t> open_for_s(const Connection& connection, std::int64_t utc_s) const;
  void check_first_ticks(std::int64_t utc_s);
  void tell_odd_things();
  void tell_missing_calendar(std::int64_t utc_s);

  // Status
  std::string_view state() const;
  ndjson::FeedStatus status(std::optional<Segment> market = std::nullopt) const;
  void show_state() { status_.show(status()); }
  void write_gap(Connection& connection, std::int64_t now_us);
  void end(cli::ExitCode status, const std::string& text);

  net::Context& context_;
  Settings settings_;
  WatchList watch_;
  account::CredentialSource& credentials_;
  Output& output_;
  OnEnd on_end_;
  Intake intake_;

  std::vector<std::unique_ptr<Connection>> connections_;
  loop::Timer opener_;  // one connection after the other
  loop::Timer pulse_;
  bool stopped_ = false;
  std::int64_t quiet_until_ms_ = 0;  // no connection is opened before
  bool refused_ = false;
  std::uint64_t token_number_ = 0;  // counts the tokens we had

  StatusWriter status_;
  std::int64_t last_tick_ms_ = 0;
  std::uint64_t reconnects_ = 0;

  FirstTicks awaited_;
  std::vector<Instrument> left_out_;  // the broker refused them by name
  std::string told_odd_;
  std::uint64_t told_merged_ = 0;
  std::int64_t told_ms_ = 0;
  int told_year_ = 0;
};

}  // namespace ltp::feed

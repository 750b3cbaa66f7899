#pragma once

#include "hub.hpp"
#include "redis/client.hpp"
#include "tick/line.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::serve {

/// Reads the prices that Redis keeps into the hub: after a start, and when the subscription
/// is back, for what was published in between.
///
/// Gentle  A SCAN step of a few hundred keys, then their values; the next step when the
///         answer is here. Redis is never kept busy for longer than one of them.
/// Newer   A price is not taken if a tick of its instrument has come since the start: that
///         is newer.
/// Honest  A kept line (`ltp-cache --store-line`) goes out as it is, with its own times. Of
///         a bare price the line says "source":"cache" and has no trade and no receive time:
///         how old it is nobody knows, but that the cache still held it.
class CacheFill {
 public:
  /// `on_done` gets the feed's heartbeat, if there is one. It is not called if Redis went
  /// away meanwhile: start anew then.
  using OnDone = std::function<void(std::optional<std::int64_t> heartbeat_us)>;

  CacheFill(redis::Client& client, Hub& hub, OnDone on_done);

  /// Precondition: the client is up. One that runs is given up.
  void start();
  void stop();

 private:
  void scan(std::string_view cursor);
  void on_keys(const redis::Reply& reply);
  void fetch(std::size_t from);
  void take(Instrument instrument, std::string_view price, std::string_view line);
  std::string line_of(Instrument instrument, std::string_view price) const;
  void ask_heartbeat();
  /// `then` with an answer that is no error, if it comes while this filling still runs.
  template <class Then>
  redis::Client::OnReply when_answered(Then then);

  redis::Client& client_;
  Hub& hub_;
  OnDone on_done_;
  line::Reader reader_;
  std::shared_ptr<int> run_;  // its life is the filling's
  std::uint64_t began_ = 0;   // the hub's version then
  std::string cursor_;
  std::vector<Instrument> found_;  // in this step
};

}  // namespace ltp::serve

#pragma once

#include "base/unique_fd.hpp"
#include "bench/fanout/ticks.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// How long it took from the tick's line to the client, in microseconds: exact to one below
/// a tenth of a second, to 1 ms above it.
class Delays {
 public:
  void add(std::int64_t us) noexcept;
  void add(const Delays& other) noexcept;
  std::int64_t at(double share) const noexcept;  // 0.99: the 99th percentile
  std::uint64_t count() const noexcept { return count_; }

 private:
  static constexpr std::int64_t kFine = 100'000, kCoarse_us = 1000, kCoarse = 60'000;
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(kFine + kCoarse);
  std::uint64_t count_ = 0;
};

/// Thousands of WebSocket clients in one thread. What each is given is counted, timed, and
/// held against what it has to be: ticks of TickLines in their order.
class Crowd {
 public:
  using Clock = std::chrono::steady_clock;

  struct How {
    std::uint16_t port = 0;
    std::function<std::string(std::size_t client)> path;
    std::string subprotocol;  // empty: none is offered
    std::string greeting;     // what to answer ActionCable's welcome
    std::string up_when;      // a client is up when such text has come; empty: by the handshake
    std::size_t tail = 0;     // bytes behind the line in its message
  };
  struct Client {
    ltp::UniqueFd fd;
    std::string rest;             // of a frame, or of the answer to the handshake
    std::uint64_t ticks = 0;      // that it has been given
    std::uint64_t next_n = 0;     // the number of the tick to come, if none is missing
    std::uint64_t conflated = 0;  // as the server tells
    bool shaken = false, up = false, asleep = false, wrong_way = false;
    Clock::time_point last_ping;
    std::vector<std::uint64_t> newest;  // n + 1 by instrument; if it is asked for
  };

  Crowd(const TickLines& lines, How how);

  /// Connects so many more, `at_once` of them at a time; false: not all were up in time.
  bool join(std::size_t count, std::size_t at_once, std::chrono::milliseconds patience);
  /// Reads what comes until `done` or until the time is up; false: it was.
  bool read_until(const std::function<bool()>& done, std::chrono::milliseconds patience);
  /// The first `count` take nothing, or take again.
  void sleep(std::size_t count);
  void wake();
  /// Every client keeps which tick of each instrument was its last.
  void keep_newest();

  std::vector<std::unique_ptr<Client>>& clients() noexcept { return clients_; }
  std::uint64_t ticks() const noexcept { return ticks_; }
  std::uint64_t missing() const noexcept { return missing_; }      // numbers that were skipped
  std::uint64_t backward() const noexcept { return backward_; }    // ticks after newer ones
  std::uint64_t conflated() const noexcept { return conflated_; }  // told as such
  std::size_t lost() const noexcept { return lost_; }              // connections
  Clock::time_point last_tick() const noexcept { return last_tick_; }
  Clock::duration longest_ping_gap() const noexcept { return longest_ping_gap_; }
  Delays& delays() noexcept { return delays_; }
  void count_anew();  // ticks and delays

 private:
  void start(std::size_t index);
  void take(Client& client);
  bool take_handshake(Client& client, std::string_view& bytes);
  std::size_t take_frame(Client& client, std::string_view bytes);
  void take_message(Client& client, std::string_view payload);
  void come_up(Client& client);
  void drop(Client& client);
  void send_frame(Client& client, unsigned char opcode, std::string_view payload);
  void watch(Client& client, int operation);

  const TickLines& lines_;
  const How how_;
  ltp::UniqueFd epoll_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<char> buffer_;
  std::int64_t now_us_ = 0;
  Clock::time_point now_;
  std::size_t up_ = 0, lost_ = 0;
  bool newest_ = false;
  std::uint64_t ticks_ = 0, missing_ = 0, backward_ = 0, conflated_ = 0;
  Clock::time_point last_tick_{};
  Clock::duration longest_ping_gap_{};
  Delays delays_;
};

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::serve {

/// Whether the prices that clients see are those of now, and if not, why: by what this
/// server hears of the feed, and by the state of the link on which it hears it.
///
/// Link     up, down, or up and the prices that were missed are still being read.
/// Silence  A feed says every 10 s that it lives. Without a word for kSilent it is taken
///          for dead; if it has never said a word of itself, only ticks, kSilentMute.
/// Pure     All times are microseconds on the wall clock, given.
class Liveness {
 public:
  static constexpr std::int64_t kSilent_us = 15'000'000;
  static constexpr std::int64_t kSilentMute_us = 60'000'000;

  /// The words of a feed_status, see ltp-tick(5). Live are "connected" and "partial".
  struct Verdict {
    bool live = false;
    std::string state;
    std::string reason;  // for people; empty: none
    bool silent = false;  // all that is wrong is that nothing has been heard

    friend bool operator==(const Verdict&, const Verdict&) = default;
  };

  /// There is a link, and it is not up yet.
  void link_starts();
  void link_down(std::string_view reason);  // of several reasons in a row the first counts
  void link_filling();
  void link_up();

  void heard_tick(std::int64_t now_us);
  void heard_status(std::string_view state, std::string_view reason, std::int64_t now_us);
  /// The feed's heartbeat in Redis is of this time.
  void heard_heartbeat(std::int64_t at_us);

  Verdict verdict(std::int64_t now_us) const;

  /// What clients have not been told yet: the verdict, if it differs from the last one.
  /// A feed_status of the feed itself they get as it is.
  std::optional<Verdict> news(std::int64_t now_us);

  /// When the feed last proved to be alive: by a tick, or by saying that it is connected.
  std::optional<std::int64_t> alive_us() const noexcept { return alive_us_; }
  std::optional<std::int64_t> last_tick_us() const noexcept { return last_tick_us_; }
  const std::string& feed_state() const noexcept { return state_; }
  const std::string& feed_reason() const noexcept { return reason_; }
  std::uint64_t links_lost() const noexcept { return links_lost_; }

 private:
  enum class Link { kUp, kFilling, kDown };

  Link link_ = Link::kUp;
  std::string link_reason_;
  std::uint64_t links_lost_ = 0;
  std::optional<std::int64_t> alive_us_, last_tick_us_, status_us_;
  std::string state_, reason_;            // the feed's last word
  std::optional<std::int64_t> first_us_;  // of the first news()
  std::optional<Verdict> told_;
};

/// The feed_status line by which this server tells its clients of a verdict. Its source is
/// "ltp-serve".
std::string status_line(const Liveness::Verdict& verdict, std::optional<std::int64_t> last_tick_us,
                        std::int64_t now_us);

}  // namespace ltp::serve

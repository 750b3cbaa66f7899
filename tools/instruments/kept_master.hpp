#pragma once

#include "base/fault.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "instruments/download.hpp"
#include "instruments/http_url.hpp"
#include "loop/loop.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace ltp::instruments {

/// Whether a master fetched at `fetched_s` still holds at `now_s`, both seconds since
/// 1970 UTC: nobody has passed 08:30 in India since. The broker makes it anew each
/// morning, and no market opens before 09:00.
bool is_current(std::int64_t fetched_s, std::int64_t now_s) noexcept;

/// Where it comes from and where it lies.
struct MasterPlace {
  HttpUrl url;
  std::string directory;  // absolute
  std::string file;       // the name in it; each URL has its own

  std::string path() const { return directory + "/" + file; }
};

/// DHANHQ_SCRIP_MASTER_URL, or the broker's; $XDG_CACHE_HOME/ltp, or ~/.cache/ltp.
/// StartError(kConfig) if neither is an absolute path, or the URL is none.
MasterPlace place_from_environment();

/// The instrument master in the cache, fetched when it is not of today.
///
/// Whole    A fetched file takes the place of the old one when it is complete, on disk,
///          and an instrument master with rows; in one step, so that a reader has the old
///          or the new.
/// Together One process fetches at a time; others wait and take what it brought.
/// Away     If fetching fails an older file is given, marked stale, up to seven days old.
class KeptMaster {
 public:
  struct Copy {
    std::string path;
    std::string stale;  // empty, or why nothing newer came: "… (connection refused)"
  };
  using Done = std::function<void(Result<Copy, StartError>)>;

  KeptMaster(loop::Loop& loop, MasterPlace place);

  /// `done` comes once, and may come from inside get(). Not to be called again before.
  void get(Done done);

 private:
  void take_turn();
  void fetch();
  void on_fetched(const std::string& fault);
  std::string install();
  void fail(const std::string& why);
  void end(Result<Copy, StartError> result);

  MasterPlace place_;
  Download download_;
  loop::Timer turn_;  // while another process holds the lock
  std::int64_t give_up_ms_ = 0;
  UniqueFd lock_;
  UniqueFd part_;
  Done done_;
};

}  // namespace ltp::instruments

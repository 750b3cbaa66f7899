#pragma once

#include "base/fault.hpp"
#include "base/result.hpp"
#include "instruments/entries.hpp"
#include "instruments/watch_list.hpp"
#include "loop/loop.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace ltp::instruments {

/// Where instruments are named.
struct Sources {
  std::vector<std::string> arguments;  // "NSE_EQ:2885", "RELIANCE"
  std::vector<std::string> files;      // of such, one a line; "-" is standard input
  std::string master;                  // the instrument master; empty: the kept one
  std::unordered_map<std::string, std::string> once;  // texts of what cannot be read twice
};

/// Reads to their ends those of the files that cannot be read again: standard input, pipes.
/// Throws StartError.
Sources sources(std::vector<std::string> arguments, std::vector<std::string> files,
                std::string master);

/// From what people write to a watch list. May be asked again and again, say after SIGHUP.
///
/// Master   That of Sources::master, or else, only if there are names, the kept one; it
///          gives names their ids and ids their symbols.
/// Loop     Fetching the master does not stop the loop. Looking names up does, for about a
///          tenth of a second.
class Reader {
 public:
  using Done = std::function<void(Result<WatchList, StartError>)>;

  explicit Reader(loop::Loop& loop);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// `done` comes once, and may come from inside read(); the Reader must not be destroyed
  /// in it, but may be asked again. Precondition: not busy.
  void read(const Sources& from, Done done);
  bool busy() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same before there is a loop. Throws the StartError.
WatchList read_watch_list(const Sources& from);

}  // namespace ltp::instruments

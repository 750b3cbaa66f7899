#pragma once

#include "instruments/entries.hpp"
#include "instruments/watch_list.hpp"

#include <string>
#include <string_view>

namespace ltp::instruments {

/// An instrument master that is at hand.
struct Master {
  std::string_view csv;
  std::string file;    // for messages
  bool stale = false;  // of another day: ids of derivatives may belong to others by now
};

/// What entries without names ask for.
WatchList without_master(const Entries& entries);

/// Looks the names up, and the symbols of instruments that were given without one.
///
/// Warns   of damaged rows.
/// Errors  StartError(kBadInput) if the file is no master, and for names that are unknown
///         or ambiguous: each with candidates as lines that a file could hold, the first
///         20 of them. StartError(kUnavailable) for names of derivatives in a stale file.
WatchList with_master(const Entries& entries, const Master& master);

}  // namespace ltp::instruments

#pragma once

#include "instruments/watch_list.hpp"

namespace ltp::feed {

using instruments::WatchList;

}  // namespace ltp::feed

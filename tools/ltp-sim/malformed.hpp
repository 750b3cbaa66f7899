#pragma once

#include "command.hpp"
#include "day.hpp"

#include <string>

namespace ltp::sim {

enum class Form { kBinary, kText, kRaw };  // kRaw: not even a WebSocket frame

struct BadMessage {
  std::string bytes;
  Form form = Form::kBinary;
};

/// A message that no client may trip over. Where it holds a price that a client may take
/// for one of `day`, it is the last one.
BadMessage make_malformed(Malformed kind, const Day& day, TickKind mode);

}  // namespace ltp::sim

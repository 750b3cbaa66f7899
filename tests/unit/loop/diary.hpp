#pragma once

#include "loop/stream.hpp"

#include <functional>
#include <string>
#include <string_view>

/// Writes down what a stream says, in order.
struct Diary {
  std::string story;  // "open closed: Connection refused drained "
  std::string data;
  std::function<void()> on_open = [] {};
  std::function<void()> on_data = [] {};
  std::function<void()> on_closed = [] {};

  ltp::loop::Stream::Events events() {
    return {.on_open =
                [this] {
                  story += "open ";
                  on_open();
                },
            .on_data =
                [this](std::string_view bytes) {
                  data += bytes;
                  on_data();
                },
            .on_closed =
                [this](const std::string& why) {
                  story += "closed: " + why + " ";
                  on_closed();
                },
            .on_drained = [this] { story += "drained "; }};
  }
};

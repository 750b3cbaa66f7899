#pragma once

#include "instruments/http_url.hpp"
#include "loop/loop.hpp"
#include "net/http_client.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace ltp::instruments {

/// No instrument master is longer; it has 30 MB.
inline constexpr std::size_t kMaxMaster = std::size_t{256} << 20;

/// Fetches one URL into an open file.
///
/// Redirects  up to three are followed, from https to https only.
/// Bounds     kMaxMaster bytes and two minutes, all redirects together.
/// Done       once, never from inside start(), with why it failed or "". What the file
///            holds after a failure is of no use.
class Download {
 public:
  using Done = std::function<void(std::string fault)>;

  explicit Download(loop::Loop& loop) : client_(loop) {}

  /// `fd` stays the caller's, and open until it is done.
  void start(const HttpUrl& url, int fd, Done done);

 private:
  void ask();
  void write(std::string_view bytes);
  void on_answer(const net::HttpAnswer& answer);
  void end(std::string fault);

  net::HttpClient client_;
  HttpUrl url_;
  int fd_ = -1;
  Done done_;
  int redirects_left_ = 0;
  std::int64_t deadline_ms_ = 0;
  int write_error_ = 0;  // errno of the first write that failed
};

}  // namespace ltp::instruments

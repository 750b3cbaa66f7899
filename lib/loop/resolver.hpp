#pragma once

#include "loop/loop.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ltp::loop {

/// Turns a host name into numeric addresses without blocking the loop. A numeric
/// address or "localhost" needs no network and no file.
class Resolver {
 public:
  /// On success `addresses` is not empty and `error` is; else the other way round.
  /// "Name or service not known"; "no answer within 5 s".
  using Done = std::function<void(std::vector<std::string> addresses, std::string error)>;

  explicit Resolver(Loop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// One question at a time; a new one, cancel() or the destructor forgets the old
  /// one, whose callback then never comes. `done` is never called from inside.
  void resolve(const std::string& host, Ms timeout, Done done);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop

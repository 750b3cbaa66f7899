#pragma once

#include "loop/loop.hpp"

#include <memory>

namespace ltp::net {

/// The libwebsockets context of a program, on the program's own loop. One per Loop;
/// made before, and gone after, everything else of this room.
///
/// Quiet   The library's own log is off at every level: it would print URLs, and the
///         broker's URL holds the token. What matters comes as events and errors.
/// Errors  Throws StartError (kBug or kIo) if the library cannot start, for instance
///         because its libuv plugin (package libwebsockets-evlib-uv) is missing.
class Context {
 public:
  explicit Context(loop::Loop& loop);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  loop::Loop& loop() noexcept;

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ltp::net

#pragma once

#include "loop/loop.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ltp::loop {

/// PEM files, read for each connection anew.
struct TlsOptions {
  std::string ca_file;    // whom to trust; empty: the system's authorities, or those that
                          // SSL_CERT_FILE and SSL_CERT_DIR name
  std::string cert_file;  // our own certificate and its chain; empty: we show none
  std::string key_file;   // …and its key, without a passphrase
};

/// Where to connect: a host and port, or a unix socket if `path` is set.
struct Target {
  std::string host;
  std::uint16_t port = 0;
  std::string path;
  std::optional<TlsOptions> tls;  // none: plain text
};

/// A client's byte stream over TCP, a unix socket, or TLS on either.
///
/// TLS     The server's certificate has to lead to a trusted authority, be of today and
///         be for `host`, a name or an IP address. on_open comes when all that is seen.
/// Order   open() → on_open → on_data… → on_closed, or open() → on_closed. on_closed
///         comes exactly once per open() unless close() is called first.
/// Errors  A sentence part: "Connection refused", "closed by the other side",
///         "no answer within 5 s", "its certificate is not good: certificate has expired",
///         "it does not speak TLS".
/// Again   After on_closed, also from inside it, open() may be called again.
class Stream {
 public:
  struct Events {
    std::function<void()> on_open;
    std::function<void(std::string_view bytes)> on_data;
    std::function<void(std::string reason)> on_closed;
    /// pending() has come down to 0 after a time when it was not.
    std::function<void()> on_drained;
  };

  Stream(Loop& loop, Events events);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Resolves and connects; each address of the host is tried in turn; the timeout
  /// covers all of it, TLS as well.
  void open(const Target& target, Ms timeout);

  /// Gives the bytes to the system now; what it does not take waits here. pending() is
  /// its size, as it goes over the wire.
  void write(std::string_view bytes);
  std::size_t pending() const noexcept;

  /// Closes at once and silently: no event comes any more.
  void close();
  bool is_open() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::loop

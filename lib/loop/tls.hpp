#pragma once

#include "base/result.hpp"
#include "loop/stream.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

/// For whoever carries TLS over a stream of bytes: Stream here, HttpClient in lib/net.
namespace ltp::loop {

/// The client's half of a TLS connection, without I/O: what the peer sent goes in, what
/// it is to get comes out.
///
/// Checks   The chain up to a trusted authority, the dates, and that the certificate is
///          for `host` (a name, also sent as SNI, or an IP address). TLS 1.2 or later.
/// Refuses  Renegotiation. Keys are renewed as TLS 1.3 does it.
class Tls {
 public:
  enum class State {
    kShaking,  // nothing may be written yet
    kOpen,
    kEnded,  // the peer has said that no more comes
    kBroken  // see fault()
  };

  /// The files are read anew each time: a renewed certificate counts from the next
  /// connection on. The error is a sentence part: "cannot use the CA file ca.pem: No such
  /// file or directory".
  static Result<std::unique_ptr<Tls>, std::string> make(const TlsOptions& options,
                                                        const std::string& host);
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  State state() const noexcept;
  /// "its certificate is not good: certificate has expired".
  const std::string& fault() const noexcept;

  /// Takes what the peer has sent. In the beginning with nothing, to greet it.
  void feed(std::string_view sealed);
  /// How much of it was put into `plain`; 0: there is no more now.
  std::size_t read(std::span<char> plain);
  /// Precondition: kOpen.
  void write(std::string_view plain);
  /// Says that we shall send no more.
  void end();

  /// What the peer is to get, until it is taken.
  std::string_view sealed() const noexcept;
  void take_sealed() noexcept;

 private:
  struct Impl;
  explicit Tls(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ltp::loop

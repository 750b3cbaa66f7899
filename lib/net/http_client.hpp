#pragma once

#include "base/result.hpp"
#include "loop/loop.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ltp::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  // name, value

/// What is asked of a server. Host, Content-Length, Connection and Accept-Encoding (none)
/// are added. `resource`, `headers` and `body` may hold secrets: they stand in no text of
/// this room.
struct HttpRequest {
  std::string method = "GET";
  bool tls = false;
  std::string host;            // also the name that the certificate must have
  std::uint16_t port = 0;      // 0: 443 with TLS, else 80
  std::string resource = "/";  // path and query
  std::string ca_file;         // PEM; empty: the system's authorities
  HttpHeaders headers;
  std::string body;
  std::size_t max_body = 1 << 20;  // of the answer; a longer one is a fault
};

/// An answer, whatever its status.
struct HttpAnswer {
  int status = 0;
  std::string body;     // whole
  HttpHeaders headers;  // names in lower case, as they came otherwise

  /// The first header of that name, which is in lower case; empty if there is none.
  std::string_view header(std::string_view name) const noexcept;
};

/// Why there is no answer.
struct HttpFault {
  enum class Kind : std::uint8_t {
    kResolve,   // the name has no address
    kConnect,   // refused, unreachable
    kTls,       // certificate or handshake; the text names what is wrong
    kProtocol,  // what came is not HTTP/1, or not as it says it is
    kLost,      // the connection broke before the answer was whole
    kTimeout,   // not done in time
    kTooLarge,  // a body of more than max_body
  };
  Kind kind;
  std::string text;  // a sentence part for a person; holds no secret
};

/// Asks HTTP/1.1 servers, one request at a time, each over a connection of its own.
///
/// Once       `done` comes exactly once per ask(), never from inside it, and not at all
///            after cancel() or the destructor. Both may be called at any moment, as may
///            ask() from inside `done`.
/// Time       `timeout` covers everything: name, connection, TLS, request, whole answer.
/// Whole      A body shorter than its Content-Length, cut inside its chunks, or ended
///            over TLS without TLS saying so, is a fault and never a short answer.
/// Redirects  are answers like others: whether the headers may go to where `location`
///            points is for the caller to say.
/// Parts      With `on_part` the body of an answer of status 200 goes there piece by
///            piece, as it comes, and HttpAnswer::body stays empty; it may be followed by
///            a fault. Bodies of other statuses are texts for people, and come in `body`
///            as without it, with at most 1 MiB.
class HttpClient {
 public:
  using Done = std::function<void(Result<HttpAnswer, HttpFault>)>;
  using Part = std::function<void(std::string_view bytes)>;

  explicit HttpClient(loop::Loop& loop);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Precondition: not busy. A request whose parts hold what would end them, say a token
  /// with a line end, is not sent: kProtocol.
  void ask(HttpRequest request, loop::Ms timeout, Done done, Part on_part = {});
  void cancel();
  bool busy() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ltp::net

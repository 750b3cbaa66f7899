#pragma once

#include "base/unique_fd.hpp"
#include "loop/loop.hpp"
#include "net/context_impl.hpp"
#include "net/doorman.hpp"
#include "net/server.hpp"

#include <libwebsockets.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Inside lib/net only: what stands behind Server.
namespace ltp::net {

class BriefConnection;
class Connection;

/// A request. Copied: the library drops its own early. It is there until the handler has seen
/// it, as there are thousands of connections.
struct Asked {
  std::string method, path, query, host, origin, content_type, accept, offered, body;
};

struct ServerCore {
  ServerCore(Context::Impl& context, ServerOptions options, ServerHandler& handler);
  ~ServerCore();

  void accept(UniqueFd fd, std::string peer);
  lws_vhost* make_vhost();
  /// Gives it to libwebsockets, with whatever has come on it and was not read.
  void adopt(UniqueFd fd, std::string peer);
  void left(Connection& connection);
  void answer_soon(Connection& connection);
  void write_answers();
  void look_after_silent();
  /// A steady clock that stands still while this process does: a halt of ours, a debugger's or
  /// a laptop's, is no silence of a client, whose words are read after it.
  std::int64_t awake_ms() const;
  /// `headers` with the date of now.
  std::string_view headers_now();
  bool has_tls() const noexcept { return !options.tls_cert_file.empty(); }

  Context::Impl& context;
  ServerOptions options;
  ServerHandler& handler;
  Doorman doorman;
  std::string headers;          // of each answer, as they go out; the date is the last
  std::size_t before_date = 0;  // of headers
  std::int64_t date_s = -1;     // that stands there
  lws_vhost* vhost = nullptr;
  std::list<BriefConnection> briefs;     // each leaves when it is closed, or adopted
  std::array<char, 64 << 10> peeked;     // what has come on one of them
  std::vector<Connection*> connections;  // owned; each leaves when it is closed
  std::size_t peers = 0;                 // of them those that are WebSockets
  bool leaving = false;                  // no connection gets a second answer
  std::unique_ptr<Asked> spare;          // to be filled again
  std::string scratch;                   // for a part of a query
  std::vector<Connection*> answers;      // with an answer to write; null: gone
  std::int64_t slices;                   // of all connections, looked at one after the other
  std::size_t next_check = 0;            // of the connections
  std::int64_t looked_ms = 0;            // when they were looked at, on the steady clock
  std::int64_t halted_ms = 0;            // what awake_ms() leaves out of it
  loop::Timer idle_check;                // while there are any
  std::shared_ptr<const int> alive = std::make_shared<const int>(0);
};

}  // namespace ltp::net

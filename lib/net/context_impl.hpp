#pragma once

#include "net/context.hpp"

#include <libwebsockets.h>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Inside lib/net only.
namespace ltp::net {

struct Context::Impl {
  explicit Impl(loop::Loop& loop);
  ~Impl();

  /// The virtual host that clients with this authority file use; empty: the system's.
  lws_vhost* client_vhost(const std::string& ca_file);

  /// After calls that arm a timer of the library or change what it waits for.
  void wake() { lws_cancel_service(context); }

  /// Closes a socket, whatever its state and whatever it still holds, in the next turn of
  /// the loop. Whoever hung on it is told no more.
  void drop(lws* socket);

  /// Bytes of a decoded path, or of one parameter of a query; the library passes over what is
  /// more, so that as much may be less than was asked. A thousand of the longest keys fit.
  static constexpr unsigned short kLongestUrlPart = 26'000;

  /// The library chooses a subprotocol by looking for each name that a client offers in a
  /// table made with the server, and answers with the name it has found there. Our table
  /// has one name, which can be changed between the one and the other: it is all servers'
  /// on purpose, as the library also looks into the tables of other servers than the one
  /// that was asked.
  static constexpr std::size_t kLongestSubprotocol = 63;
  void set_subprotocol(std::string_view name);
  const lws_protocols* server_protocols() const noexcept { return server_protocols_.data(); }

  loop::Loop& loop;
  lws_context* context = nullptr;
  std::unique_ptr<loop::BeforeSleep> before_sleep;
  std::map<std::string, lws_vhost*> client_vhosts;
  /// Tables that the library reads until the context is gone.
  std::vector<std::shared_ptr<void>> tables;

 private:
  std::array<char, kLongestSubprotocol + 1> subprotocol_{};
  std::array<lws_protocols, 3> server_protocols_{};
  lws_token_limits token_limits_{};
};

/// What hangs on a socket of the library, client or server. One kind, because the library
/// asks the callback of whatever virtual host is first about any client's certificate.
class SocketOwner {
 public:
  virtual ~SocketOwner() = default;
  /// The library's return value: 0 to go on. May delete this.
  virtual int on_event(lws* wsi, lws_callback_reasons reason, void* in, std::size_t size) = 0;
  /// The peer's certificate is not good; the connection's end follows.
  virtual void on_bad_certificate(const std::string&) {}
};

/// The callback of every protocol of ours. The library keeps no type: what is set as
/// opaque user data has to be a SocketOwner*.
int socket_callback(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);

}  // namespace ltp::net

#pragma once

#include "base/unique_fd.hpp"
#include "loop/socket_watch.hpp"
#include "net/exchange.hpp"
#include "net/plain_request.hpp"
#include "net/server_core.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

/// Inside lib/net only.
namespace ltp::net {

/// A connection without TLS for as long as all that is asked on it is brief: a plain request, and
/// an answer that goes out as a whole. With anything else it becomes a Connection, for good:
/// nothing is taken from the socket before it is known who reads it.
///
/// Pieces  A request that comes in several is waited for in the kernel (SO_RCVLOWAT), for
///         kComes at least, if it will fit into what is looked at. On a unix socket, where it
///         comes whole or from somebody odd, it is not.
class BriefConnection : public Answerer {
 public:
  using Place = std::list<BriefConnection>::iterator;

  BriefConnection(ServerCore& core, UniqueFd fd, std::string peer);
  ~BriefConnection();

  /// Looks for what the client wants. `place` is where this stands in the core's list; its
  /// place goes, and this with it, whenever this is over.
  void begin(Place place);
  /// Hangs up if its client has neither asked nor taken anything for too long.
  void check(std::int64_t now_ms);

  bool is_busy() const noexcept { return state_ != State::kListening; }

  void answer(const Response& response) override;
  StreamPeer* stream(const Response& head) override;

 private:
  static constexpr loop::Ms kComes{10'000};

  enum class State : std::uint8_t { kListening, kAnswering, kWriting };

  void on_ready();
  void read_request();
  void skip_line_ends(std::string_view bytes);
  void await_more(std::size_t there, std::size_t wanted);
  void want_at_least(std::size_t bytes);
  void refuse(std::string text);
  void serve(const PlainRequest& plain, const Request& request);
  void look_at_client();
  void write();
  void await_room();
  void hand_over();
  void leave();

  ServerCore& core_;
  UniqueFd fd_;
  std::string address_;
  Place place_;
  loop::SocketWatch watch_;
  State state_ = State::kListening;
  std::int64_t since_ms_;  // it waits for a request, or its rest, or for the client to read
  std::size_t part_ = 0;   // of a request, that has come
  std::weak_ptr<Responder::State> exchange_;
  Headers headers_;  // that the handler wants in the answer
  std::string answer_;
  std::string_view left_;  // what of it is not written
  bool head_only_ = false;
  bool closes_ = false;
  bool over_ = false;  // but the call that would destroy this has come from its inside
  bool inside_ = false;
};

}  // namespace ltp::net

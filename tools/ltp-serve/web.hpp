#pragma once

#include "admission.hpp"
#include "beats.hpp"
#include "hub.hpp"
#include "intake.hpp"
#include "loop/loop.hpp"
#include "net/server.hpp"
#include "prices_route.hpp"
#include "prices_source.hpp"
#include "session.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ltp::serve {

/// What a browser meets: routes, WebSocket sessions and their sign of life.
class Web : public net::ServerHandler {
 public:
  /// All that is given outlives it; admission and limits may change meanwhile.
  Web(loop::Loop& loop, Hub& hub, const Intake& intake, PricesSource& source,
      const Admission& admission, const Limits& limits);

  void on_request(const net::Request& request, net::Responder respond) override;
  bool is_brief(const net::Request& request) override;
  net::Headers headers_for(const net::Request& request) override;
  net::UpgradeAnswer on_upgrade(const net::Request& request) override;
  void on_open(net::WsPeer& peer, const net::Request& request) override;
  void on_message(net::WsPeer& peer, std::string_view message, bool binary) override;
  void on_writable(net::WsPeer& peer) override;
  void on_pong(net::WsPeer&) override {}
  void on_close(net::WsPeer& peer, int code) override;
  void on_stream_writable(net::StreamPeer& peer) override;
  void on_stream_close(net::StreamPeer& peer) override;

  /// Says good-bye to that many clients; each leaves in its own time. No signs of life come
  /// any more.
  void go_away(std::size_t count);
  /// Sends the signs of life that are due: to be called by who keeps the loop busy.
  void keep_time();
  std::size_t clients() const noexcept { return clients_; }

 private:
  void add(Client& client);
  void remove(Client& client);
  void answer_file(const net::Request& request, const net::Responder& respond);
  std::optional<std::int64_t> token_of(const net::Request& request, const net::Responder& respond);
  void answer_probe(std::string_view path, const net::Responder& respond);
  void answer_health(const net::Responder& respond);
  void answer_search(const net::Request& request, const net::Responder& respond);

  Hub& hub_;
  const Intake& intake_;
  PricesSource& source_;
  PricesRoute prices_;
  const Admission& admission_;
  KeptSessions kept_;
  const Shared shared_;  // by all sessions
  Beats beats_;
  loop::Timer beat_;
  std::array<std::vector<Client*>, Beats::kGroups> groups_;
  std::size_t clients_ = 0;
};

/// The headers on every HTTP answer of ours.
std::vector<std::pair<std::string, std::string>> security_headers();

}  // namespace ltp::serve

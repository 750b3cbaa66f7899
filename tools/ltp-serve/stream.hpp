#pragma once

#include "client.hpp"

#include <memory>
#include <string_view>

namespace ltp::serve {

inline constexpr std::string_view kStreamPath = "/api/v1/stream";

/// A client of GET /api/v1/stream: lines over plain HTTP, for what has no WebSocket.
///
/// Form   Server-sent events if the request accepts text/event-stream, else one JSON
///        object a line (NDJSON).
/// Again  Every answer begins with the latest line of each instrument, so a client that
///        comes back, with Last-Event-ID or without, misses nothing but middle prices.
/// Life   A comment, or a line of type heartbeat, every kBeats beats.
class Stream : public Client {
 public:
  static constexpr int kBeats = 5;
  enum class Form { kEvents, kLines };

  Stream(const Shared& shared, net::StreamPeer& peer, Form form, const Filter& filter,
         double max_hz);

 private:
  void on_drained() override;
  void on_beat(std::int64_t unix_s) override;
  void on_close(int code, std::string_view reason, bool come_back) override;

  net::StreamPeer& peer_;
  const Form form_;
  int beats_ = 0;
  std::unique_ptr<Subscription> subscription_;
};

/// Answers the request: with a stream, whose client is its peer's owner, or with what is
/// wrong and no client. The client goes when its peer does (on_stream_close).
std::unique_ptr<Client> open_stream(const Shared& shared, const net::Request& request,
                                    const net::Responder& respond);

}  // namespace ltp::serve

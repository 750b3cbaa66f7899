#include "net/exchange.hpp"

#include <utility>

namespace ltp::net {

Responder::State::~State() {
  if (connection != nullptr)
    connection->answer({.status = 500, .content_type = "text/plain", .body = "no answer"});
}

void Responder::send(const Response& response) const {
  if (auto* connection = std::exchange(state_->connection, nullptr)) connection->answer(response);
}

StreamPeer* Responder::stream(const Response& head) const {
  auto* connection = std::exchange(state_->connection, nullptr);
  return connection == nullptr ? nullptr : connection->stream(head);
}

bool Responder::gone() const noexcept {
  return state_->connection == nullptr;
}

}  // namespace ltp::net

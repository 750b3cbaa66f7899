#pragma once

#include "net/server.hpp"

/// Inside lib/net only.
namespace ltp::net {

/// A connection with a request that waits for its answer.
class Answerer {
 public:
  virtual void answer(const Response& response) = 0;
  virtual StreamPeer* stream(const Response& head) = 0;

 protected:
  ~Answerer() = default;
};

/// One request and its answer to be, shared with the Responders.
struct Responder::State {
  explicit State(Answerer* owner) : connection(owner) {}
  ~State();
  Answerer* connection;  // null: answered, or the client has gone
};

}  // namespace ltp::net

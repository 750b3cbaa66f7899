#pragma once

#include "plain.hpp"
#include "session.hpp"

namespace ltp::serve {

/// A client of /ws. What it wants stands in its URL and in the messages that it sends.
class PlainSession : public Session {
 public:
  PlainSession(const Shared& shared, net::WsPeer& peer, const net::Request& request);

 private:
  void on_text(std::string_view text) override;
  void on_drained() override;
  void apply(const plain::Ask& ask);

  std::unique_ptr<Subscription> subscription_;
};

}  // namespace ltp::serve

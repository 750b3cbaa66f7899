#pragma once

#include "actioncable.hpp"
#include "session.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::serve {

/// A client of /cable, one subscription for each identifier.
///
/// Extended  For a client that asked for AnyCable's protocol. The stream of an identifier
///           has the hub's version as its offset. Who comes back with its session's id has
///           its subscriptions again; of each, what moved since the place it names in its
///           history command comes, the latest of each instrument and not every price.
///           Without a place of this run it is the latest of everything, and so it is for
///           who says nothing until the next beat.
class CableSession : public Session {
 public:
  CableSession(const Shared& shared, net::WsPeer& peer, const net::Request& request);
  ~CableSession() override;

 private:
  struct Channel {
    std::string identifier;
    std::unique_ptr<Subscription> subscription;
    std::unique_ptr<Filter> waiting;  // what is wanted once it is said since when
    bool history_due = false;         // to be confirmed when all is out
  };

  void on_text(std::string_view text) override;
  void on_drained() override;
  void on_beat(std::int64_t unix_s) override;
  void say_good_bye(std::string_view reason, bool come_back) override;

  void greet(const net::Request& request);
  void keep();
  void give_up();
  void subscribe(const actioncable::Subscribe& command);
  void unsubscribe(const std::string& identifier);
  void tell_history(const actioncable::History& command);
  Channel* find(const std::string& identifier);
  Channel* add(const std::string& identifier);  // it waits
  void start(Channel& channel, const std::vector<actioncable::Position>& heard);
  void flush(Channel& channel);
  std::uint64_t since(std::string_view identifier, const Filter& filter,
                      const std::vector<actioncable::Position>& heard) const;

  std::vector<Channel> channels_;
  std::unique_ptr<std::string> id_;  // extended; there are thousands of others
  std::uint32_t next_ = 0;           // the channel that is served first when the socket takes again
  const bool extended_;
  bool beat_due_ = false;
};

}  // namespace ltp::serve

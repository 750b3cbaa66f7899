#include "redis/subscriber.hpp"

#include "redis/link.hpp"

#include <utility>

namespace ltp::redis {

struct Subscriber::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(Events given) : events(std::move(given)) {}

  void on_up() {
    pinged = false;
    if (events.on_up) events.on_up();
  }
  void on_down(const std::string& reason, loop::Ms retry_in) {
    if (events.on_down) events.on_down(reason, retry_in);
  }

  void on_reply(const Reply& reply) {
    link->expect_nothing();
    if (reply.is_error()) {
      // A user without the right to PING gives a sign of life by the refusal.
      if (!std::exchange(pinged, false) || !does_no_harm(reply.text)) link->lose(reply);
      return;
    }
    const auto& parts = reply.elements;
    if (parts.size() != 3 || parts[0].text != "message") return;  // a pong, or the like
    has_come = true;
    events.on_message(parts[2].text);
  }

  void on_dry() {
    if (std::exchange(has_come, false) && events.on_dry) events.on_dry();
  }

  void on_quiet() {
    pinged = true;
    static constexpr std::string_view kPing[] = {"PING"};
    std::string out;
    append_command(out, kPing);
    link->send(out);
  }

  Events events;
  std::shared_ptr<Link> link;
  bool has_come = false;  // a message since the last dry
  bool pinged = false;    // and not yet refused
};

Subscriber::Subscriber(loop::Loop& loop, Address address, std::string client_name,
                       std::string channel, Events events, const Limits& limits)
    : impl_(std::make_shared<Impl>(std::move(events))) {
  // An event may end in our destructor: what it runs in is held until it returns.
  const auto held = [impl = impl_.get()] { return impl->shared_from_this(); };
  impl_->link = std::make_shared<Link>(
      loop, std::move(address), std::move(client_name),
      Link::Greeting{{"SUBSCRIBE", std::move(channel)}}, limits,
      Link::Events{.on_up = [held] { held()->on_up(); },
                   .on_reply = [held](const Reply& reply) { held()->on_reply(reply); },
                   .on_dry = [held] { held()->on_dry(); },
                   .on_quiet = [held] { held()->on_quiet(); },
                   .on_down = [held](const std::string& reason,
                                     loop::Ms retry_in) { held()->on_down(reason, retry_in); },
                   .on_drained = [] {}});
}

Subscriber::~Subscriber() {
  stop();
}

void Subscriber::start() {
  impl_->link->start();
}
void Subscriber::stop() {
  impl_->link->stop();
}
bool Subscriber::up() const noexcept {
  return impl_->link->up();
}

}  // namespace ltp::redis

#include "pub_filter.hpp"

#include "filter/outbox.hpp"
#include "tick/keys.hpp"

namespace ltp::pub {

void PubFilter::take(const line::Line& line, std::string_view text, filter::Outbox& outbox) {
  if (const auto* tick = std::get_if<line::TickLine>(&line)) {
    outbox.put(tick->instrument, text);
  } else if (std::holds_alternative<line::StatusLine>(line)) {
    outbox.put_status(text);
  } else {
    words_ = {"PUBLISH", keys::kUpdatesChannel, text};
    outbox.offer(words_, filter::Outbox::Loss::kCounted);
  }
}

filter::Command PubFilter::compose(const filter::Item& item) {
  words_ = {"PUBLISH", keys::kUpdatesChannel, item.text};
  return words_;
}

}  // namespace ltp::pub

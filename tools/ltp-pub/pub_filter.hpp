#pragma once

#include "filter/filter.hpp"

#include <array>
#include <string_view>

namespace ltp::pub {

/// Makes `PUBLISH live_ltp_updates line` of each line that is a JSON object: ticks, the
/// feed's word about itself, and whatever else a reader may know.
class PubFilter : public filter::Filter {
 public:
  void take(const line::Line& line, std::string_view text, filter::Outbox& outbox) override;
  filter::Command compose(const filter::Item& item) override;

 private:
  std::array<std::string_view, 3> words_;
};

}  // namespace ltp::pub

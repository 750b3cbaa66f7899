#include "catalogue.hpp"

#include "dice.hpp"

#include <cmath>

namespace ltp::sim {
namespace {

struct Known {
  std::string_view symbol;
  Instrument instrument;
  double base_price;
};

constexpr Known kKnown[] = {
    {"NIFTY", {Segment::kIdxI, 13}, 24850},
    {"BANKNIFTY", {Segment::kIdxI, 25}, 51800},
    {"SENSEX", {Segment::kIdxI, 51}, 81230},
    {"RELIANCE", {Segment::kNseEq, 2885}, 1393.4},
    {"TCS", {Segment::kNseEq, 11536}, 3021},
    {"HDFCBANK", {Segment::kNseEq, 1333}, 1642.55},
    {"INFY", {Segment::kNseEq, 1594}, 1533.2},
    {"JUNIORBEES", {Segment::kNseEq, 10939}, 290},
    {"YESBANK", {Segment::kNseEq, 11915}, 92.5},
    {"RELIANCE", {Segment::kBseEq, 500325}, 1393.6},
    {"USDINR", {Segment::kNseCurrency, 10093}, 83.25},
    {"CRUDEOIL", {Segment::kMcxComm, 435697}, 5630},
};

double tick_size(Segment segment) noexcept {
  switch (segment) {
    case Segment::kNseCurrency:
    case Segment::kBseCurrency: return 0.0025;
    case Segment::kMcxComm: return 1;
    default: return 0.05;
  }
}

double made_up_price(Instrument instrument, std::uint32_t seed) {
  if (instrument.segment == Segment::kNseCurrency || instrument.segment == Segment::kBseCurrency)
    return 83.25;
  // From 50 to 5,000 rupees, more of them cheap than dear.
  return std::round(50 * std::pow(100.0, Dice(seed, instrument).below(1000) / 1000.0));
}

}  // namespace

std::optional<Listing> find_listing(Instrument instrument, std::uint32_t seed) {
  if (instrument.security_id >= kUnknownIds) return std::nullopt;
  const auto segment = instrument.segment;
  Listing listing{.base_price = 0,
                  .tick_size = tick_size(segment),
                  .is_index = segment == Segment::kIdxI,
                  .has_open_interest = segment != Segment::kIdxI && segment != Segment::kNseEq &&
                                       segment != Segment::kBseEq};
  for (const auto& known : kKnown)
    if (known.instrument == instrument) listing.base_price = known.base_price;
  if (listing.base_price == 0) listing.base_price = made_up_price(instrument, seed);
  return listing;
}

std::optional<Instrument> find_symbol(std::string_view symbol) {
  for (const auto& known : kKnown)
    if (known.symbol == symbol) return known.instrument;
  return std::nullopt;
}

}  // namespace ltp::sim

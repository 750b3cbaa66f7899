#pragma once

#include "dhan/scrip_master.hpp"

#include <string_view>
#include <vector>

/// What somebody may have meant with a name that is unknown.
namespace ltp::dhan {

Listing to_listing(const MasterRow& row);

/// Takes every row, keeps the NoMatch::kMaxCandidates likeliest: first what is called so
/// elsewhere, then symbols one slip of the finger away, then those of which one opens the
/// other, then names of companies that open so; of each kind what stands where the name
/// was looked for first, and shorter symbols first.
class Near {
 public:
  explicit Near(const Name& name) : name_(name) {}

  void offer(const MasterRow& row);
  std::vector<Listing> take();

 private:
  struct Candidate {
    unsigned rank;
    Listing listing;
    bool operator<(const Candidate& other) const noexcept;
  };

  unsigned rank(const MasterRow& row) const noexcept;

  Name name_;
  std::vector<Candidate> best_;  // sorted
};

/// One letter more, less, other, or two neighbours swapped; the case does not matter.
bool one_slip_apart(std::string_view a, std::string_view b) noexcept;

}  // namespace ltp::dhan

#include "kept_sessions.hpp"

#include <random>
#include <utility>

namespace ltp::serve {
namespace {

std::string random_hex(int words) {
  std::random_device random;
  std::string out;
  for (int i = 0; i < words; ++i) {
    const auto word = random();
    for (unsigned shift = 0; shift < 32; shift += 4)
      out.push_back("0123456789abcdef"[word >> shift & 15]);
  }
  return out;
}

}  // namespace

KeptSessions::KeptSessions() : epoch_(random_hex(1)) {}

std::string KeptSessions::new_id() {
  return random_hex(4);
}

void KeptSessions::open(const std::string& id, std::function<void()> give_up) {
  open_.insert_or_assign(id, std::move(give_up));
}

void KeptSessions::close(const std::string& id) {
  open_.erase(id);
}

void KeptSessions::keep(std::string id, std::vector<std::string> identifiers, std::int64_t now_ms) {
  constexpr std::size_t kOverhead = 200;
  std::size_t bytes = kOverhead + id.size();
  for (const auto& identifier : identifiers) bytes += sizeof identifier + identifier.size();
  if (const auto known = by_id_.find(id); known != by_id_.end()) drop(known->second);
  by_age_.push_back({std::move(id), std::move(identifiers), now_ms + kLife_ms, bytes});
  by_id_[by_age_.back().id] = std::prev(by_age_.end());
  bytes_ += bytes;
  while (!by_age_.empty() && (bytes_ > kBytes || by_age_.front().until_ms <= now_ms))
    drop(by_age_.begin());
}

std::optional<std::vector<std::string>> KeptSessions::take(const std::string& id,
                                                           std::int64_t now_ms) {
  if (const auto living = open_.find(id); living != open_.end()) {
    const auto give_up = std::move(living->second);
    open_.erase(living);
    give_up();
  }
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  const auto kept = found->second;
  std::optional<std::vector<std::string>> identifiers;
  if (kept->until_ms > now_ms) identifiers = std::move(kept->identifiers);
  drop(kept);
  return identifiers;
}

void KeptSessions::drop(std::list<Kept>::iterator kept) {
  bytes_ -= kept->bytes;
  by_id_.erase(kept->id);
  by_age_.erase(kept);
}

}  // namespace ltp::serve

#include "dhan/name_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace ltp::dhan {
namespace {

/// Eight bytes at a time with bit 5 cleared, which folds letters. That it also throws some
/// other characters together costs a comparison now and then, nothing more.
std::uint64_t folded_hash(std::string_view text) noexcept {
  constexpr std::uint64_t kNoBit5 = 0xdfdfdfdfdfdfdfdfu;
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15u;
  std::uint64_t hash = text.size() * kOdd;
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ (word & kNoBit5)) * kOdd;
    hash ^= hash >> 32;
  };
  for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    mix(word);
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, text.data(), text.size());
  mix(tail);
  return hash;
}

}  // namespace

char fold(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool same_folded(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return fold(x) == fold(y); });
}

NameTable::NameTable(std::size_t most) : slots_(std::bit_ceil(4 * most + 4), kNone) {}

/// Where it stands, or where it would.
std::size_t NameTable::slot_of(std::string_view symbol) const noexcept {
  const auto mask = slots_.size() - 1;
  auto slot = static_cast<std::size_t>(folded_hash(symbol)) & mask;
  while (slots_[slot] != kNone && !same_folded(symbols_[slots_[slot]], symbol))
    slot = (slot + 1) & mask;
  return slot;
}

std::uint32_t NameTable::add(std::string_view symbol) {
  auto& slot = slots_[slot_of(symbol)];
  if (slot == kNone) {
    assert(symbols_.size() * 4 < slots_.size());
    slot = static_cast<std::uint32_t>(symbols_.size());
    symbols_.emplace_back(symbol);
  }
  return slot;
}

std::uint32_t NameTable::find(std::string_view symbol) const noexcept {
  return slots_[slot_of(symbol)];
}

}  // namespace ltp::dhan

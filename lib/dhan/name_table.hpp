#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A hash table of symbols, without regard to the case of ASCII letters, made for asking
/// it 400,000 times for what is not in it.
namespace ltp::dhan {

char fold(char c) noexcept;
bool same_folded(std::string_view a, std::string_view b) noexcept;

class NameTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  /// Room for this many; more must not be added.
  explicit NameTable(std::size_t most);

  /// The number of `symbol`, from 0 in the order of adding.
  std::uint32_t add(std::string_view symbol);
  /// kNone if it was not added.
  std::uint32_t find(std::string_view symbol) const noexcept;

 private:
  std::size_t slot_of(std::string_view symbol) const noexcept;

  std::vector<std::uint32_t> slots_;  // numbers; a power of two, at most a quarter in use
  std::vector<std::string> symbols_;
};

}  // namespace ltp::dhan

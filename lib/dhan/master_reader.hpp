#pragma once

#include "base/result.hpp"
#include "tick/segment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The broker's instrument master, row by row: its columns are known here only.
///
/// File     CSV, compact or detailed, told apart by the names in its first line; columns
///          are found by name, unknown ones passed over. A byte-order mark, CR LF, quoted
///          fields with commas and doubled quotes, and blanks round a field are all right.
/// Row      ends at the line's end, whatever its quotes say: a quote that is never closed
///          costs its own row and not the rest of the file.
/// Damaged  is a row that ends before its columns, leaves a quote open, has no symbol or
///          one of more than kMaxSymbol bytes, or an id that is no whole number of 32 bits
///          above 0 (written 2885 or 2885.0). It is counted and passed over.
/// Passed   over without a word are segments that the feed does not carry.
/// Source   DhanHQ's api-scrip-master.csv and api-scrip-master-detailed.csv.
namespace ltp::dhan {

enum class Exchange : std::uint8_t { kNse, kBse, kMcx };

inline constexpr std::size_t kMaxSymbol = 64;

/// One row. The views hold until the next call of next().
struct MasterRow {
  Exchange exchange;
  Segment segment;
  std::uint32_t security_id;
  std::string_view symbol;   // "RELIANCE", "NIFTY-Dec2026-FUT"
  std::string_view display;  // "Reliance Industries", "NIFTY DEC FUT"; may be empty
  std::string_view series;   // "EQ"
  std::string_view name;     // of the company or the contract, for people; may be empty
  bool equity;               // instrument EQUITY
  bool share;                // type ES: not a bond, a fund or a test paper
};

/// The file is no instrument master; `text` goes on after its name: "has no column …".
struct MasterFault {
  std::string text;
};

class MasterReader {
 public:
  /// Reads the first line. `csv` has to outlive the reader.
  static Result<MasterReader, MasterFault> open(std::string_view csv);

  /// The next sound row of a segment that the feed carries; false at the end.
  bool next(MasterRow& row);

  std::uint64_t damaged() const noexcept { return damaged_; }

 private:
  /// Where each column stands; share_… are those of shares, where they differ.
  struct Columns {
    std::size_t exchange, segment, id, instrument, type, series;
    std::size_t symbol, share_symbol, display, name;
    std::size_t count;  // fields that a row must have
  };
  static constexpr std::size_t kMaxColumns = 128;
  enum class Outcome : std::uint8_t { kRow, kPassed, kDamaged };

  MasterReader(std::string_view rows, const Columns& columns) : rest_(rows), columns_(columns) {}
  Outcome read(std::string_view line, MasterRow& row);
  std::string_view text(std::size_t column, std::string& scratch) const;

  std::string_view rest_;
  Columns columns_;
  std::array<std::string_view, kMaxColumns> fields_;
  std::array<std::string, 4> scratch_;  // for fields with doubled quotes
  std::uint64_t damaged_ = 0;
};

}  // namespace ltp::dhan

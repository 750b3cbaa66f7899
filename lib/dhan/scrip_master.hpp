#pragma once

#include "base/result.hpp"
#include "dhan/master_reader.hpp"
#include "tick/instrument.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Names that people use, looked up in the broker's instrument master.
///
/// Names    RELIANCE              NSE_EQ; if nothing there is called so, IDX_I (so NIFTY,
///                                BANKNIFTY and SENSEX are the indices)
///          NSE:X  BSE:X  MCX:X   that exchange's shares, else its indices; at MCX its
///                                commodities
///          NSE_FNO:X             that segment only, whatever the exchange
///          The case does not matter. X is a trading symbol or, of all but shares, the name
///          that the broker displays ("SENSEX 24 DEC 86000 CALL"), if no symbol is so
///          called: in the detailed file BSE's options share one symbol, commodities too.
/// Several  Of rows so called the best count: series EQ, at BSE A and then B; of those
///          instrument EQUITY; of those type ES. What is still several is ambiguous.
/// No guess An ambiguous or unknown name is an answer of its own, with what it might be.
/// Pure     No I/O. One pass over the text for all names, a second one only to find what
///          unknown names might have meant.
namespace ltp::dhan {

/// Where a name is looked for.
enum class Scope : std::uint8_t { kAny, kSegment, kExchange };

struct Name {
  Scope scope = Scope::kAny;
  Segment segment{};    // with kSegment
  Exchange exchange{};  // with kExchange
  std::string symbol;   // as written, without the prefix and blanks round it

  friend bool operator==(const Name&, const Name&) = default;
};

/// Reads "RELIANCE", "NSE_EQ:RELIANCE" or "BSE:RELIANCE". Nothing for a prefix that is
/// neither, a symbol of more than kMaxSymbol bytes, with control characters or without any
/// letter (2885 would be an id), and for a segment alone.
std::optional<Name> parse_name(std::string_view text);

/// A row of the master.
struct Listing {
  Instrument instrument;
  std::string symbol;
  std::string series;
  std::string name;  // of the company or the contract; may be empty

  friend bool operator==(const Listing&, const Listing&) = default;
};

/// Why a name is no instrument. Ambiguous: several rows are equally good. Unknown: none.
struct NoMatch {
  static constexpr std::size_t kMaxCandidates = 10;
  bool ambiguous = false;
  std::vector<Listing> candidates;  // at most kMaxCandidates, the likeliest first
};

struct Lookup {
  static constexpr std::size_t kMaxExplained = 20;
  std::vector<Result<Listing, NoMatch>> names;  // in the order asked; of the unknown ones
                                                // the first kMaxExplained have candidates
  std::vector<std::string> symbols;             // of the ids, in the order asked, or empty
  std::uint64_t rows = 0;                       // sound ones of the feed's segments
  std::uint64_t damaged = 0;
};

/// Looks up names, and the trading symbols of instruments that are known by id.
Result<Lookup, MasterFault> look_up(std::string_view csv, std::span<const Name> names,
                                    std::span<const Instrument> ids = {});

}  // namespace ltp::dhan

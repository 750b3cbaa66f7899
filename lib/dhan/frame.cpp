#include "dhan/frame.hpp"

namespace ltp::dhan {

std::string_view to_text(Issue issue) noexcept {
  switch (issue) {
    case Issue::kShortHeader: return "short_header";
    case Issue::kUnknownCode: return "unknown_code";
    case Issue::kTruncated: return "truncated";
    case Issue::kBadLength: return "bad_length";
    case Issue::kExtraBytes: return "extra_bytes";
    case Issue::kUnknownSegment: return "unknown_segment";
    case Issue::kNonFinite: return "non_finite";
  }
  return "";
}

}  // namespace ltp::dhan

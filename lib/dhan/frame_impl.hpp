#pragma once
// The body of split(); included by dhan/frame.hpp only.

#include <cmath>
#include <utility>
#include <variant>

namespace ltp::dhan {
namespace detail {

/// Calls back with the name of each field of the packet that is NaN or infinite.
template <class OnField>
void find_non_finite(const Body& body, OnField&& on_field) {
  const auto look = [&](const char* name, float value) {
    if (!std::isfinite(value)) on_field(name);
  };
  const auto look_at_day = [&](const DayFigures& day) {
    look("atp", day.average_price);
    look("open", day.open);
    look("close", day.close);
    look("high", day.high);
    look("low", day.low);
  };
  const auto look_at_depth = [&](const Depth& depth) {
    for (const auto& level : depth) {
      look("bid_price", level.bid_price);
      look("ask_price", level.ask_price);
    }
  };
  if (const auto* ticker = std::get_if<Ticker>(&body)) {
    look("ltp", ticker->ltp);
  } else if (const auto* quote = std::get_if<Quote>(&body)) {
    look("ltp", quote->ltp);
    look_at_day(quote->day);
  } else if (const auto* full = std::get_if<Full>(&body)) {
    look("ltp", full->ltp);
    look_at_day(full->day);
    look_at_depth(full->depth);
  } else if (const auto* depth5 = std::get_if<Depth5>(&body)) {
    look("ltp", depth5->ltp);
    look_at_depth(depth5->depth);
  } else if (const auto* close = std::get_if<PrevClose>(&body)) {
    look("prev_close", close->price);
  }
}

}  // namespace detail

template <class OnPacket, class OnIssue>
void split(Bytes message, OnPacket&& on_packet, OnIssue&& on_issue) {
  std::size_t offset = 0;
  while (offset < message.size()) {
    const Bytes rest = message.subspan(offset);
    const std::size_t left = rest.size();
    if (left < kHeaderSize) {
      on_issue(IssueAt{.issue = Issue::kShortHeader, .offset = offset, .have = left});
      return;
    }
    const Header header = read_header(rest);
    const std::size_t declared = header.length;

    if (header.code == static_cast<std::uint8_t>(Code::kHeartbeat)) {
      offset += declared > kHeaderSize && declared <= left ? declared : kHeaderSize;
      continue;
    }
    const auto size = packet_size(header.code);
    if (!size) {
      on_issue(IssueAt{
          .issue = Issue::kUnknownCode, .offset = offset, .code = header.code, .length = declared});
      if (declared < kHeaderSize || declared > left) return;
      offset += declared;
      continue;
    }
    if (left < *size) {
      on_issue(IssueAt{.issue = Issue::kTruncated,
                       .offset = offset,
                       .code = header.code,
                       .have = left,
                       .need = *size});
      return;
    }

    std::size_t step = *size;
    if (declared < *size || declared > left) {
      on_issue(IssueAt{.issue = Issue::kBadLength, .offset = offset, .length = declared});
    } else if (declared > *size) {
      on_issue(IssueAt{.issue = Issue::kExtraBytes, .offset = offset, .count = declared - *size});
      step = declared;
    }
    if (!segment_from_code(header.segment))
      on_issue(IssueAt{.issue = Issue::kUnknownSegment, .offset = offset});

    const auto packet = decode_packet(rest);  // cannot fail: code and size are known
    detail::find_non_finite(packet.value().body, [&](const char* field) {
      on_issue(IssueAt{.issue = Issue::kNonFinite, .offset = offset, .field = field});
    });
    on_packet(packet.value(), offset);
    offset += step;
  }
}

}  // namespace ltp::dhan

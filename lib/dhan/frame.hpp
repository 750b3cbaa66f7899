#pragma once

#include "dhan/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ltp::dhan {

/// What is wrong with a place in a message. What each means is in split().
enum class Issue : std::uint8_t {
  kShortHeader,
  kUnknownCode,
  kTruncated,
  kBadLength,
  kExtraBytes,
  kUnknownSegment,
  kNonFinite,
};
inline constexpr std::size_t kIssueKinds = 7;
std::string_view to_text(Issue issue) noexcept;  // "short_header", as in the vectors

struct IssueAt {
  Issue issue;
  std::size_t offset;      // of the packet in the message
  std::uint8_t code = 0;   // kUnknownCode, kTruncated
  std::size_t have = 0;    // kShortHeader, kTruncated: bytes left
  std::size_t need = 0;    // kTruncated
  std::size_t length = 0;  // kUnknownCode, kBadLength: as declared
  std::size_t count = 0;   // kExtraBytes: how many
  const char* field = "";  // kNonFinite: "ltp", "high"…
};

/// Hands out each packet of one binary message in order, and each issue as it is met.
///
/// A template so that the hot path is inlined: on_packet(const Packet&, std::size_t
/// offset), on_issue(const IssueAt&). Never loops without progress, never throws by
/// itself. An empty message is a heartbeat: nothing is called.
template <class OnPacket, class OnIssue>
void split(Bytes message, OnPacket&& on_packet, OnIssue&& on_issue);

}  // namespace ltp::dhan

#include "dhan/frame_impl.hpp"

#include "dhan/frame.hpp"
#include "json/json.hpp"
#include "support/hex.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace ltp;
using namespace ltp::dhan;

namespace {

struct Count {
  std::size_t packets = 0;
  std::size_t issues = 0;
};

/// In a buffer of just its size, so that a read past the end is seen by the sanitizer.
/// Packets come in the order of their places, and each place is in the message.
Count split_exactly(const std::vector<std::byte>& bytes) {
  const auto copy = std::make_unique<std::byte[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  Count count;
  std::size_t free_from = 0;
  split(
      Bytes{copy.get(), bytes.size()},
      [&](const Packet& packet, std::size_t offset) {
        const auto size = packet_size(packet.header.code).value();
        if (offset < free_from || offset + size > bytes.size()) FAIL("packet at " << offset);
        free_from = offset + size;
        ++count.packets;
      },
      [&](const IssueAt& at) {
        CHECK(at.offset < bytes.size());
        ++count.issues;
      });
  return count;
}

}  // namespace

TEST_CASE("each rule of framing says what it did", "[dhan]") {
  // What split() reports, in its order: P2@0 a packet of code 2 at byte 0, or an issue.
  struct Case { const char* why; std::string hex; const char* want; };
  const std::string ticker = "02 1000 01 35050000 9a91c944 001e8566";
  const std::string status = "07 0800 01 00000000";
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing", "", ""},
      {"seven bytes", "07 0800 01 000000", "short_header@0 have 7"},
      {"one byte after a packet", ticker + "02", "P2@0 short_header@16 have 1"},
      {"a heartbeat is silent", "00 0800 00 00000000" + status, "P7@8"},
      {"a heartbeat of length 0 is 8 bytes", "00 0000 00 00000000" + status, "P7@8"},
      {"a heartbeat may be longer", "00 0a00 00 00000000 ffff" + status, "P7@10"},
      {"but not past the end", "00 1100 00 00000000" + status, "P7@8"},
      {"an unknown code is skipped", "4d 0900 01 00000000 ff" + status,
       "unknown_code@0 77 length 9 P7@9"},
      {"a bare header too", "4d 0800 01 00000000" + status, "unknown_code@0 77 length 8 P7@8"},
      {"to the very end", "4d 0900 01 00000000 ff", "unknown_code@0 77 length 9"},
      {"too short a length ends it", "4d 0700 01 00000000" + status, "unknown_code@0 77 length 7"},
      {"too long a one too", "4d 1100 01 00000000" + status, "unknown_code@0 77 length 17"},
      {"length 0", "02 0000 01 35050000 9a91c944 001e8566" + status, "bad_length@0 0 P2@0 P7@16"},
      {"length below", "02 0f00 01 35050000 9a91c944 001e8566" + status, "bad_length@0 15 P2@0 P7@16"},
      {"length past the end", "02 1900 01 35050000 9a91c944 001e8566" + status,
       "bad_length@0 25 P2@0 P7@16"},
      {"length that fits", "02 1200 01 35050000 9a91c944 001e8566 aabb" + status,
       "extra_bytes@0 2 P2@0 P7@18"},
      {"length that just fits", "02 1800 01 35050000 9a91c944 001e8566" + status,
       "extra_bytes@0 8 P2@0"},
      {"cut short", ticker + "04 3200 01 35050000", "P2@0 truncated@16 4 have 8 need 50"},
      {"segment 6", "07 0800 06 00000000", "unknown_segment@0 P7@0"},
      {"segment 9", status + "07 0800 09 00000000", "P7@0 unknown_segment@8 P7@8"},
      {"no number", "06 1000 01 35050000 0000c07f 00000000", "non_finite@0 prev_close P6@0"},
      {"endless", "02 1000 01 35050000 000080ff 001e8566", "non_finite@0 ltp P2@0"},
  }));
  INFO(c.why);
  const auto bytes = from_hex(c.hex);
  std::ostringstream got;
  split(
      bytes,
      [&](const Packet& packet, std::size_t offset) {
        got << " P" << int{packet.header.code} << '@' << offset;
      },
      [&](const IssueAt& at) {
        got << ' ' << to_text(at.issue) << '@' << at.offset;
        switch (at.issue) {
          case Issue::kShortHeader: got << " have " << at.have; break;
          case Issue::kUnknownCode: got << ' ' << int{at.code} << " length " << at.length; break;
          case Issue::kTruncated:
            got << ' ' << int{at.code} << " have " << at.have << " need " << at.need;
            break;
          case Issue::kBadLength: got << ' ' << at.length; break;
          case Issue::kExtraBytes: got << ' ' << at.count; break;
          case Issue::kNonFinite: got << ' ' << at.field; break;
          case Issue::kUnknownSegment: break;
        }
      });
  const auto text = got.str();
  CHECK(text.substr(text.empty() ? 0 : 1) == c.want);
}

TEST_CASE("every price that is no number is named", "[dhan]") {
  const std::string nan = "0000c07f";
  std::string level = "64000000 65000000 0100 0b00" + nan + nan;
  const std::string trade = nan + "0a00 001e8566" + nan + "01000000 02000000 03000000";
  const std::string day = nan + nan + nan + nan;
  const std::vector<std::string> of_trade{"ltp", "atp", "open", "close", "high", "low"};
  const auto fields = [](const std::string& hex) {
    std::vector<std::string> names;
    split(from_hex(hex), [](const Packet&, std::size_t) {},
          [&](const IssueAt& at) { names.emplace_back(at.field); });
    return names;
  };
  CHECK(fields("04 3200 01 450b0000" + trade + day) == of_trade);

  auto whole = of_trade;
  for (int i = 0; i < 5; ++i) whole.insert(whole.end(), {"bid_price", "ask_price"});
  level = level + level + level + level + level;
  CHECK(fields("08 a200 01 450b0000" + trade + "040000000500000006000000" + day + level) == whole);

  whole.erase(whole.begin() + 1, whole.begin() + 6);
  CHECK(fields("03 7000 01 450b0000" + nan + level) == whole);
}

TEST_CASE("a message of nothing but zeros is heartbeats, and ends", "[dhan]") {
  const auto count = split_exactly(std::vector<std::byte>(1 << 20));
  CHECK(count.packets == 0);
  CHECK(count.issues == 0);
}

TEST_CASE("a message of many packets is cut at every length without harm", "[dhan]") {
  std::string ticker = "02 1000 01 35050000 9a91c944 001e8566";
  std::string quote =
      "04 3200 01 450b0000 00803b44 0a00 001e8566 00003b44 01000000 02000000 03000000"
      "00403b44 00c03a44 00003c44 00803a44";
  const auto whole = from_hex(ticker + quote + "05 0c00 02 01000000 02010000" + ticker);
  REQUIRE(whole.size() == 94);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto count = split_exactly({whole.begin(), whole.begin() + static_cast<long>(size)});
    const std::size_t ends[] = {16, 66, 78, 94};
    std::size_t packets = 0;
    bool at_edge = size == 0;
    for (const auto end : ends) {
      packets += size >= end;
      at_edge = at_edge || size == end;
    }
    INFO(size);
    CHECK(count.packets == packets);
    CHECK(count.issues == (at_edge ? 0 : 1));
  }
}

TEST_CASE("random and damaged messages end, and touch nothing outside", "[dhan][fuzz]") {
  std::ifstream file(LTP_SOURCE_DIR "/tests/vectors/dhanhq/packets.ndjson");
  std::vector<std::vector<std::byte>> seeds;
  for (std::string line; std::getline(file, line);)
    seeds.push_back(from_hex(parse_json(line).at("hex").get<std::string>()));
  REQUIRE(seeds.size() > 90);

  std::mt19937 random(20260105);
  const auto any_byte = [&] { return static_cast<std::byte>(random() & 0xff); };
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = seeds[random() % seeds.size()];
    switch (random() % 4) {
      case 0:
        bytes.resize(random() % 200);
        for (auto& byte : bytes) byte = any_byte();
        break;
      case 1:
        for (auto hits = random() % 8; hits > 0 && !bytes.empty(); --hits)
          bytes[random() % bytes.size()] = any_byte();
        break;
      case 2: bytes.resize(random() % (bytes.size() + 1)); break;
      default:
        bytes.insert(bytes.begin() + static_cast<long>(random() % (bytes.size() + 1)), any_byte());
    }
    const auto count = split_exactly(bytes);
    CHECK(count.packets <= bytes.size() / 8);
  }
}

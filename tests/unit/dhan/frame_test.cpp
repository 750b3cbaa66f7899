#include "dhan/frame.hpp"
#include "support/hex.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>
#include <random>
#include <vector>

using namespace ltp::dhan;

namespace {

struct Count {
  std::size_t packets = 0;
  std::size_t issues = 0;
};

/// In a buffer of just its size, so that a read past the end is seen by the sanitizer.
Count split_exactly(const std::vector<std::byte>& bytes) {
  const auto copy = std::make_unique<std::byte[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  Count count;
  split(
      Bytes{copy.get(), bytes.size()}, [&](const Packet&, std::size_t) { ++count.packets; },
      [&](const IssueAt& at) {
        CHECK(at.offset < bytes.size());
        ++count.issues;
      });
  return count;
}

}  // namespace

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
    seeds.push_back(from_hex(nlohmann::json::parse(line).at("hex").get<std::string>()));
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

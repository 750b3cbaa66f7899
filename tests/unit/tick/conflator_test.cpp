#include "tick/conflator.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ltp;

namespace {

constexpr Instrument kOne{Segment::kNseEq, 1};
constexpr Instrument kTwo{Segment::kNseEq, 2};
constexpr Instrument kThree{Segment::kBseEq, 1};  // the id of kOne in another segment

std::vector<std::string> drain(Conflator& conflator) {
  std::vector<std::string> texts;
  while (!conflator.empty()) texts.emplace_back(conflator.pop().text);
  return texts;
}

}  // namespace

TEST_CASE("a new conflator holds nothing", "[tick]") {
  const Conflator conflator;
  CHECK(conflator.empty());
  CHECK(conflator.size() == 0);
  CHECK(conflator.merged() == 0);
}

TEST_CASE("the newest text of an instrument leaves in its first place", "[tick]") {
  Conflator conflator;
  conflator.put(kOne, "one");
  conflator.put(kTwo, "two");
  conflator.put(kThree, "three");
  conflator.put(kOne, "one, newer");
  conflator.put(kOne, "1");
  CHECK(conflator.size() == 3);
  CHECK(conflator.merged() == 2);
  CHECK(drain(conflator) == std::vector<std::string>{"1", "two", "three"});
  CHECK(conflator.empty());
  CHECK(conflator.merged() == 2);
}

TEST_CASE("what has left waits anew at the end", "[tick]") {
  Conflator conflator;
  conflator.put(kOne, "one");
  conflator.put(kTwo, "two");
  CHECK(conflator.pop().text == "one");
  conflator.put(kOne, "one again");
  CHECK(conflator.merged() == 0);  // nobody lost a text
  CHECK(drain(conflator) == std::vector<std::string>{"two", "one again"});
}

TEST_CASE("an entry tells its instrument and when it was put last", "[tick]") {
  Conflator conflator;
  conflator.put(kThree, "a", 5);
  conflator.put(kThree, "b", 9);
  const auto entry = conflator.pop();
  CHECK(entry.instrument == kThree);
  CHECK(entry.text == "b");
  CHECK(entry.put_ms == 9);
}

TEST_CASE("a busy instrument does not starve a quiet one", "[tick]") {
  Conflator conflator;
  conflator.put(kOne, "busy");
  conflator.put(kTwo, "quiet");
  for (int i = 0; i < 1000; ++i) conflator.put(kOne, "busy " + std::to_string(i));
  CHECK(conflator.pop().text == "busy 999");
  conflator.put(kOne, "busy once more");
  CHECK(conflator.pop().text == "quiet");
}

TEST_CASE("a text stays readable until the next put, whatever is popped", "[tick]") {
  Conflator conflator;
  const std::string longer(200, 'x');  // not in the string's own buffer
  conflator.put(kOne, longer);
  conflator.put(kTwo, "two");
  const auto first = conflator.pop();
  const auto second = conflator.pop();
  CHECK(first.text == longer);
  CHECK(second.text == "two");
}

TEST_CASE("a million puts hold one text an instrument", "[tick]") {
  Conflator conflator;
  constexpr std::uint32_t kInstruments = 5000;
  for (std::uint32_t i = 0; i < 1'000'000; ++i)
    conflator.put({Segment::kNseFno, i % kInstruments + 1}, std::to_string(i));
  CHECK(conflator.size() == kInstruments);
  CHECK(conflator.merged() == 1'000'000 - kInstruments);
  const auto texts = drain(conflator);
  CHECK(texts.front() == "995000");
  CHECK(texts.back() == "999999");
}

TEST_CASE("an empty text and an embedded zero byte are texts", "[tick]") {
  Conflator conflator;
  conflator.put(kOne, "");
  conflator.put(kTwo, std::string_view("a\0b", 3));
  CHECK(drain(conflator) == std::vector<std::string>{"", std::string("a\0b", 3)});
}

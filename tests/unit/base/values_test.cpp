#include "base/fault.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

using namespace ltp;

namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

UniqueFd open_null() {
  UniqueFd fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  REQUIRE(fd);
  return fd;
}

}  // namespace

TEST_CASE("a Result is a value or an error", "[base]") {
  const Result<int, std::string> good = 7;
  REQUIRE(good);
  CHECK(good.value() == 7);
  const Result<int, std::string> bad = std::string("why");
  REQUIRE_FALSE(bad);
  CHECK(bad.error() == "why");
}

TEST_CASE("a Result gives away a value that cannot be copied", "[base]") {
  Result<std::unique_ptr<int>, int> result = std::make_unique<int>(7);
  REQUIRE(result);
  *result.value() = 8;
  const auto taken = std::move(result).value();
  CHECK(*taken == 8);
}

TEST_CASE("a Result keeps apart a value and an error that convert into each other", "[base]") {
  const Result<double, int> error = 3;
  CHECK_FALSE(error);
  const Result<double, int> value = 3.0;
  CHECK(value);
}

TEST_CASE("a UniqueFd closes what it owns, once", "[base]") {
  int raw = -1;
  {
    const auto fd = open_null();
    raw = fd.get();
    CHECK(is_open(raw));
  }
  CHECK_FALSE(is_open(raw));
  const UniqueFd none;
  CHECK_FALSE(none);
  CHECK(none.get() == -1);
}

TEST_CASE("a UniqueFd is moved, released and reset", "[base]") {
  auto first = open_null();
  const int raw = first.get();
  UniqueFd second = std::move(first);
  CHECK_FALSE(first);
  CHECK(second.get() == raw);

  auto other = open_null();
  const int replaced = other.get();
  other = std::move(second);
  CHECK(other.get() == raw);
  CHECK_FALSE(is_open(replaced));
  CHECK(is_open(raw));

  auto& same = other;
  other = std::move(same);  // to itself: keeps it
  CHECK(other.get() == raw);
  CHECK(is_open(raw));

  CHECK(other.release() == raw);
  CHECK_FALSE(other);
  CHECK(is_open(raw));
  other.reset(raw);
  other.reset();
  CHECK_FALSE(is_open(raw));
}

TEST_CASE("file descriptor 0 is one like others", "[base]") {
  UniqueFd fd{0};
  CHECK(fd);
  CHECK(fd.release() == 0);  // not closed: the test runner's own
}

TEST_CASE("a start error has a sentence and a kind", "[base]") {
  try {
    throw StartError(Fault::kConfig, "LTP_X is not set");
  } catch (const std::exception& error) {
    CHECK(std::string(error.what()) == "LTP_X is not set");
    const auto* start = dynamic_cast<const StartError*>(&error);
    REQUIRE(start != nullptr);
    CHECK(start->fault() == Fault::kConfig);
  }
}

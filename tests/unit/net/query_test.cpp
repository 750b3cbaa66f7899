#include "net/frame.hpp"
#include "net/server.hpp"

#include <catch2/catch.hpp>

using namespace ltp::net;

TEST_CASE("a query's values are decoded", "[net][query]") {
  CHECK(query_value("keys=NSE_EQ%3A2885%2CIDX_I:13&x=1", "keys") == "NSE_EQ:2885,IDX_I:13");
  CHECK(query_value("a=1&a=2", "a") == "2");
  CHECK(query_value("a=&b", "a") == "");
  CHECK(query_value("a=&b", "b") == "");
  CHECK(query_value("a=b=c", "a") == "b=c");
  CHECK(query_value("k%65ys=x", "keys") == "x");
  CHECK_FALSE(query_value("keyss=1&xkeys=2", "keys"));
  CHECK_FALSE(query_value("", "keys"));
  CHECK(decode_query_text("a+b%20c%zz%4") == "a b c%zz%4");
}

TEST_CASE("a frame's head has the shortest length that fits", "[net][frame]") {
  const auto head = [](std::size_t size) {
    std::string out;
    append_text_frame_head(out, size);
    return out;
  };
  using namespace std::string_literals;
  CHECK(head(0) == "\x81\x00"s);
  CHECK(head(125) == "\x81\x7d"s);
  CHECK(head(126) == "\x81\x7e\x00\x7e"s);
  CHECK(head(65535) == "\x81\x7e\xff\xff"s);
  CHECK(head(65536) == "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

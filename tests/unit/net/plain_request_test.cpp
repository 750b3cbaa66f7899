#include "net/plain_request.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace ltp::net;
using namespace std::string_literals;

TEST_CASE("a plain request is taken apart where it stands", "[net][plain]") {
  const auto bytes =
      "POST /api/v1/current_prices?a=%41&b=2 HTTP/1.1\r\nHost: h:3000\r\nOrigin:http://o\r\n"
      "Content-Type: \tapplication/json \r\nACCEPT: */*\r\nContent-Length: 2\r\nX-Test: 1\r\n"
      "x-test:2\r\n\r\n{}GET "s;
  const auto read = PlainRequest::read(bytes, 2);
  REQUIRE(read);
  const auto* request = &read.value();
  CHECK(request->method == "POST");
  CHECK(request->path == "/api/v1/current_prices");
  CHECK(request->query == "a=%41&b=2");
  CHECK(request->body == "{}");
  CHECK(request->host == "h:3000");
  CHECK(request->origin == "http://o");
  CHECK(request->content_type == "application/json");
  CHECK(request->accept == "*/*");
  CHECK_FALSE(request->closes);
  CHECK(request->size == bytes.size() - 4);
  CHECK(PlainRequest::header(request->lines, "x-test") == "1, 2");
  CHECK(PlainRequest::header(request->lines, "host") == "h:3000");
  CHECK(PlainRequest::header(request->lines, "x-none").empty());
}

TEST_CASE("what the client says of the connection is heard", "[net][plain]") {
  const auto closes = [](const std::string& head) {
    const auto request = PlainRequest::read(head + "Host: h\r\n\r\n", 0);
    REQUIRE(request);
    return request.value().closes;
  };
  CHECK(closes("GET / HTTP/1.0\r\n"));
  CHECK_FALSE(closes("GET / HTTP/1.1\r\n"));
  CHECK(closes("GET / HTTP/1.1\r\nConnection: keep-alive, Close\r\n"));
  CHECK_FALSE(closes("GET / HTTP/1.1\r\nConnection: enclosed\r\n"));
  CHECK(closes("GET / HTTP/1.1\r\nConnection: close\r\nConnection: x\r\n"));
}

TEST_CASE("each piece of a plain request is none, until it is whole", "[net][plain]") {
  const auto bytes = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"s;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    const auto read = PlainRequest::read(bytes.substr(0, size), 3);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == Unplain::kPart);
    CHECK(read.error().size > size);
    CHECK(read.error().size <= bytes.size());
  }
  CHECK(PlainRequest::read(bytes, 3));
  CHECK_FALSE(PlainRequest::read(bytes, 2));
}

TEST_CASE("what could be read in two ways is not plain", "[net][plain]") {
  const auto head = GENERATE(values<std::string>({
      "CONNECT h:80 HTTP/1.1\r\n",
      "GET / HTTP/1.2\r\n",
      "GET / HTTP/2.0\r\n",
      "GET /\r\n",
      "GET  / HTTP/1.1\r\n",
      "GET /  HTTP/1.1\r\n",
      "GET / HTTP/1.1 \r\n",
      "GET\t/ HTTP/1.1\r\n",
      " GET / HTTP/1.1\r\n",
      "GET * HTTP/1.1\r\n",
      "GET x HTTP/1.1\r\n",
      "GET ?q HTTP/1.1\r\n",
      "GET //a HTTP/1.1\r\n",
      "GET /a/../b HTTP/1.1\r\n",
      "GET /.a HTTP/1.1\r\n",
      "GET /%61 HTTP/1.1\r\n",
      "GET /a;b HTTP/1.1\r\n",
      "GET /?a#b HTTP/1.1\r\n",
      "GET /?a;b HTTP/1.1\r\n",
      "GET /?a\tb HTTP/1.1\r\n",
      "GET /?a\x7f HTTP/1.1\r\n",
      "GET /?\xc3\xa4 HTTP/1.1\r\n",
      "GET /?a\0b HTTP/1.1\r\n"s,
      "GET / HTTP/1.1\nHost: h\r\n",
      "GET / HTTP/1.1\r\nOrigin: a\r\nOrigin: a\r\n",
      "GET / HTTP/1.1\r\nExpect: 100-continue\r\n",
      "GET / HTTP/1.1\r\nUpgrade: websocket\r\n",
      "GET / HTTP/1.1\r\nUPGRADE: h2c\r\n",
      "POST / HTTP/1.1\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n",
      "POST / HTTP/1.1\r\nContent-Length:\r\n",
      "POST / HTTP/1.1\r\nContent-Length:\r\nContent-Length: 0\r\n",
      "POST / HTTP/1.1\r\nContent-Length: +0\r\n",
      "POST / HTTP/1.1\r\nContent-Length: -0\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 0x0\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 0, 0\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 0 0\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n",
  }));
  INFO(head);
  const auto read = PlainRequest::read(head + "Host: h\r\n\r\n", 1000);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == Unplain::kOther);
}

TEST_CASE("what will never be plain is not waited for", "[net][plain]") {
  const auto start = GENERATE(values<std::string>(
      {"\x16\x03\x01", "GET\t/", "GET / HTTP/1.2\r\nHost", "GET x HTTP/1.1\r\n", "\r\nGET",
       std::string(PlainRequest::kMostHead, 'a')}));
  const auto read = PlainRequest::read(start, 1000);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == Unplain::kOther);
}

TEST_CASE("what nobody may take is wrong", "[net][plain]") {
  const auto head = GENERATE(values<std::string>({
      "GET / HTTP/1.1\r\n",
      "GET / HTTP/1.1\r\nHost\r\n",
      "GET / HTTP/1.1\r\nHost : h\r\n",
      "GET / HTTP/1.1\r\n: h\r\n",
      "GET / HTTP/1.1\r\nX: a\r\n b\r\n",
      "GET / HTTP/1.1\r\nX: a\nY: b\r\n",
      "GET / HTTP/1.1\r\nX: a\rY: b\r\n",
      "GET / HTTP/1.1\r\nX: a\r\r\n",
      "GET / HTTP/1.1\r\nX: a\0b\r\n"s,
      "GET / HTTP/1.1\r\nX\x80: a\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
      "GET / HTTP/1.1\r\nHost:\r\nHost: b\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 65\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding\t: chunked\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nhost: b\r\n",
  }));
  INFO(head);
  const auto read = PlainRequest::read(head + "\r\n", 1000);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == Unplain::kWrong);
  CHECK(*read.error().why != '\0');
}

TEST_CASE("any method, and a target with the host in it", "[net][plain]") {
  const auto method = GENERATE(values<std::string>({"TRACE", "get", "PUT", "BREW"}));
  const auto bytes = method + " HTTP://a:1/x?y HTTP/1.1\r\nHost: b\r\n\r\n";
  const auto read = PlainRequest::read(bytes, 0);
  REQUIRE(read);
  CHECK(read.value().method == method);
  CHECK(read.value().host == "a:1");
  CHECK(read.value().path == "/x");
  CHECK(read.value().query == "y");
  const auto bare = PlainRequest::read("GET http://a HTTP/1.0\r\n\r\n", 0);
  REQUIRE(bare);
  CHECK(bare.value().host == "a");
  CHECK(bare.value().path == "/");
}

TEST_CASE("a plain request has a bound", "[net][plain]") {
  const auto of_size = [](std::size_t size) {
    const auto start = "GET /?"s, end = " HTTP/1.1\r\nHost: h\r\n\r\n"s;
    return start + std::string(size - start.size() - end.size(), 'k') + end;
  };
  CHECK(PlainRequest::read(of_size(PlainRequest::kMostHead), 0));
  CHECK_FALSE(PlainRequest::read(of_size(PlainRequest::kMostHead + 1), 0));
}

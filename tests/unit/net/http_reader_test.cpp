#include "net/http_reader.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace ltp::net;
using namespace std::string_literals;
using Kind = HttpFault::Kind;

namespace {

constexpr std::size_t kMaxBody = 1000;

struct Read {
  bool done = false;
  std::optional<HttpFault> fault;
  HttpAnswer answer;
  std::string body;
};

/// What becomes of bytes that come `at_once` of them at a time, and of the end behind them.
Read read(std::string_view bytes, std::size_t at_once, bool ends = true, bool whole = true,
          std::string_view method = "GET") {
  HttpReader reader(method, kMaxBody);
  Read out;
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, at_once);
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) out.body.append(reader.take(piece));
  }
  if (ends) reader.end(whole);
  out.done = reader.done();
  out.fault = reader.fault();
  out.answer = reader.answer();
  return out;
}

}  // namespace

TEST_CASE("an answer is read, however its bytes are cut", "[net][http]") {
  struct Case {
    const char* why;
    std::string bytes;
    int status;
    std::string body;
  };
  const auto c = GENERATE(values<Case>({
      {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
      {"a length of nothing", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
      {"a length said twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nhi",
       200, "hi"},
      {"more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 500", 200,
       "hi"},
      {"no length", "HTTP/1.1 200 OK\r\n\r\nuntil the end\r\n", 200, "until the end\r\n"},
      {"no length and no body", "HTTP/1.1 200 OK\r\n\r\n", 200, ""},
      {"HTTP/1.0", "HTTP/1.0 404 Not Found\r\n\r\nno", 404, "no"},
      {"no reason", "HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", 503, ""},
      {"lines without CR", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", 200, "hi"},
      {"chunks",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
       "5\r\nhello\r\n00a ; name=\"value\"\r\n, 10 bytes\r\n0\r\n\r\n",
       200, "hello, 10 bytes"},
      {"chunks and trailers",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n",
       200, "x"},
      {"chunks count more than a length",
       "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
       "1\r\nx\r\n0\r\n\r\n",
       200, "x"},
      {"interim answers",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
       200, "hi"},
      {"a status without a body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304,
       ""},
  }));
  INFO(c.why);
  for (const std::size_t at_once : {1, 2, 3, 7, 1000}) {
    INFO(at_once);
    const auto got = read(c.bytes, at_once);
    CHECK_FALSE(got.fault);
    CHECK(got.done);
    CHECK(got.answer.status == c.status);
    CHECK(got.body == c.body);
  }
}

TEST_CASE("what is no answer, or not a whole one, is a fault", "[net][http]") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  struct Case {
    const char* why;
    std::string bytes;
    Kind kind;
    const char* said;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing", "", Kind::kLost, "before an answer came"},
      {"half a status", "HTTP/1.1 20", Kind::kLost, "before an answer came"},
      {"half of the headers", ok + "Content-Length: 5\r\n", Kind::kLost, "before an answer came"},
      {"an interim answer only", "HTTP/1.1 100 Continue\r\n\r\n", Kind::kLost, "before an answer"},
      {"less than its length", ok + "Content-Length: 5\r\n\r\nhell", Kind::kLost, "after 4 bytes"},
      {"cut inside a chunk", chunked + "5\r\nhel", Kind::kLost, "after 3 bytes"},
      {"cut behind a chunk", chunked + "5\r\nhello\r\n", Kind::kLost, "after 5 bytes"},
      {"no trailers' end", chunked + "0\r\n", Kind::kLost, "after 0 bytes"},
      {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", Kind::kProtocol, "does not speak HTTP"},
      {"another, without a line", "\x15\x03\x01", Kind::kProtocol, "does not speak HTTP"},
      {"HTTP/2", "HTTP/2 200\r\n\r\n", Kind::kProtocol, "does not speak HTTP/1"},
      {"no status", "HTTP/1.1 OK\r\n\r\n", Kind::kProtocol, "no status"},
      {"a status too long", "HTTP/1.1 2000 OK\r\n\r\n", Kind::kProtocol, "no status"},
      {"a status of 0", "HTTP/1.1 099 OK\r\n\r\n", Kind::kProtocol, "no status"},
      {"a switch", "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", Kind::kProtocol, "another"},
      {"a header without a name", ok + ": x\r\n\r\n", Kind::kProtocol, "header"},
      {"a header without a value", ok + "Server\r\n\r\n", Kind::kProtocol, "header"},
      {"a blank in a name", ok + "Content-Length : 5\r\n\r\nhello", Kind::kProtocol, "header"},
      {"nothing goes on", ok + " x\r\n\r\n", Kind::kProtocol, "header"},
      {"headers without end", ok + "A: " + std::string(70'000, 'x'), Kind::kProtocol, "65536"},
      {"interim answers without end",
       [] {
         std::string all;
         for (int i = 0; i < 4000; ++i) all += "HTTP/1.1 100 Go on\r\n\r\n";
         return all;
       }(),
       Kind::kProtocol, "65536"},
      {"a length of no digits", ok + "Content-Length: 5x\r\n\r\n", Kind::kProtocol, "length"},
      {"a length below 0", ok + "Content-Length: -5\r\n\r\n", Kind::kProtocol, "length"},
      {"no length in it", ok + "Content-Length:\r\n\r\n", Kind::kProtocol, "length"},
      {"a length past counting", ok + "Content-Length: 99999999999999999999\r\n\r\n",
       Kind::kProtocol, "length"},
      {"two lengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", Kind::kProtocol,
       "length"},
      {"another coding", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", Kind::kProtocol,
       "gzip, chunked"},
      {"a chunk of no size", chunked + "\r\n", Kind::kProtocol, "chunk"},
      {"a chunk size of no digits", chunked + "5x\r\n", Kind::kProtocol, "chunk"},
      {"a chunk size below 0", chunked + "-5\r\n", Kind::kProtocol, "chunk"},
      {"a chunk size past counting", chunked + "10000000000000000\r\n", Kind::kProtocol, "chunk"},
      {"a chunk longer than it says", chunked + "2\r\nhello\r\n0\r\n\r\n", Kind::kProtocol,
       "chunk"},
      {"a chunk's line without end", chunked + "1;" + std::string(70'000, 'x'), Kind::kProtocol,
       "65536"},
      {"trailers without end", chunked + "0\r\nA: " + std::string(70'000, 'x'), Kind::kProtocol,
       "65536"},
      {"too long by its length", ok + "Content-Length: 1001\r\n\r\n", Kind::kTooLarge, "1001"},
      {"too long in the end", ok + "\r\n" + std::string(1001, 'x'), Kind::kTooLarge, "1000"},
      {"too long in chunks", chunked + "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\nx\r\n",
       Kind::kTooLarge, "1000"},
  }));
  INFO(c.why);
  for (const std::size_t at_once : {1, 3, 100'000}) {
    INFO(at_once);
    const auto got = read(c.bytes, at_once);
    CHECK_FALSE(got.done);
    REQUIRE(got.fault);
    INFO(got.fault->text);
    CHECK(got.fault->kind == c.kind);
    CHECK(got.fault->text.find(c.said) != std::string::npos);
    CHECK(got.body.size() <= kMaxBody);
  }
}

TEST_CASE("an answer without a length is whole only if the other side says so", "[net][http]") {
  const auto bytes = "HTTP/1.1 200 OK\r\n\r\nhello"s;
  CHECK_FALSE(read(bytes, 100, false).done);
  CHECK(read(bytes, 100, true, true).done);
  const auto broken = read(bytes, 100, true, false);
  REQUIRE(broken.fault);
  CHECK(broken.fault->kind == Kind::kLost);
}

TEST_CASE("an answer with a length is whole before the end", "[net][http]") {
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 100, false).done);
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'), 7, false)
            .done);
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 100, false, true, "HEAD").done);
}

TEST_CASE("many small chunks are no too long a head", "[net][http]") {
  HttpReader reader("GET", 1 << 20);
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) bytes += "1\r\nx\r\n";
  bytes += "0\r\n\r\n";
  std::size_t size = 0;
  for (std::string_view rest = bytes; !rest.empty();) size += reader.take(rest).size();
  CHECK(reader.done());
  CHECK(size == 100'000);
}

TEST_CASE("headers are found by name in lower case, blanks around the value gone", "[net][http]") {
  const auto got = read(
      "HTTP/1.1 302 Found\r\nLOCATION:  https://h/x \t\r\nRetry-After:5\r\nX-Empty:\r\n"
      "X-Long: one\r\n  two\r\nX-Twice: 1\r\nx-twice: 2\r\nContent-Length: 0\r\n\r\n",
      100);
  CHECK(got.answer.header("location") == "https://h/x");
  CHECK(got.answer.header("retry-after") == "5");
  CHECK(got.answer.header("x-empty") == "");
  CHECK(got.answer.header("x-long") == "one two");
  CHECK(got.answer.header("x-twice") == "1");
  CHECK(got.answer.header("x-none") == "");
  CHECK(got.answer.headers.size() == 7);
}

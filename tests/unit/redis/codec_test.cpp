#include "redis/codec.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ltp::redis;
using namespace std::string_literals;
using Fed = ReplyReader::Fed;

namespace {

/// A reply in a form that one line of a test can hold: [+OK :5 "x" nil -ERR why].
std::string shown(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kString: return '"' + std::string(reply.text) + '"';
    case Reply::Kind::kStatus: return '+' + std::string(reply.text);
    case Reply::Kind::kError: return '-' + std::string(reply.text);
    case Reply::Kind::kInteger: return ':' + std::to_string(reply.integer);
    case Reply::Kind::kNil: return "nil";
    case Reply::Kind::kArray: break;
  }
  std::string all = "[";
  for (const auto& element : reply.elements) {
    all += (all.size() > 1 ? " " : "") + shown(element);
  }
  return all + "]";
}

struct Reader {
  ReplyReader replies;
  std::string seen;

  Fed feed(std::string_view bytes) {
    return replies.feed(bytes, [this](const Reply& reply) {
      seen += shown(reply) + " ";
      return true;
    });
  }
};

struct Spoken {
  std::string bytes;
  std::string replies;
};

std::vector<Spoken> everything_redis_says() {
  return {
      {"+OK\r\n", "+OK "},
      {"+\r\n", "+ "},
      {"-ERR no such key\r\n", "-ERR no such key "},
      {":0\r\n:-1\r\n:9223372036854775807\r\n", ":0 :-1 :9223372036854775807 "},
      {"$5\r\nhello\r\n", "\"hello\" "},
      {"$0\r\n\r\n", "\"\" "},
      {"$-1\r\n", "nil "},
      {"*-1\r\n", "nil "},
      {"*0\r\n", "[] "},
      {"$4\r\n\r\n\0\xff\r\n"s, "\"\r\n\0\xff\" "s},
      {"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\n{}\r\n", "[\"message\" \"c\" \"{}\"] "},
      {"*4\r\n:1\r\n$-1\r\n+x\r\n-ERR y\r\n", "[:1 nil +x -ERR y] "},
      {"*2\r\n*2\r\n:1\r\n*1\r\n$1\r\na\r\n*0\r\n", "[[:1 [\"a\"]] []] "},
  };
}

std::string string_of(std::size_t size) {
  return "$" + std::to_string(size) + "\r\n" + std::string(size, 'x') + "\r\n";
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

}  // namespace

TEST_CASE("append_command writes an array of strings", "[codec]") {
  struct Case {
    std::vector<std::string_view> words;
    std::string bytes;
  };
  const auto c = GENERATE(values<Case>({
      {{"PING"}, "*1\r\n$4\r\nPING\r\n"},
      {{"SET", "k", ""}, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"},
      {{"SET", "a\r\nb", std::string_view("\0\xff", 2)},
       "*3\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$2\r\n\0\xff\r\n"s},
      {{"0123456789"}, "*1\r\n$10\r\n0123456789\r\n"},
  }));
  std::string out = "before ";
  append_command(out, c.words);
  CHECK(out == "before " + c.bytes);
}

TEST_CASE("each kind of reply is read, in one piece or cut at any byte", "[codec]") {
  std::string all;
  std::string want;
  for (const auto& spoken : everything_redis_says()) {
    Reader alone;
    CHECK(alone.feed(spoken.bytes) == Fed::kAll);
    CHECK(alone.seen == spoken.replies);
    all += spoken.bytes;
    want += spoken.replies;
  }
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    Reader reader;
    CHECK(reader.feed(all.substr(0, cut)) == Fed::kAll);
    CHECK(reader.feed(all.substr(cut)) == Fed::kAll);
    CHECK(reader.seen == want);
  }
  Reader byte_by_byte;
  for (const char c : all) CHECK(byte_by_byte.feed({&c, 1}) == Fed::kAll);
  CHECK(byte_by_byte.seen == want);
}

TEST_CASE("many replies in one piece are all read", "[codec]") {
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) bytes += ":" + std::to_string(i) + "\r\n$3\r\nabc\r\n";
  ReplyReader replies;
  std::int64_t sum = 0;
  int texts = 0;
  const auto fed = replies.feed(bytes, [&](const Reply& reply) {
    sum += reply.integer;
    texts += reply.text == "abc" ? 1 : 0;
    return true;
  });
  CHECK(fed == Fed::kAll);
  CHECK(sum == 1'249'975'000);  // 0 + 1 + … + 49,999
  CHECK(texts == 50'000);
}

TEST_CASE("a reply leaves nothing behind for the next", "[codec]") {
  Reader reader;
  reader.feed("*2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n:7\r\n+OK\r\n*1\r\n$-1\r\n$-1\r\n");
  CHECK(reader.seen == "[\"a\" \"b\"] \"c\" :7 +OK [nil] nil ");
  ReplyReader replies;
  replies.feed("$3\r\nabc\r\n:5\r\n*1\r\n:6\r\n+x\r\n$-1\r\n", [](const Reply& reply) {
    CHECK((reply.kind == Reply::Kind::kArray) != reply.elements.empty());
    CHECK((reply.kind == Reply::Kind::kInteger) == (reply.integer != 0));
    const bool text = reply.kind == Reply::Kind::kString || reply.kind == Reply::Kind::kStatus;
    CHECK(text != reply.text.empty());
    return true;
  });
}

TEST_CASE("reading stops when the reader has heard enough", "[codec]") {
  ReplyReader replies;
  int heard = 0;
  const auto fed = replies.feed("+a\r\n+b\r\n+c\r\n", [&](const Reply&) { return ++heard < 2; });
  CHECK(fed == Fed::kStopped);
  CHECK(heard == 2);
}

TEST_CASE("bytes that are no RESP break the reader", "[codec]") {
  const auto bytes = GENERATE(values<std::string>({
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "220 mail ESMTP\r\n",
      "{\"ok\":true}\n",
      "\r\n",
      "\0\0\0\0"s,
      ":12x\r\n",
      ":\r\n",
      "$x\r\n",
      "$-2\r\n",
      "*-2\r\n",
      "*x\r\n",
  }));
  INFO(bytes);
  Reader reader;
  CHECK(reader.feed("+OK\r\n" + bytes + "+OK\r\n") == Fed::kBroken);
  CHECK(reader.seen == "+OK ");
}

TEST_CASE("replies have bounds", "[codec]") {
  struct Case {
    const char* why;
    std::string (*bytes)();
    Fed want;
  };
  const auto c = GENERATE(values<Case>({
      {"a long string", [] { return string_of(std::size_t{15} << 20); }, Fed::kAll},
      {"too long a string", [] { return string_of(std::size_t{17} << 20); }, Fed::kBroken},
      {"said to be huge", [] { return "$9223372036854775807\r\nxxx"s; }, Fed::kAll},
      {"a line without end", [] { return "+" + std::string(200'000, 'x'); }, Fed::kBroken},
      {"a number without end", [] { return ":" + std::string(200'000, '1'); }, Fed::kBroken},
      {"a length without end", [] { return "$" + std::string(200'000, '1'); }, Fed::kBroken},
      {"a count without end", [] { return "*" + std::string(200'000, '1'); }, Fed::kBroken},
      {"too many elements", [] { return "*1048577\r\n"s; }, Fed::kBroken},
      {"more elements than an int holds", [] { return "*4294967297\r\n"s; }, Fed::kBroken},
      {"too many elements in inner arrays", [] { return repeated("*500000\r\n", 5); },
       Fed::kBroken},
      {"arrays in arrays, a hundred deep", [] { return repeated("*1\r\n", 100); }, Fed::kBroken},
  }));
  INFO(c.why);
  Reader reader;
  CHECK(reader.feed(c.bytes()) == c.want);
}

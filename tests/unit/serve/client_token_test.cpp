#include "client_token.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <string>

using namespace ltp::serve;

namespace {

constexpr auto kSecret = "correct-horse-battery-staple";
constexpr std::int64_t kNow_s = 1'800'000'000;

// All by openssl dgst -sha256 -hmac, of {"alg":"HS256","typ":"JWT"} and what is said.
// {"sub":"1","exp":2000000000}
constexpr auto kGood =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwiZXhwIjoyMDAwMDAwMDAwfQ."
    "aasYE3LKARNvHVPehZhYv6HpZvzXPrqWQoEaIaT8f-8";

}  // namespace

TEST_CASE("a token is good until it expires", "[serve][token]") {
  const ClientTokens tokens({"an-older-secret-of-ours", kSecret});
  const auto ends_s = tokens.check(kGood, kNow_s);
  REQUIRE(ends_s);
  CHECK(ends_s.value() == 2'000'000'000);
  CHECK(tokens.check(kGood, 1'999'999'999));
  CHECK(tokens.check(kGood, 2'000'000'000).error() == "the token has expired");
}

TEST_CASE("any other token is refused, with a reason", "[serve][token]") {
  struct Case {
    const char* why;
    std::string token;
    const char* want;
  };
  constexpr auto kUnsigned = "the token is not signed by whom we trust";
  const std::string good = kGood;
  const auto c = GENERATE_COPY(values<Case>({
      {"none at all", "", "a token is needed"},
      {"no dots", "abc", "that is no token"},
      {"one dot", "abc.def", "that is no token"},
      {"too long", std::string(5000, 'a') + ".b.c", "that is no token"},
      {"no signature", good.substr(0, good.rfind('.') + 1), kUnsigned},
      {"half a signature", good.substr(0, good.size() - 8), kUnsigned},
      {"another signature", good.substr(0, good.size() - 1) + "9", kUnsigned},
      {"padded", good + "=", kUnsigned},
      {"signed by somebody else",
       "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjIwMDAwMDAwMDB9.jbhfKGOXrL_2Qyv4b-MDKo3UTRS8vtOjwzf3nSTJ5Rc",
       kUnsigned},
      {"alg none, unsigned", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJleHAiOjIwMDAwMDAwMDB9.",
       kUnsigned},
      {"alg none, signed",
       "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJleHAiOjIwMDAwMDAwMDB9."
       "fcXfCTBvNHZ1gQxqGl-rqftmfNq2hnkdO7ZefdeJv0s",
       "the token is not of the kind HS256"},
      {"alg HS512",
       "eyJhbGciOiJIUzUxMiJ9.eyJleHAiOjIwMDAwMDAwMDB9.uNgbvAzUcLD_eTdxcT5ymTtUL0-PVvAdGuLPsYxn_JM",
       "the token is not of the kind HS256"},
      {"crit, which we do not know",
       "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdLCJ4IjoxfQ.eyJleHAiOjIwMDAwMDAwMDB9."
       "zR8hs1MxZ6pHYOlZubOinEauZmsmmqRqTUgLi9M14b4",
       "the token is not of the kind HS256"},
      {"without exp",
       "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0."
       "qmzxT-IayEGLlCF94CN6xqTEc5QtebLuEuboPQ3Mv-A",
       "the token does not say when it expires"},
      {"exp as text",
       "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOiIyMDAwMDAwMDAwIn0."
       "7_ahhMoi0rj3-V6KgaQWOse2UQo9HOAvy9admiiVh0Q",
       "the token does not say when it expires"},
      {"claims that are no object",
       "eyJhbGciOiJIUzI1NiJ9.WzIwMDAwMDAwMDBd.wT_g21474C7UTYHFvrud25UWLRO2PMq51HWoXS3My04",
       "the token does not say when it expires"},
      {"nbf 1900000000",
       "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
       "eyJzdWIiOiIxIiwiZXhwIjoyMDAwMDAwMDAwLCJuYmYiOjE5MDAwMDAwMDB9."
       "l-mJIDbBucd6br2IDB_xdayPsKOGCkmZyoVsnJDBnSg",
       "the token is not valid yet"},
  }));
  INFO(c.why);
  const auto checked = ClientTokens({kSecret}).check(c.token, kNow_s);
  REQUIRE_FALSE(checked);
  CHECK(checked.error() == c.want);
}

TEST_CASE("secrets stand one a line", "[serve][token]") {
  TempDir dir;
  const auto path = dir / "secrets";
  CHECK(read_secrets(path).error() ==
        "cannot read the client secrets in " + path + " (No such file or directory)");
  std::ofstream(path) << "# of October\n\n  " << kSecret << " \r\nan-older-secret-of-ours";
  const auto secrets = read_secrets(path);
  REQUIRE(secrets);
  CHECK(secrets.value() == std::vector<std::string>{kSecret, "an-older-secret-of-ours"});
  std::ofstream(path) << "# of October\nshort\n";
  CHECK(read_secrets(path).error() ==
        "line 2 of " + path + " is too short for a secret; it has to have 16 bytes");
  std::ofstream(path) << "\n";
  CHECK(read_secrets(path).error() == "there is no client secret in " + path);
}

#include "descriptors.hpp"
#include "diary.hpp"
#include "loop/stream.hpp"
#include "support/certificates.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using namespace ltp::loop;

namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

/// A TLS server that does what no honest one would: the test decides which of its bytes
/// go out when.
class Peer {
 public:
  explicit Peer(int version) : context_(SSL_CTX_new(TLS_server_method())) {
    const auto& all = Certificates::get();
    SSL_CTX_set_max_proto_version(context_.get(), version);
    REQUIRE(SSL_CTX_use_certificate_chain_file(context_.get(), all.pem("good").c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context_.get(), all.key("good").c_str(),
                                        SSL_FILETYPE_PEM) == 1);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_.get());
  }

  Target target() const {
    return {.host = "127.0.0.1",
            .port = 0,
            .path = dir_ / "socket",
            .tls = TlsOptions{Certificates::get().pem("ca"), "", ""}};
  }

  bool accept() {
    socket_.reset(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    return static_cast<bool>(socket_);
  }
  SSL* ssl() { return ssl_.get(); }
  void say(std::string_view bytes) { put(socket_, bytes); }

  /// Reads what has come and goes on with the handshake.
  void hear() {
    last_heard_ = take(socket_);
    if (last_heard_.empty()) return;
    BIO_write(SSL_get_rbio(ssl_.get()), last_heard_.data(), int(last_heard_.size()));
    if (!SSL_is_init_finished(ssl_.get())) SSL_do_handshake(ssl_.get());
  }
  const std::string& last_heard() const { return last_heard_; }

  /// What it has to say and has not yet said.
  std::string sealed() {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &bytes);
    std::string out(bytes, static_cast<std::size_t>(size));
    BIO_reset(SSL_get_wbio(ssl_.get()));
    return out;
  }

  /// For run_until: the stream is open, and the peer knows it.
  bool shake(const Stream& stream) {
    if (!socket_ && !accept()) return false;
    hear();
    if (const auto out = sealed(); !out.empty()) say(out);
    return stream.is_open() && SSL_is_init_finished(ssl_.get());
  }

 private:
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  TempDir dir_;
  ltp::UniqueFd listener_{listen_on(dir_ / "socket")};
  ltp::UniqueFd socket_;
  std::string last_heard_;
};

}  // namespace

TEST_CASE("TLS may come in pieces, cut anywhere", "[tls]") {
  Loop loop;
  Diary diary;
  Peer peer(TLS1_3_VERSION);
  Stream stream(loop, diary.events());
  stream.open(peer.target(), 10s);
  REQUIRE(run_until(loop, [&] { return peer.accept(); }));
  std::string left;
  const auto a_byte_each_turn = [&] {
    peer.hear();
    left += peer.sealed();
    if (left.empty()) return;
    peer.say(left.substr(0, 1));
    left.erase(0, 1);
  };
  REQUIRE(run_until(loop, [&] {
    a_byte_each_turn();
    return stream.is_open() && left.empty();
  }));
  SSL_write(peer.ssl(), "hello", 5);
  REQUIRE(run_until(loop, [&] {
    a_byte_each_turn();
    return diary.data == "hello";
  }));
  CHECK(diary.story == "open ");
}

TEST_CASE("new keys are agreed to, but not without end for a peer that reads nothing", "[tls]") {
  Loop loop;
  Diary diary;
  Peer peer(TLS1_3_VERSION);
  Stream stream(loop, diary.events());
  stream.open(peer.target(), 10s);
  REQUIRE(run_until(loop, [&] { return peer.shake(stream); }));
  const auto ask_for_new_keys = [&] {
    return SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
           SSL_do_handshake(peer.ssl()) == 1;
  };

  REQUIRE(ask_for_new_keys());
  SSL_write(peer.ssl(), "hello", 5);
  peer.say(peer.sealed());
  REQUIRE(run_until(loop, [&] { return diary.data == "hello"; }));
  stream.write("with new keys");
  char heard[64];
  REQUIRE(run_until(loop, [&] {
    peer.hear();
    return SSL_read(peer.ssl(), heard, sizeof heard) == 13;
  }));
  CHECK(std::string_view(heard, 13) == "with new keys");

  REQUIRE(run_until(loop, [&] {
    bool asked = true;
    for (int i = 0; i < 200; ++i) asked = asked && ask_for_new_keys();
    REQUIRE(asked);
    if (stream.is_open()) peer.say(peer.sealed());
    return !stream.is_open();
  }));
  CHECK(diary.story == "open closed: it asks for new keys without end ");
}

TEST_CASE("no peer may begin anew", "[tls]") {
  Loop loop;
  Diary diary;
  Peer peer(TLS1_2_VERSION);
  Stream stream(loop, diary.events());
  stream.open(peer.target(), 10s);
  REQUIRE(run_until(loop, [&] { return peer.shake(stream); }));
  REQUIRE(SSL_renegotiate(peer.ssl()) == 1);
  SSL_do_handshake(peer.ssl());
  peer.say(peer.sealed());
  REQUIRE(run_until(loop, [&] {
    peer.hear();
    return !peer.last_heard().empty();
  }));
  CHECK(peer.last_heard().front() == '\x15');  // an alert; a handshake would be \x16
}

TEST_CASE("bytes that were changed on the way end the connection", "[tls]") {
  Loop loop;
  Diary diary;
  Peer peer(TLS1_3_VERSION);
  Stream stream(loop, diary.events());
  stream.open(peer.target(), 10s);
  REQUIRE(run_until(loop, [&] { return peer.shake(stream); }));
  SSL_write(peer.ssl(), "hello", 5);
  auto bytes = peer.sealed();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  peer.say(bytes);
  REQUIRE(run_until(loop, [&] { return !stream.is_open(); }));
  CHECK(diary.data.empty());
  CHECK(diary.story == "open closed: TLS failed: decryption failed or bad record mac ");
}

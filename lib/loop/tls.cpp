#include "loop/tls.hpp"

#include "base/text.hpp"
#include "loop/errors.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <utility>

namespace ltp::loop {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
using Context = std::unique_ptr<SSL_CTX, Free>;

/// OpenSSL's first word about what went wrong, "no start line". Forgets the others.
std::string last_words() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return error_text(ERR_GET_REASON(code));
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "for a reason that OpenSSL does not tell";
}

std::string cannot_use(std::string_view what, const std::string& file) {
  return cat("cannot use the ", what, " ", printable(file, 200), ": ", last_words());
}

/// Empty, or what is wrong with one of the files.
std::string load_files(SSL_CTX* context, const TlsOptions& options) {
  const auto& [ca, cert, key] = options;
  if (ca.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) return last_words();
  } else if (SSL_CTX_load_verify_locations(context, ca.c_str(), nullptr) != 1) {
    return cannot_use("CA file", ca);
  }
  if (cert.empty()) return {};
  // A key that is locked must not make OpenSSL ask at the terminal.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_certificate_chain_file(context, cert.c_str()) != 1) {
    return cannot_use("certificate", cert);
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return cannot_use("key", key);
  }
  return {};
}

bool is_ip(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

bool expect_host(SSL* ssl, const std::string& host) {
  const auto without_scope = host.substr(0, host.find('%'));  // fe80::1%eth0
  if (is_ip(without_scope)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), without_scope.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

struct Tls::Impl {
  /// After a call that gave `result`, which was no success.
  void judge(int result) {
    switch (SSL_get_error(ssl.get(), result)) {
      case SSL_ERROR_WANT_READ: break;  // more has to come first
      case SSL_ERROR_ZERO_RETURN: state = State::kEnded; break;
      default: fault = why_broken(); state = State::kBroken;
    }
    ERR_clear_error();
  }

  std::string why_broken() const {
    const auto verdict = SSL_get_verify_result(ssl.get());
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      return cat("its certificate is not good: it is not for ", printable(host, 200));
    }
    if (verdict != X509_V_OK) {
      return cat("its certificate is not good: ", X509_verify_cert_error_string(verdict));
    }
    const int reason = ERR_GET_REASON(ERR_peek_error());
    switch (reason) {
      case SSL_R_WRONG_VERSION_NUMBER:
      case SSL_R_HTTP_REQUEST:
      case SSL_R_PACKET_LENGTH_TOO_LONG:
      case SSL_R_BAD_RECORD_TYPE:
        if (state == State::kShaking) return "it does not speak TLS";
        break;
      default: break;
    }
    const bool peer_said_so = reason >= SSL_AD_REASON_OFFSET;
    return cat(peer_said_so ? "it refused TLS: " : "TLS failed: ", last_words());
  }

  std::string host;
  std::unique_ptr<SSL, Free> ssl;
  BIO* from_peer = nullptr;  // of `ssl`
  BIO* to_peer = nullptr;
  State state = State::kShaking;
  std::string fault;
};

Tls::Tls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tls::~Tls() = default;

Result<std::unique_ptr<Tls>, std::string> Tls::make(const TlsOptions& options,
                                                    const std::string& host) {
  ERR_clear_error();
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return last_words();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (auto fault = load_files(context.get(), options); !fault.empty()) return fault;

  auto impl = std::make_unique<Impl>();
  impl->host = host;
  impl->ssl.reset(SSL_new(context.get()));
  if (!impl->ssl || !expect_host(impl->ssl.get(), host)) return last_words();
  impl->from_peer = BIO_new(BIO_s_mem());
  impl->to_peer = BIO_new(BIO_s_mem());
  if (impl->from_peer == nullptr || impl->to_peer == nullptr) return last_words();
  SSL_set_bio(impl->ssl.get(), impl->from_peer, impl->to_peer);
  SSL_set_connect_state(impl->ssl.get());
  return std::unique_ptr<Tls>(new Tls(std::move(impl)));
}

Tls::State Tls::state() const noexcept {
  return impl_->state;
}
const std::string& Tls::fault() const noexcept {
  return impl_->fault;
}

void Tls::feed(std::string_view sealed) {
  if (!sealed.empty()) BIO_write(impl_->from_peer, sealed.data(), static_cast<int>(sealed.size()));
  if (impl_->state != State::kShaking) return;
  const int result = SSL_do_handshake(impl_->ssl.get());
  if (result == 1) {
    impl_->state = State::kOpen;
  } else {
    impl_->judge(result);
  }
}

std::size_t Tls::read(std::span<char> plain) {
  std::size_t got = 0;
  while (impl_->state == State::kOpen && got < plain.size()) {
    std::size_t more = 0;
    const int result = SSL_read_ex(impl_->ssl.get(), plain.data() + got, plain.size() - got, &more);
    if (result == 1) {
      got += more;
    } else {
      impl_->judge(result);
      break;
    }
  }
  return got;
}

void Tls::write(std::string_view plain) {
  std::size_t taken = 0;
  if (plain.empty()) return;
  const int result = SSL_write_ex(impl_->ssl.get(), plain.data(), plain.size(), &taken);
  if (result != 1) impl_->judge(result);
}

void Tls::end() {
  if (impl_->state == State::kOpen) SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
}

std::string_view Tls::sealed() const noexcept {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(impl_->to_peer, &bytes);
  return size > 0 ? std::string_view(bytes, static_cast<std::size_t>(size)) : std::string_view{};
}
void Tls::take_sealed() noexcept {
  BIO_reset(impl_->to_peer);
}

}  // namespace ltp::loop

#include "loop/certificate.hpp"

#include "base/text.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace ltp::loop {
namespace {

thread_local std::string last_fault;

std::string why_failed(unsigned long error) {
  const int reason = ERR_GET_REASON(error);
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_BAD_RECORD_TYPE: return "it does not speak TLS";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return "it broke off the start of TLS";
    default: break;
  }
  const char* text = ERR_reason_error_string(error);
  return cat(reason >= SSL_AD_REASON_OFFSET ? "it refused TLS: " : "TLS failed: ",
             text == nullptr ? "for a reason that OpenSSL does not tell" : text);
}

void on_progress(const SSL*, int where, int result) {
  if (where == SSL_CB_HANDSHAKE_START) last_fault.clear();
  const auto error = ERR_peek_error();
  if (where == SSL_CB_CONNECT_EXIT && result <= 0 && error != 0) last_fault = why_failed(error);
}

}  // namespace

std::string certificate_fault(void* store_context) {
  const int error = X509_STORE_CTX_get_error(static_cast<X509_STORE_CTX*>(store_context));
  return X509_verify_cert_error_string(error);
}

void keep_handshake_faults(void* ssl_context) {
  SSL_CTX_set_info_callback(static_cast<SSL_CTX*>(ssl_context), on_progress);
}

std::string handshake_fault() {
  return last_fault;
}

}  // namespace ltp::loop

#include "loop/certificate.hpp"

#include <openssl/x509_vfy.h>

namespace ltp::loop {

std::string certificate_fault(void* store_context) {
  const int error = X509_STORE_CTX_get_error(static_cast<X509_STORE_CTX*>(store_context));
  return X509_verify_cert_error_string(error);
}

}  // namespace ltp::loop

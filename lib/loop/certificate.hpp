#pragma once

#include <string>

namespace ltp::loop {

/// What OpenSSL holds against a certificate, for libraries that hand its verdict on
/// (lib/net): "certificate has expired", "hostname mismatch", "unable to get local issuer
/// certificate". `store_context` is the X509_STORE_CTX* of a verification that failed.
std::string certificate_fault(void* store_context);

}  // namespace ltp::loop

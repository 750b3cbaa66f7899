#pragma once

#include <string>

namespace ltp::loop {

/// What OpenSSL holds against a certificate, for libraries that hand its verdict on
/// (lib/net): "certificate has expired", "hostname mismatch", "unable to get local issuer
/// certificate". `store_context` is the X509_STORE_CTX* of a verification that failed.
std::string certificate_fault(void* store_context);

/// The library that makes handshakes with `ssl_context` (an SSL_CTX*) forgets OpenSSL's
/// words when one fails; from now on they are kept for handshake_fault().
void keep_handshake_faults(void* ssl_context);

/// Why the last such handshake failed: "it does not speak TLS", "it refused TLS: tlsv1 alert
/// protocol version". Empty if OpenSSL has said nothing.
std::string handshake_fault();

}  // namespace ltp::loop

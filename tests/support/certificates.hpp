#pragma once

#include "support/temp_dir.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

/// Certificates by openssl(1), good for two days, made once per process.
///
///   ca       an authority of our own
///   good     for localhost, 127.0.0.1 and ::1
///   foreign  for elsewhere.example
///   expired  for localhost, until yesterday
///   future   for localhost, from 2090 on
///   client   for whom a server is to let in
class Certificates {
 public:
  static const Certificates& get() {
    static const Certificates all;
    return all;
  }

  std::string pem(const std::string& name) const { return dir_ / (name + ".pem"); }
  std::string key(const std::string& name) const { return dir_ / (name + ".key"); }

 private:
  Certificates() {
    run("openssl req -x509 " + kNewKey + " -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca");
    make("good", "DNS:localhost,IP:127.0.0.1,IP:::1", "-days 2");
    make("foreign", "DNS:elsewhere.example", "-days 2");
    make("expired", "DNS:localhost", "-days -1");
    run("printf '[ca]\ndefault_ca = d\n[d]\ndatabase = index\nnew_certs_dir = .\nserial = serial\n"
        "default_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n' >ca.cnf && touch index");
    make("future", "DNS:localhost", "");
    run("openssl ca -batch -config ca.cnf -rand_serial -notext -in future.csr -cert ca.pem "
        "-keyfile ca.key -extfile future.ext -startdate 20900101000000Z -enddate 20910101000000Z "
        "-out future.pem");
    make("client", "DNS:client.example", "-days 2");
  }

  void make(const std::string& name, const std::string& names, const std::string& when) {
    run("openssl req " + kNewKey + " -keyout " + name + ".key -out " + name +
        ".csr -subj /CN=" + name + " && printf 'subjectAltName=" + names + "' >" + name +
        ".ext && openssl x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial " +
        "-extfile " + name + ".ext -out " + name + ".pem " + when);
  }

  void run(const std::string& command) {
    if (std::system(("cd '" + (dir_ / "") + "' && { " + command + "; } >log 2>&1").c_str()) != 0) {
      throw std::runtime_error("openssl failed: " + command);
    }
  }

  const std::string kNewKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  TempDir dir_;
};

// An HTTP server of one file, for programs that fetch.
//
//   node files.mjs FILE [KEY.pem CERT.pem]
//
// With a key and a certificate it speaks TLS.
//
// /file, or any other name: the file, in chunks of 64 KiB
// /moved    a redirect to /file
// /plain    a redirect to the same host without TLS
// /cut      the file without its last half, announced as whole
// /N        the HTTP status N, say /503
//
// Each request goes to standard output, one a line.
import { createServer as createPlain } from "node:http";
import { createServer as createTls } from "node:https";
import { readFileSync, writeSync } from "node:fs";

const [path, key, cert] = process.argv.slice(2);

const answer = (request, response) => {
  writeSync(1, `${request.method} ${request.url}\n`);
  const name = new URL(request.url, "http://host").pathname.slice(1);
  const file = readFileSync(path);
  if (/^[1-5][0-9][0-9]$/.test(name)) {
    response.writeHead(Number(name)).end("no\n");
  } else if (name === "moved") {
    response.writeHead(302, { location: "/file" }).end();
  } else if (name === "plain") {
    response.writeHead(302, { location: `http://${request.headers.host}/file` }).end();
  } else if (name === "cut") {
    response.writeHead(200, { "content-length": file.length });
    response.write(file.subarray(0, file.length / 2), () => request.socket.destroy());
  } else {
    for (let at = 0; at < file.length; at += 65536) response.write(file.subarray(at, at + 65536));
    response.end();
  }
};

const server = key
  ? createTls({ key: readFileSync(key), cert: readFileSync(cert) }, answer)
  : createPlain(answer);
server.listen(0, "127.0.0.1", () => {
  console.error(`listening on ${key ? "https" : "http"}://127.0.0.1:${server.address().port}`);
});

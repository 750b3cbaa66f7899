// A WebSocket by hand:  node dial.mjs URL [HEADER | send: TEXT]…
//
// Text frames go to standard output, one a line; standard error says "open", then
// "closed with CODE", or the status that the handshake got. TEXT is sent once it is open.
import { writeSync } from "node:fs";
import WebSocket from "ws";

const [url, ...words] = process.argv.slice(2);
const isText = (word) => word.startsWith("send: ");
const headers = Object.fromEntries(words.filter((word) => !isText(word)).map((word) => word.split(/: (.*)/s)));
const protocols = new URL(url).pathname === "/cable" ? ["actioncable-v1-json"] : [];

const socket = new WebSocket(url, protocols, { headers, rejectUnauthorized: false });
socket.on("open", () => {
  console.error("open");
  for (const word of words.filter(isText)) socket.send(word.slice("send: ".length));
});
socket.on("message", (data) => writeSync(1, `${data}\n`));
socket.on("unexpected-response", (_, answer) => {
  console.error(`the handshake got ${answer.statusCode}`);
  process.exit(1);
});
socket.on("error", (error) => console.error(error.message));
socket.on("close", (code) => console.error(`closed with ${code}`));

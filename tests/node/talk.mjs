// A WebSocket client that says what it is told to and writes down what it hears.
//
//   node talk.mjs URL [SUBPROTOCOL]    each line of standard input is sent as one message
//
// Standard output: "open SUBPROTOCOL", then each text frame as it came, one a line (a newline in it is
// written as \n), and at
// the end "closed CODE REASON". SIGUSR2 makes it read nothing until the next SIGUSR2.
import { createInterface } from "node:readline";
import { writeSync } from "node:fs";
import WebSocket from "ws";

const [url, protocol] = process.argv.slice(2);
const origin = new URL(url).origin.replace(/^ws/, "http");
const socket = new WebSocket(url, protocol ? [protocol] : [], { origin });
const say = (text) => writeSync(1, `${text}\n`);

socket.on("open", () => {
  say(`open ${socket.protocol}`);
  console.error(`listening on ${url}`);
  createInterface({ input: process.stdin }).on("line", (line) => socket.send(line));
});
socket.on("message", (data) => say(data.toString().replaceAll("\n", "\\n")));
socket.on("error", (error) => say(`error ${error.message}`));
socket.on("close", (code, reason) => {
  say(`closed ${code} ${reason}`);
  process.exit(0);
});
process.on("SIGUSR2", () => (socket.isPaused ? socket.resume() : socket.pause()));
setInterval(() => {}, 1 << 30); // a socket that sleeps keeps no process alive

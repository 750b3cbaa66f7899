// A browser that writes down what it hears.
//
//   node record.mjs ws URL            plain JSON: each frame is a line
//   node record.mjs cable URL         ActionCable, spoken by hand
//   node record.mjs actioncable URL   ActionCable, by the library that Rails pages load
//
// SIGUSR2 makes it fall asleep: it reads nothing until the next SIGUSR2.
//
// Every text frame goes to standard output as it came, one a line. Standard error says
// "listening on URL" once subscribed, and why the connection ended if it did.
import { createRequire } from "node:module";
import { writeSync } from "node:fs";
import WebSocket from "ws";

const [dialect, url] = process.argv.slice(2);
const channel = "DashboardChannel";

// As a page that the server itself has sent would be named.
const origin = new URL(url).origin.replace(/^ws/, "http");

class RecordedSocket extends WebSocket {
  constructor(address, protocols = []) {
    super(address, protocols, { origin });
    this.on("message", (data) => writeSync(1, `${data}\n`));
    process.on("SIGUSR2", () => (this.isPaused ? this.resume() : this.pause()));
  }
}

const ready = () => console.error(`listening on ${url}`);
const failed = (why) => {
  console.error(`${dialect} ${url}: ${why}`);
  process.exit(1);
};

const dialects = {
  ws() {
    const socket = new RecordedSocket(url);
    socket.on("open", ready);
    socket.on("error", (error) => failed(error.message));
    socket.on("close", (code) => failed(`closed with ${code}`));
  },

  cable() {
    const socket = new RecordedSocket(url, ["actioncable-v1-json", "actioncable-unsupported"]);
    const identifier = JSON.stringify({ channel });
    socket.on("error", (error) => failed(error.message));
    socket.on("close", (code) => failed(`closed with ${code}`));
    socket.on("message", (data) => {
      const { type } = JSON.parse(data);
      if (type === "welcome") socket.send(JSON.stringify({ command: "subscribe", identifier }));
      if (type === "confirm_subscription") ready();
      if (type === "reject_subscription") failed("rejected");
    });
  },

  actioncable() {
    // What the library expects of a browser.
    globalThis.document = { visibilityState: "visible" };
    globalThis.addEventListener = globalThis.removeEventListener = () => {};
    const ActionCable = createRequire(import.meta.url)("@rails/actioncable");
    ActionCable.adapters.WebSocket = RecordedSocket;
    ActionCable.createConsumer(url).subscriptions.create(channel, {
      connected: ready,
      rejected: () => failed("rejected"),
      disconnected: () => failed("disconnected"),
    });
  },
};

setInterval(() => {}, 1 << 30); // a socket that sleeps keeps no process alive
dialects[dialect]();

// A client of the feed that tells what comes over the wire, down to the bytes.
//
//   node tap.mjs URL [KEY…]      subscribes each SEGMENT:ID in ticker mode
//
// Standard output has one line for each thing that happened:
//
//   open                     the handshake is done; from here bytes are counted
//   refused 429 TEXT         instead of a handshake
//   tick NSE_EQ:2885 1393.4  a ticker packet
//   traded SECONDS           its raw trade time, whenever it is another than before
//   packet CODE LENGTH       any other packet, its length as declared
//   message KIND SIZE        a message, after what was in it; KIND is text or binary
//   ping | pong | close CODE
//   broken                   what came is no frame; nothing is read after that
//   end BYTES | reset BYTES  how the connection ended, and how much came before
//
// SIGUSR1 sends a ping, SIGUSR2 makes it fall asleep until the next SIGUSR2.
import { connect } from "node:net";
import { writeSync } from "node:fs";

const [address, ...keys] = process.argv.slice(2);
const url = new URL(address);
const segments = ["IDX_I", "NSE_EQ", "NSE_FNO", "NSE_CURRENCY", "BSE_EQ", "MCX_COMM"];
const say = (...words) => writeSync(1, `${words.join(" ")}\n`);
const socket = connect(Number(url.port), url.hostname);
let unread = Buffer.alloc(0);
let bytes = 0;
let isOpen = false;
let traded;

const send = (opcode, text) => {
  const head = text.length < 126 ? [text.length | 0x80] : [126 | 0x80, text.length >> 8, text.length & 255];
  socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...head, 0, 0, 0, 0]), Buffer.from(text)]));
};

// The shortest decimal that reads back as the same binary32.
const price = (value) => {
  for (let digits = 1; digits < 10; digits++)
    if (Math.fround(Number(value.toPrecision(digits))) === value) return Number(value.toPrecision(digits));
  return value;
};

const onPackets = (data) => {
  for (let at = 0; at + 8 <= data.length; ) {
    const code = data[at];
    const length = data.readUInt16LE(at + 1);
    if (code === 2 && at + 16 <= data.length) {
      say("tick", `${segments[data[at + 3]]}:${data.readUInt32LE(at + 4)}`, price(data.readFloatLE(at + 8)));
      const time = data.readUInt32LE(at + 12);
      if (time !== traded) say("traded", (traded = time));
    } else {
      say("packet", code, length, ...(code === 50 ? [data.readUInt16LE(at + 8)] : []));
    }
    at += Math.max(length, 8);
  }
};

const onFrame = (opcode, data) => {
  if (opcode === 1 || opcode === 2) {
    if (opcode === 2) onPackets(data);
    say("message", opcode === 2 ? "binary" : "text", data.length);
  } else if (opcode === 9) {
    say("ping");
    send(10, data);
  } else if (opcode === 10) {
    say("pong");
  } else if (opcode === 8) {
    say("close", data.readUInt16BE(0));
    send(8, data);
  }
};

const onBytes = () => {
  while (unread.length >= 2) {
    if ((unread[0] & 0x70) !== 0 || (unread[0] & 0x0f) > 10) {
      say("broken");
      socket.removeAllListeners("data").resume();
      return;
    }
    const short = unread[1] & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (unread.length < head) return;
    const size = head === 2 ? short : head === 4 ? unread.readUInt16BE(2) : Number(unread.readBigUInt64BE(2));
    if (unread.length < head + size) return;
    onFrame(unread[0] & 0x0f, unread.subarray(head, head + size));
    unread = unread.subarray(head + size);
  }
};

const onHandshake = () => {
  const end = unread.indexOf("\r\n\r\n");
  if (end < 0) return;
  const answer = unread.subarray(0, end).toString();
  const body = unread.subarray(end + 4);
  if (!answer.startsWith("HTTP/1.1 101")) {
    say("refused", answer.split(" ")[1], body);
    process.exit();
  }
  unread = body;
  bytes = body.length;
  isOpen = true;
  say("open");
  const list = keys.map((key) => key.split(":")).map(([ExchangeSegment, SecurityId]) => ({ ExchangeSegment, SecurityId }));
  for (let at = 0; at < list.length; at += 100) {
    const InstrumentList = list.slice(at, at + 100);
    send(1, JSON.stringify({ RequestCode: 15, InstrumentCount: InstrumentList.length, InstrumentList }));
  }
  onBytes();
};

socket.on("connect", () =>
  socket.write(
    `GET /?version=2&token=${process.env.TOKEN ?? "t"}&clientId=${process.env.CLIENT ?? "1"}&authType=2 HTTP/1.1\r\n` +
      `Host: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ),
);
socket.on("data", (data) => {
  bytes += isOpen ? data.length : 0;
  unread = Buffer.concat([unread, data]);
  if (isOpen) onBytes();
  else onHandshake();
});
socket.on("end", () => say("end", bytes));
socket.on("error", (error) => say(error.code === "ECONNRESET" ? "reset" : error.code, bytes));
socket.on("close", () => process.exit());
setInterval(() => {}, 1 << 30); // a socket that sleeps keeps no process alive
process.on("SIGUSR1", () => send(9, "hello"));
process.on("SIGUSR2", () => (socket.isPaused() ? socket.resume() : socket.pause()));

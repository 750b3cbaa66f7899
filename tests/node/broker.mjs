// A broker that sends what it is told, for what ltp-sim would never do.
//
//   node broker.mjs [--status N [--late MS]] [--drop] [HEX…]
//
// Each HEX is sent as one binary message when a client has sent its first request.
// --status answers every upgrade with that HTTP status, after MS; --drop cuts the connection
// after the messages. What clients send goes to standard output, one message a line, and
// "asked" for each upgrade that is to be refused.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { writeSync } from "node:fs";
import { WebSocketServer } from "ws";

const { values, positionals: messages } = parseArgs({
  options: { status: { type: "string" }, late: { type: "string", default: "0" }, drop: { type: "boolean" } },
  allowPositionals: true,
});

const http = createServer();
const sockets = new WebSocketServer({ noServer: true });

http.on("upgrade", (request, stream, head) => {
  if (values.status) {
    writeSync(1, "asked\n");
    const answer = `HTTP/1.1 ${values.status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    setTimeout(() => stream.end(answer), Number(values.late));
    return;
  }
  sockets.handleUpgrade(request, stream, head, (socket) => {
    socket.once("message", () => {
      for (const hex of messages) socket.send(Buffer.from(hex, "hex"));
      if (values.drop) socket.terminate();
    });
    socket.on("message", (text) => writeSync(1, `${text}\n`));
    socket.on("error", () => {});
  });
});

http.listen(0, "127.0.0.1", () => {
  console.error(`listening on ws://127.0.0.1:${http.address().port}`);
});

// Cuts the broker's stream behind byte 1, 2, 3… and looks at what ltp-feed makes of it.
//
//   LTP_BIN=build/bin node tests/campaign/feed_cuts.mjs [--from 1] [--to 2000] [--step 1] [--lanes L]
//
// Each time ltp-feed --once has to end with 69, every line has to be whole, and there are
// never more ticks than the bytes could hold: a full packet has 162.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { Program, parseLines, startSimulator } from "../node/processes.mjs";

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    to: { type: "string", default: "2000" },
    step: { type: "string", default: "1" },
    lanes: { type: "string", default: "2" },
  },
});

let next = Number(values.from);
let cuts = 0;
let most = 0;
let failed = 0;

async function cut(sim, directory, lane, after) {
  await sim.fault(`cut?after=${after}&times=1`);
  const feed = new Program("ltp-feed", directory,
    ["--once", "--hours", "always", "-m", "full", "--url", sim.url, "NSE_EQ:2885", "NSE_EQ:11536"],
    { DHANHQ_CLIENT_ID: `cuts-${lane}`, DHANHQ_ACCESS_TOKEN: "none" });
  const status = await feed.end(null, 20000);
  if (status !== 69) throw new Error(`status ${status}: ${feed.messages()}`);
  const ticks = parseLines(feed.lines()).filter((line) => line.type === "screener_ltp_update");
  ticks.forEach((tick, i) => {
    if (tick.seq !== i + 1) throw new Error(`tick ${i + 1} has the number ${tick.seq}`);
  });
  if (ticks.length * 162 > after) throw new Error(`${ticks.length} ticks out of ${after} bytes`);
  ++cuts;
  most = Math.max(most, ticks.length);
}

async function lane(number) {
  const directory = mkdtempSync(`${tmpdir()}/ltp-cuts-`);
  // Two prices of 162 bytes at a time, so that most cuts are in the middle of a packet.
  const sim = await startSimulator(directory, ["--rate", "100"]);
  try {
    while (next <= Number(values.to)) {
      const after = next;
      next += Number(values.step);
      try {
        await cut(sim, directory, number, after);
      } catch (error) {
        ++failed;
        console.log(`cut after ${after}: ${error.message}`);
      }
    }
  } finally {
    await sim.end();
    rmSync(directory, { recursive: true });
  }
}
await Promise.all(Array.from({ length: Number(values.lanes) }, (_, i) => lane(i)));

if (Number(values.to) >= 1000 && most < 3) {
  ++failed;
  console.log(`only ${most} ticks came before the last cut`);
}
console.log(`${cuts} cuts, up to ${most} ticks; ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

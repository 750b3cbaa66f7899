// Random sequences of faults between ltp-sim and ltp-feed.
//
//   LTP_BIN=build/bin node tests/campaign/feed_faults.mjs [--runs N] [--seed S] [--lanes L]
//
// In each run faults come at random moments. Then everything heals: the feed has to be live
// again, with the last tick of each instrument equal to the simulator's last trade, or has
// to say why it is not (after "too many requests" it waits a minute and more). Its lines
// have to be whole and numbered without a hole. A run is made again by its seed.
import { mkdtempSync, rmSync, writeFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { Program, dice, parseLines, sleep, startSimulator, until } from "../node/processes.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    lanes: { type: "string", default: "2" },
  },
});

const KEYS = ["NSE_EQ:2885", "NSE_EQ:11536", "NSE_EQ:1333", "IDX_I:13", "BSE_EQ:500325",
              "MCX_COMM:435697", "NSE_CURRENCY:10093", "NSE_FNO:35001"];

const FAULTS = [
  (d) => "mute", (d) => `mute?key=${d.pick(KEYS)}`, (d) => "half-open", (d) => "half-open?new=1",
  (d) => `cut?after=${1 + d.below(3000)}`,
  (d) => `cut?after=${1 + d.below(500)}&times=${1 + d.below(2)}${d.pick(["", "&reset=1"])}`,
  (d) => `disconnect?code=${d.pick([800, 804, 805, 806, 807, 808, 809, 810, 811, 812, 813, 814, 899])}`,
  (d) => `refuse?status=${d.pick([401, 403, 429, 500, 502, 302, 200])}&times=1`,
  (d) => "expire",
  (d) => `malformed?kind=${d.pick(["truncated", "length", "code", "segment", "nan", "infinite", "zero",
                                    "negative", "empty", "text", "garbage", "frame"])}`,
  (d) => `batch?packets=${1 + d.below(5000)}`, (d) => `drip?bytes=${1 + d.below(50)}&ms=${1 + d.below(5)}`,
  (d) => "oversize", (d) => `stall?ms=${d.below(500)}`, (d) => `clock?offset_s=${d.below(7200) - 3600}`,
  (d) => `burst?trades=${1 + d.below(50)}`, (d) => "heal",
];

function writeToken(directory, token) {
  for (const name of ["wanted", "token"]) {
    writeFileSync(`${directory}/${name}.new`, `${token}\n`, { mode: 0o600 });
    renameSync(`${directory}/${name}.new`, `${directory}/${name}`);
  }
}

const lastPrices = (lines) => {
  const last = new Map();
  for (const line of lines) if (line.type === "screener_ltp_update") last.set(line.instrument_key, line.ltp);
  return last;
};

/// What the run came to: "live", or the state and reason that the feed shows.
async function run(seed, directory, told) {
  const d = dice(seed);
  writeToken(directory, `token-${seed}`);
  const sim = await startSimulator(directory,
    ["--rate", "40", "--seed", String(seed), "--token-file", `${directory}/wanted`]);
  const feed = new Program("ltp-feed", directory,
    ["--url", sim.url, "--hours", "always", "--mute-after", "1s", "--token-file", `${directory}/token`, ...KEYS],
    { DHANHQ_CLIENT_ID: `campaign-${seed}`, DHANHQ_ACCESS_TOKEN: "" });
  try {
    await until("a first tick", () => feed.lines().includes("screener_ltp_update"));
    for (let i = 2 + d.below(5); i > 0; --i) {
      const fault = d.pick(FAULTS)(d);
      told.push(fault);
      await sim.fault(fault);
      await sleep(d.below(400));
    }
    await sim.fault("heal");
    writeToken(directory, `token-${seed}-renewed`);
    await sleep(100);
    feed.child.kill("SIGHUP");
    const waiting = () => /trying again in ([6-9][0-9]|[1-9][0-9][0-9]) s/.test(feed.messages());
    // Of some megabytes only what is asked for is parsed: it is asked for fifty times a second.
    const state = () => {
      const lines = feed.lines();
      const start = lines.lastIndexOf('{"type":"feed_status"', lines.lastIndexOf("\n"));
      return JSON.parse(lines.slice(start, lines.indexOf("\n", start)));
    };
    const healed = Date.now();
    const whole = async () => {
      const { connections } = JSON.parse(await sim.ask("state"));
      return connections.length > 0 && connections.every((c) => c.subscriptions === KEYS.length);
    };
    const outcome = await until("the feed to be live or to say why not", async () => {
      const last = state();
      if (last.state === "connected" && await whole()) return "live";
      // Said, and not about to change soon: not a failure, but not live either.
      if (last.state !== "connected" && last.reason && waiting() && Date.now() - healed > 3000)
        return `${last.state}: ${last.reason}`;
      return false;
    }, 60000);
    if (outcome === "live") {
      await sim.fault("freeze");
      const truth = lastPrices((await sim.ask("truth")).trim().split("\n").map((l) =>
        ({ ...JSON.parse(l), type: "screener_ltp_update" })));
      await until("the last ticks to be the truth", () => {
        const last = lastPrices(parseLines(feed.lines().replace(/[^\n]*$/, "")));
        return KEYS.every((key) => last.get(key) === truth.get(key));
      });
    }
    const status = await feed.end();
    if (status !== 0) throw new Error(`ltp-feed ended with ${status}`);
    const ticks = parseLines(feed.lines()).filter((line) => line.type === "screener_ltp_update");
    ticks.forEach((tick, i) => {
      if (tick.seq !== i + 1) throw new Error(`tick ${i + 1} has the number ${tick.seq}`);
    });
    return outcome;
  } finally {
    await feed.end("SIGKILL");
    await sim.end("SIGTERM");
  }
}

let next = 0;
const outcomes = new Map();
let failed = 0;
async function lane() {
  while (next < Number(values.runs)) {
    const seed = Number(values.seed) + next++;
    const directory = mkdtempSync(`${tmpdir()}/ltp-campaign-`);
    const told = [];
    try {
      const outcome = (await run(seed, directory, told)).replace(/ \(.*/, "");
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      rmSync(directory, { recursive: true });
    } catch (error) {
      ++failed;
      const why = [error.message, error.cause?.message].filter(Boolean).join(": ");
      console.log(`seed ${seed} failed: ${why}; faults: ${told.join(", ")}; files: ${directory}`);
    }
  }
}
await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
for (const [outcome, count] of outcomes) console.log(`${count} ${outcome}`);
console.log(`${Number(values.runs) - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

// Chromium and the programs behind a page, for the tests in this folder.
import { chromium } from "playwright-core";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseLines, startSimulator, until } from "../processes.mjs";

export { assert, until };

const credentials = { DHANHQ_CLIENT_ID: "1000000001", DHANHQ_ACCESS_TOKEN: "page-token" };

/// A scenario: folder, browser and programs that end with it. `what` gets the House.
export async function scenario(what) {
  const house = new House();
  try {
    await what(house);
  } finally {
    await house.end();
  }
}

class House {
  constructor() {
    this.folder = mkdtempSync(`${tmpdir()}/ltp-page-`);
    this.programs = [];
    this.complaints = []; // what a page should never say
  }

  /// Each page has its complaints collected: errors, and reports of the content policy.
  async page(url, options = {}) {
    this.browser ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // A page that a test hands out itself counts as from the internet, and would have to ask
      // before it may talk to this machine.
      args: ["--no-sandbox", "--disable-gpu", "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"],
    });
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      // Chromium itself writes an error for each connection that fails; that is no fault of a page.
      if (message.type() === "error" && !/ERR_|WebSocket connection to|Failed to load resource/.test(message.text()))
        this.complaints.push(message.text());
    });
    await page.addInitScript(() => {
      window.policyReports = [];
      document.addEventListener("securitypolicyviolation", (event) => window.policyReports.push(event.violatedDirective));
    });
    if (options.before) await options.before(page);
    if (url) await page.goto(url);
    return page;
  }

  add(program) {
    this.programs.push(program);
    return program;
  }

  /// ltp-sim under control; `truth()` is the latest price of each instrument by its key.
  async simulator(...args) {
    const sim = this.add(await startSimulator(this.folder, args));
    sim.truth = async () => new Map(parseLines(await sim.ask("truth")).map((one) => [one.instrument_key, one.ltp]));
    return sim;
  }

  /// ltp-feed | ltp-serve --stdin, or with `redis` the whole pipe around a Redis of its own.
  async pipe(sim, { mode = "quote", watch = "NSE_EQ:2885 RELIANCE\nNSE_EQ:1333 HDFCBANK\nIDX_I:13 NIFTY\n", redis = false } = {}) {
    writeFileSync(`${this.folder}/watch.txt`, watch);
    const feed = `"$LTP_BIN/ltp-feed" --url ${sim.url} --mode ${mode} -i watch.txt 2>feed.err`;
    if (!redis) return this.serve(`${feed} | "$LTP_BIN/ltp-serve" --stdin`);
    await this.redis();
    this.shell("feed", `${feed} | "$LTP_BIN/ltp-cache" 2>cache.err | "$LTP_BIN/ltp-pub" --stdout none`);
    return this.serve('"$LTP_BIN/ltp-serve"');
  }

  async redis() {
    this.env = { REDIS_URL: `unix://${this.folder}/redis.sock` };
    this.server = this.shell("redis", "exec redis-server --port 0 --unixsocket redis.sock --save ''");
    await until("Redis to answer", () => this.quietly("redis-cli -s redis.sock ping"));
  }

  quietly(command) {
    return new Promise((resolve) => spawn("bash", ["-c", command], { cwd: this.folder, stdio: "ignore" })
      .on("exit", (status) => resolve(status === 0)));
  }

  /// Runs in a process group of its own; port 0 unless there is one to come back to.
  async serve(command, port = 0) {
    const program = this.shell("serve", `${command} --port ${port}`);
    program.url = await until("ltp-serve to listen",
      () => /listening on (http:\/\/[^ \n]+)/.exec(program.messages())?.[1]);
    program.port = new URL(program.url).port;
    return program;
  }

  shell(name, script) {
    const file = `${this.folder}/${name}.err`;
    const error = openSync(file, "w");
    const child = spawn("bash", ["-c", script], {
      cwd: this.folder,
      env: { ...process.env, ...credentials, ...this.env },
      stdio: ["pipe", "ignore", error],
      detached: true,
    });
    closeSync(error);
    child.stdin.on("error", () => {});
    const group = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It has gone already.
      }
    };
    process.on("exit", () => group("SIGKILL"));
    const exited = new Promise((resolve) => child.on("exit", resolve));
    return this.add({
      stdin: child.stdin,
      messages: () => readFileSync(file, "utf8"),
      signal: group,
      async end(signal = "SIGTERM") {
        group(signal);
        const late = setTimeout(() => group("SIGKILL"), 8000);
        await exited;
        clearTimeout(late);
      },
    });
  }

  async end() {
    await this.browser?.close();
    for (const program of this.programs.reverse()) await program.end();
    rmSync(this.folder, { recursive: true, force: true });
    assert.deepEqual(this.complaints, []);
  }
}

/// A tick line as ltp-feed writes it, with what matters here.
export const line = (key, symbol, ltp, more = {}) => JSON.stringify({
  type: "screener_ltp_update", symbol, instrument_id: null, instrument_key: key, ltp,
  timestamp: "2026-01-05T10:15:30+05:30", source: "websocket", recv_us: Date.now() * 1000, ...more,
}) + "\n";
export const status = (state, reason = null) => JSON.stringify({
  type: "feed_status", state, reason, source: "websocket", recv_us: Date.now() * 1000,
}) + "\n";

/// The page's own cell of an instrument, and its row.
export const cellOf = (page, key) => page.locator(`.js-ltp-cell[data-instrument-key="${key}"]`);
export const rowOf = (page, key) => page.locator(`.row[data-key="${key}"]`);

/// The number in a text such as "₹1,39,340.50".
export const numberIn = (text) => Number(text.replace(/[₹,]/g, ""));

export function waitForText(page, selector, pattern, ms = 15000) {
  return page.waitForFunction(
    ([selector, source]) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ""),
    [selector, pattern.source], { timeout: ms });
}

/// Runs the scenario that the command line names.
export async function run(scenarios) {
  const name = process.argv[2];
  if (!Object.hasOwn(scenarios, name)) {
    console.error(`no scenario "${name}"`);
    process.exit(64);
  }
  await scenarios[name]();
  process.exit(0);
}

// Programs under test, started and ended by a campaign.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { once } from "node:events";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/// Waits until `check` gives something true, which is the answer; throws after `ms`.
export async function until(what, check, ms = 15000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain for: ${what}`);
    await sleep(20);
  }
}

// However this ends, its programs end with it.
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/// A program of $LTP_BIN; what it writes is in files of `directory`, of its name or another.
export class Program {
  constructor(name, directory, args, env = {}, files_name = name) {
    this.out = `${directory}/${files_name}.out`;
    this.err = `${directory}/${files_name}.err`;
    const files = [openSync(this.out, "w"), openSync(this.err, "w")];
    this.child = spawn(`${process.env.LTP_BIN}/${name}`, args,
                       { env: { ...process.env, ...env }, stdio: ["ignore", ...files] });
    files.forEach(closeSync);
    running.add(this.child);
    this.exited = once(this.child, "exit").then(([status, signal]) => signal ?? status);
  }
  messages() { return readFileSync(this.err, "utf8"); }
  lines() { return readFileSync(this.out, "utf8"); }
  /// Its exit status, or the signal that ended it.
  async end(signal = "SIGTERM", ms = 10000) {
    if (signal) this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), ms);
    const status = await this.exited;
    clearTimeout(late);
    running.delete(this.child);
    return status;
  }
}

/// An ltp-sim under control, at `url` (ws://…).
export async function startSimulator(directory, args) {
  const sim = new Program("ltp-sim", directory, ["--control", ...args]);
  sim.url = await until("ltp-sim to listen",
    () => /listening on (ws:\/\/[^ \n]+)/.exec(sim.messages())?.[1]);
  const http = sim.url.replace("ws", "http");
  sim.fault = async (fault) => {
    const answer = await fetch(`${http}/control/${fault}`, { method: "POST" });
    if (!answer.ok) throw new Error(`${fault}: ${await answer.text()}`);
  };
  sim.ask = async (question) => (await fetch(`${http}/control/${question}`)).text();
  return sim;
}

/// Numbers that a seed gives again: mulberry32.
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, pick: (list) => list[below(list.length)] };
}

/// Each line of tick output as an object; throws at a torn or damaged one.
export function parseLines(text) {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line is torn");
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

// What a person may believe of the prices on the screen. Pure.
import { age } from "./format.js";

const kSilentMs = 15000;

const feedTexts = {
  partial: "part of the feed is down",
  mute: "the feed is connected but brings no prices",
  refused: "the broker refuses the feed",
  disconnected: "the feed is down",
};

/** No price that is not one of the market now may be taken for one. */
const sourceTexts = {
  simulator: "these prices are made up by a simulator",
  replay: "these prices are played from a recording",
};

/**
 * {level: "live" | "warn" | "down", text, detail} of what is known: `open`, `polling`,
 * `nextTryMs`, `heardMs` of the stream, `newsMs`, when something came that was not known, the
 * last feed_status, and the source of the latest tick.
 */
export function describe({ open, polling, nextTryMs, heardMs, newsMs, status, source, nowMs }) {
  if (!open) {
    const wait = nextTryMs === null ? "trying now" : `next try in ${age(nextTryMs - nowMs + 999)}`;
    if (heardMs === null && !polling) return { level: "warn", text: "Connecting", detail: "" };
    return {
      level: "down",
      text: "Not connected",
      detail: polling ? `${wait}; prices are polled every 2 s` : wait,
    };
  }
  const state = status?.state;
  if (typeof state === "string" && state !== "connected") {
    const reason = typeof status.reason === "string" && status.reason ? `: ${status.reason}` : "";
    return {
      level: state === "partial" || state === "mute" ? "warn" : "down",
      text: state === "partial" ? "Partly live" : state === "mute" ? "No prices" : "Not live",
      detail: `${feedTexts[state] ?? `the feed says “${state}”`}${reason}`,
    };
  }
  if (nowMs - newsMs > kSilentMs)
    return { level: "warn", text: "Silent", detail: `nothing has come for ${age(nowMs - newsMs)}` };
  return { level: "live", text: "Live", detail: sourceTexts[source] ?? "" };
}

/** What was measured within the last minute, the latest few thousand of it. */
export class Recent {
  static kKeptMs = 60000;
  constructor(most = 4096) {
    this.values = new Float64Array(most);
    this.timesMs = new Float64Array(most);
    this.count = 0;
  }
  add(value, nowMs) {
    const at = this.count++ % this.values.length;
    this.values[at] = value;
    this.timesMs[at] = nowMs;
  }
  /** One for each of `wanted`; null where nothing has been measured. */
  percentiles(wanted, nowMs) {
    const size = Math.min(this.count, this.values.length);
    const kept = this.values.slice(0, size).filter((_, i) => nowMs - this.timesMs[i] < Recent.kKeptMs).sort();
    return wanted.map((p) => kept[Math.min(kept.length - 1, Math.floor((p / 100) * kept.length))] ?? null);
  }
}

/**
 * How far this machine's clock is ahead of the feed's, in ms, as far as can be told from
 * status lines that came live: a difference under two seconds is the line's own way.
 */
export class Skew {
  constructor() { this.ms = 0; }
  heard(recvUs, nowMs) {
    if (!Number.isFinite(recvUs)) return;
    const ahead = nowMs - recvUs / 1000;
    this.ms = Math.abs(ahead) < 2000 ? Math.min(0, ahead) : ahead;
  }
}

// What a person may believe of the prices on the screen. Pure.
import { age } from "./format.js";

const kSilentMs = 15000;

const feedTexts = {
  partial: "part of the feed is down",
  mute: "the feed is connected but brings no prices",
  refused: "the broker refuses the feed",
  disconnected: "the feed is down",
};

/**
 * {level: "live" | "warn" | "down", text, detail} of what is known: `open`, `polling`,
 * `nextTryMs`, `heardMs` of the stream, the last feed_status, and whether prices are made up.
 */
export function describe({ open, polling, nextTryMs, heardMs, status, simulated, nowMs }) {
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
  if (nowMs - heardMs > kSilentMs)
    return { level: "warn", text: "Silent", detail: `nothing has come for ${age(nowMs - heardMs)}` };
  return { level: "live", text: "Live", detail: simulated ? "these prices are made up by a simulator" : "" };
}

/** The last few hundred of something, for its percentiles. */
export class Recent {
  constructor(most = 512) {
    this.values = new Float64Array(most);
    this.count = 0;
  }
  add(value) { this.values[this.count++ % this.values.length] = value; }
  percentile(p) {
    const size = Math.min(this.count, this.values.length);
    if (size === 0) return null;
    return this.values.slice(0, size).sort()[Math.min(size - 1, Math.floor((p / 100) * size))];
  }
  clear() { this.count = 0; }
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

// What is known of each instrument: the latest tick, and the way of its price since the
// page was opened. No document in here.
import { isPrice } from "./format.js";

const kFlashMs = 500;
const kStaleMs = 30000; // as long as a price counts in the cache

/**
 * Prices and their times, at most kMost of them: the last kRecent as they came, and of what
 * was before the low and the high of each of kSlices equal slices of the time since the
 * first. So a whole session stays visible, its morning as fine as its afternoon.
 */
export class History {
  static kMost = 2048;
  static kRecent = 512;
  static kSlices = 512;

  constructor() {
    this.size = 0;
    this.timesS = new Float64Array(64);
    this.prices = new Float64Array(64);
  }

  add(timeS, price) {
    if (this.size === this.prices.length) this.#makeRoom();
    // Two clocks took part in the time; what comes later is later all the same.
    this.timesS[this.size] = this.size ? Math.max(timeS, this.timesS[this.size - 1]) : timeS;
    this.prices[this.size++] = price;
  }

  #makeRoom() {
    if (this.size < History.kMost) {
      for (const name of ["timesS", "prices"]) {
        const wider = new Float64Array(this.size * 2);
        wider.set(this[name]);
        this[name] = wider;
      }
      return;
    }
    const { timesS, prices, size } = this;
    const old = size - History.kRecent;
    const slice = (i) => Math.floor(((timesS[i] - timesS[0]) / span) * History.kSlices);
    const span = timesS[old] - timesS[0] || 1;
    let out = 0;
    const keep = (i) => {
      timesS[out] = timesS[i];
      prices[out++] = prices[i];
    };
    for (let i = 0; i < old; ) {
      const mine = slice(i);
      let low = i;
      let high = i;
      for (++i; i < old && slice(i) === mine; ++i) {
        if (prices[i] < prices[low]) low = i;
        if (prices[i] >= prices[high]) high = i;
      }
      keep(Math.min(low, high));
      if (low !== high) keep(Math.max(low, high));
    }
    for (let i = old; i < size; ++i) keep(i);
    this.size = out;
  }
}

/** One instrument. */
class Quote {
  constructor(key) {
    this.key = key;
    this.symbol = key;
    this.tick = null;
    this.ltp = null;
    this.atMs = null; // when the feed received it, by this machine's clock
    this.direction = 0; // of the last change
    this.flashUntil = 0;
    this.history = new History();
  }

  /** Against the previous close; null if that is not known. */
  get change() {
    const before = this.tick?.prev_close;
    return isPrice(before) && this.ltp !== null ? this.ltp - before : null;
  }
  get changePercent() {
    const change = this.change;
    return change === null ? null : (change / this.tick.prev_close) * 100;
  }
  isStale(nowMs) { return this.atMs === null || nowMs - this.atMs > kStaleMs; }
  get bid() { return this.tick?.depth?.[0]?.bid_price ?? null; }
  get ask() { return this.tick?.depth?.[0]?.ask_price ?? null; }

  take(ltp, atMs, nowMs) {
    if (this.ltp !== null && ltp !== this.ltp) {
      this.direction = ltp > this.ltp ? 1 : -1;
      this.flashUntil = nowMs + kFlashMs;
    }
    this.ltp = ltp;
    this.atMs = atMs;
    this.history.add(atMs / 1000, ltp);
  }
}

export class Book {
  constructor() {
    this.quotes = new Map();
    this.source = null; // of the latest tick
    this.hasDepth = false;
    this.ticks = 0;
  }

  get(key) {
    let quote = this.quotes.get(key);
    if (!quote) this.quotes.set(key, (quote = new Quote(key)));
    return quote;
  }

  /** A tick line's object. The quote it changed, or null if it is none, or no newer than what is known. */
  take(tick, nowMs, skewMs) {
    if (typeof tick.instrument_key !== "string" || !isPrice(tick.ltp)) return null;
    const known = this.quotes.get(tick.instrument_key);
    if (known?.tick && tick.recv_us < known.tick.recv_us) return null;
    if (known?.tick && Number.isFinite(tick.seq) && tick.seq === known.tick.seq && tick.recv_us === known.tick.recv_us)
      return null; // of a snapshot: it is known
    const quote = this.get(tick.instrument_key);
    if (typeof tick.symbol === "string" && tick.symbol) quote.symbol = tick.symbol;
    // A snapshot may be old: its age counts from when the feed received it.
    const atMs = Number.isFinite(tick.recv_us) ? Math.min(nowMs, tick.recv_us / 1000 + skewMs) : nowMs;
    quote.tick = tick;
    quote.take(tick.ltp, atMs, nowMs);
    this.source = tick.source;
    this.hasDepth ||= Array.isArray(tick.depth);
    this.ticks += 1;
    return quote;
  }

  /** A price asked for by HTTP: nothing but the number is known of it. */
  takePolled(key, ltp, nowMs) {
    if (!isPrice(ltp)) return null;
    const quote = this.get(key);
    if (quote.ltp === ltp) return null; // it may be the same trade still: its age goes on
    quote.take(ltp, nowMs, nowMs);
    return quote;
  }
}

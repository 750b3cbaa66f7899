// One instrument in full: its numbers, its book, and the chart of its session.
import { Chart } from "./chart.js";
import * as format from "./format.js";

const kFields = [
  ["Open", (q) => format.price(q.key, q.tick?.day_open)],
  ["High", (q) => format.price(q.key, q.tick?.day_high)],
  ["Low", (q) => format.price(q.key, q.tick?.day_low)],
  ["Prev. close", (q) => format.price(q.key, q.tick?.prev_close)],
  ["Average", (q) => format.price(q.key, q.tick?.average_price)],
  ["Volume", (q) => format.whole(q.tick?.volume)],
  ["Open interest", (q) => format.whole(q.tick?.open_interest)],
  ["Last quantity", (q) => format.whole(q.tick?.last_qty)],
  ["Buyers", (q) => format.whole(q.tick?.buy_qty)],
  ["Sellers", (q) => format.whole(q.tick?.sell_qty)],
  ["Last trade", (q) => clock(q.tick?.ltt)],
  ["Age", (q, nowMs) => format.age(q.atMs === null ? null : nowMs - q.atMs)],
];

/** "2026-01-05T10:15:29+05:30" to "10:15:29": the exchange's time, whoever looks. */
function clock(text) {
  return typeof text === "string" ? (/T(\d\d:\d\d:\d\d)/.exec(text)?.[1] ?? "–") : "–";
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

function button(className, text, onClick) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

export class Detail {
  /** Events: onClose(), onRemove(key), onMove(key, by). */
  constructor(root, events) {
    this.root = root;
    this.events = events;
    this.quote = null;
    this.#build();
  }

  get isOpen() { return this.quote !== null; }
  get key() { return this.quote?.key ?? null; }

  #build() {
    const head = element("div", "detail-head");
    this.title = element("h2");
    this.sub = element("p", "sub");
    this.closer = button("close", "×", () => this.close());
    this.closer.setAttribute("aria-label", "Close details");
    head.append(this.title, this.sub, this.closer);
    const now = element("p", "now");
    this.price = element("span", "big");
    this.move = element("span", "move");
    now.append(this.price, " ", this.move);
    this.chartBox = element("div", "chart");
    const fields = element("dl", "fields");
    this.values = kFields.map(([name]) => {
      const pair = element("div");
      const value = element("dd");
      pair.append(element("dt", "", name), value);
      fields.append(pair);
      return value;
    });
    this.depth = element("table", "depth");
    this.depth.hidden = true;
    // What a mouse drags and a key moves, a finger does here.
    const tools = element("p", "tools");
    tools.append(
      button("", "Move up", () => this.events.onMove(this.key, -1)),
      button("", "Move down", () => this.events.onMove(this.key, 1)),
      button("", "Remove", () => this.events.onRemove(this.key)),
    );
    this.root.append(head, now, this.chartBox, fields, this.depth, tools);
    this.chart = new Chart(this.chartBox);
  }

  show(quote) {
    if (this.quote === quote) return;
    this.quote = quote;
    this.root.hidden = false;
    this.chart.show(quote);
    this.#draw();
  }

  close() {
    if (!this.isOpen) return;
    this.quote = null;
    this.root.hidden = true;
    this.chart.clear();
    this.events.onClose();
  }

  touch(quotes) {
    if (!this.isOpen || !quotes.includes(this.quote)) return;
    this.#draw();
    this.chart.grow();
  }

  /** Once a second: ages, and what came while its row was out of sight. */
  tick() {
    if (!this.isOpen) return;
    this.#draw();
    this.chart.grow();
  }

  #draw() {
    const { quote } = this;
    const nowMs = Date.now();
    const { key, change } = quote;
    const set = (node, text) => node.textContent === text || (node.textContent = text);
    set(this.title, quote.symbol);
    set(this.sub, quote.symbol === key ? "" : key);
    set(this.price, quote.ltp === null ? "–" : `${format.unitOf(key)}${format.price(key, quote.ltp)}`);
    set(this.move, change === null ? "" : `${format.move(key, change)} (${format.plainPercent(quote.changePercent)})`);
    this.root.classList.toggle("stale", quote.isStale(nowMs));
    this.move.classList.toggle("up", change > 0);
    this.move.classList.toggle("down", change < 0);
    kFields.forEach(([, value], i) => set(this.values[i], value(quote, nowMs)));
    this.#drawDepth(quote);
  }

  #drawDepth({ key, tick }) {
    const levels = Array.isArray(tick?.depth) ? tick.depth.slice(0, 5) : [];
    this.depth.hidden = levels.length === 0;
    if (levels.length === 0) return;
    if (!this.depth.tBodies.length) {
      const head = this.depth.createTHead().insertRow();
      for (const name of ["Orders", "Qty", "Bid", "Ask", "Qty", "Orders"]) {
        const cell = element("th", "", name);
        cell.scope = "col";
        head.append(cell);
      }
      const body = this.depth.createTBody();
      for (let i = 0; i < 5; ++i) for (let j = 0, row = body.insertRow(); j < 6; ++j) row.insertCell();
    }
    [...this.depth.tBodies[0].rows].forEach((row, i) => {
      const level = levels[i];
      const texts = level
        ? [format.whole(level.bid_orders), format.whole(level.bid_qty), format.price(key, level.bid_price),
           format.price(key, level.ask_price), format.whole(level.ask_qty), format.whole(level.ask_orders)]
        : Array(6).fill("");
      texts.forEach((text, j) => row.cells[j].textContent === text || (row.cells[j].textContent = text));
    });
  }
}

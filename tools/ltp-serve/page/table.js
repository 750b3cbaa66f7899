// The table: only the rows that can be seen exist, and each is written at most once a frame.
import * as format from "./format.js";
import { drawSpark } from "./spark.js";

const kSparkMs = 500; // the least time between two drawings of a row's line
const kSparksInFrame = 4;
const kResortMs = 1000; // rows that jump at every tick cannot be read
const kSpare = 4; // rows kept ready above and below

/** What a column is sorted by. */
const sortValues = {
  symbol: (quote) => quote.symbol,
  ltp: (quote) => quote.ltp,
  change: (quote) => quote.change,
  percent: (quote) => quote.changePercent,
  volume: (quote) => quote.tick?.volume ?? null,
  age: (quote) => quote.atMs,
};

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** One row of the screen. It shows now this instrument, now that. */
class Row {
  constructor() {
    this.cells = {};
    this.shown = {};
    this.el = element("div", "row");
    this.el.setAttribute("role", "row");
    this.el.setAttribute("aria-selected", "false");
    this.el.tabIndex = -1;
    this.el.draggable = true;
    this.symbol = element("span", "symbol");
    this.id = element("small", "id");
    this.#cell("name", "rowheader", this.symbol, this.id);
    this.spark = element("canvas", "spark");
    this.#cell("line", "gridcell", this.spark).setAttribute("aria-hidden", "true");
    this.unit = element("small", "unit");
    this.value = element("span", "value js-ltp-cell");
    this.#cell("ltp", "gridcell", this.unit, this.value);
    for (const name of ["change", "percent"]) this.#cell(name, "gridcell");
    this.low = element("span");
    this.bar = element("i", "bar", element("i", "mark"));
    this.high = element("span");
    this.#cell("range", "gridcell", this.low, this.bar, this.high);
    for (const name of ["bid", "ask", "volume", "age"]) this.#cell(name, "gridcell");
    this.remove = element("button", "remove", "×");
    this.remove.type = "button";
    this.remove.tabIndex = -1;
    this.#cell("tools", "gridcell", this.remove);
    this.sparkAfterMs = 0;
    this.sparkDue = true;
  }

  #cell(name, role, ...children) {
    const cell = element("div", `cell ${name}`, ...children);
    cell.setAttribute("role", role);
    this.cells[name] = cell;
    this.el.append(cell);
    return cell;
  }

  /** Writes only what differs from what is there. */
  #text(node, name, text) {
    if (this.shown[name] === text) return;
    this.shown[name] = text;
    node.textContent = text;
  }
  #class(node, name, on) {
    const id = `.${name}`;
    if (this.shown[id] === on) return;
    this.shown[id] = on;
    node.classList.toggle(name, on);
  }

  show(quote) {
    if (this.quote === quote) return;
    this.quote = quote;
    this.sparkAfterMs = 0;
    this.value.dataset.instrumentKey = quote.key;
    this.el.dataset.key = quote.key;
    this.unit.textContent = format.unitOf(quote.key);
  }

  draw(nowMs) {
    const { quote, cells } = this;
    const { key, tick, change } = quote;
    if (this.shown.symbol !== quote.symbol) {
      this.#text(this.symbol, "symbol", quote.symbol);
      this.cells.name.title = quote.symbol; // there may be no room for all of it
      this.remove.setAttribute("aria-label", `Remove ${quote.symbol}`);
    }
    this.#text(this.id, "id", quote.symbol === key ? "" : key);
    this.#text(this.value, "ltp", format.price(key, quote.ltp));
    this.#text(cells.change, "change", format.move(key, change));
    this.#text(cells.percent, "percent", format.percent(quote.changePercent));
    this.#class(this.el, "up", change > 0);
    this.#class(this.el, "down", change < 0);
    this.#text(this.low, "low", format.price(key, tick?.day_low));
    this.#text(this.high, "high", format.price(key, tick?.day_high));
    const at = rangePosition(quote);
    this.#class(cells.range, "known", at !== null);
    if (at !== null && this.shown.at !== at) this.bar.style.setProperty("--at", `${(this.shown.at = at)}%`);
    this.#text(cells.bid, "bid", format.price(key, quote.bid));
    this.#text(cells.ask, "ask", format.price(key, quote.ask));
    this.#text(cells.volume, "volume", format.volume(tick?.volume));
    const flashing = nowMs < quote.flashUntil;
    this.#class(this.el, "price-up", flashing && quote.direction > 0);
    this.#class(this.el, "price-down", flashing && quote.direction < 0);
    this.drawAge(nowMs);
    this.sparkDue = true;
  }

  drawSpark(nowMs, { size, colours }) {
    this.sparkDue = false;
    this.sparkAfterMs = nowMs + kSparkMs;
    const { change, history, tick } = this.quote;
    const colour = this.shown[".stale"] ? colours.faint : change > 0 ? colours.up : change < 0 ? colours.down : colours.even;
    drawSpark(this.spark, history, tick?.prev_close, { ...size, colour, faint: colours.faint });
  }

  select(on) {
    this.#class(this.el, "selected", on);
    if (this.el.ariaSelected !== String(on)) this.el.setAttribute("aria-selected", String(on));
  }

  drawAge(nowMs) {
    this.#text(this.cells.age, "age", format.age(this.quote.atMs === null ? null : nowMs - this.quote.atMs));
    const stale = this.quote.isStale(nowMs);
    if (stale !== this.shown[".stale"]) this.sparkDue = true; // in another colour
    this.#class(this.el, "stale", stale);
  }
}

/** Where the price stands between the day's low and high, in whole percent; or null. */
function rangePosition({ tick, ltp }) {
  const low = tick?.day_low;
  const high = tick?.day_high;
  if (!format.isPrice(low) || !format.isPrice(high) || high <= low) return null;
  return Math.round(Math.min(1, Math.max(0, (ltp - low) / (high - low))) * 100);
}

/**
 * Events: onSelect(key), onOpen(key), onRemove(key), onMove(key, before), onDrawn(quotes) with
 * what has just been written and will be on the screen in a moment.
 */
export class Table {
  constructor({ scroller, grid, body, watch, book, events }) {
    Object.assign(this, { scroller, grid, body, watch, book, events });
    this.keys = []; // in the order shown
    this.places = new Map(); // key -> index
    this.rows = new Map(); // key -> Row, those that exist
    this.spare = [];
    this.changed = new Set();
    this.flashing = new Set();
    this.selected = null;
    this.layoutDue = true;
    this.sortedMs = 0;
    scroller.addEventListener("scroll", () => this.#layoutSoon(), { passive: true });
    const resized = new ResizeObserver(() => this.#layoutSoon());
    for (const node of [scroller, grid.querySelector(".head .line")]) resized.observe(node);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#layoutSoon());
    body.addEventListener("click", (event) => this.#clicked(event));
    body.addEventListener("focusin", (event) => this.#focused(event));
    scroller.addEventListener("keydown", (event) => this.#key(event));
    this.#takeDrags();
  }

  /** The list or its order has changed. */
  arrange() {
    const quotes = this.watch.isOpen
      ? [...this.book.quotes.values()].filter((quote) => this.watch.has(quote.key))
      : this.watch.entries.map((key) => this.book.get(key));
    const { by, down } = this.watch.sort;
    const value = sortValues[by ?? (this.watch.isOpen ? "symbol" : null)];
    if (value) quotes.sort(order(value, down && by !== null));
    this.keys = quotes.map((quote) => quote.key);
    this.places = new Map(this.keys.map((key, i) => [key, i]));
    this.sortedMs = Date.now();
    this.#layoutSoon();
  }

  /** A price of this instrument has come. */
  touch(quote) {
    this.changed.add(quote.key);
    if (!this.places.has(quote.key) && this.watch.has(quote.key)) this.arrangeDue = true;
    this.#drawSoon();
  }

  /** Once a second: ages, and rows that are sorted by what moves. */
  tick(nowMs) {
    const moving = this.watch.sort.by !== null && this.watch.sort.by !== "symbol";
    if (moving && nowMs - this.sortedMs >= kResortMs) this.arrange();
    for (const row of this.rows.values()) row.drawAge(nowMs);
    this.#drawSoon();
  }

  /** One place up (-1) or down (1); false if there is none. */
  move(key, by) {
    const to = (this.places.get(key) ?? NaN) + by;
    if (!(to >= 0 && to < this.keys.length)) return false;
    this.events.onMove(key, by < 0 ? this.keys[to] : this.keys[to + 1] ?? null);
    return true;
  }

  visibleKeys() { return [...this.rows.keys()]; }

  select(key, { focus = false } = {}) {
    if (this.selected !== key) {
      this.rows.get(this.selected)?.select(false);
      this.selected = key;
      this.rows.get(key)?.select(true);
      this.#letTabReach(this.rows.get(key));
      this.events.onSelect(key);
    }
    if (!focus) return;
    this.#scrollTo(key);
    this.#layout();
    this.rows.get(key)?.el.focus({ preventScroll: true });
  }

  /** One row at a time is in the order of Tab; the arrow keys reach the others. */
  #letTabReach(row) {
    for (const other of this.rows.values()) other.el.tabIndex = other === row ? 0 : -1;
  }

  #layoutSoon() {
    this.layoutDue = true;
    this.#drawSoon();
  }

  #drawSoon() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.#draw();
    });
  }

  #draw() {
    const nowMs = Date.now();
    if (this.arrangeDue) {
      this.arrangeDue = false;
      this.arrange();
    }
    if (this.layoutDue) this.#layout();
    const drawn = [];
    for (const key of this.changed) {
      const row = this.rows.get(key);
      if (!row) continue;
      row.draw(nowMs);
      drawn.push(row.quote);
      if (nowMs < row.quote.flashUntil) this.flashing.add(key);
    }
    this.changed.clear();
    this.#drawSparks(nowMs);
    this.events.onDrawn(drawn);
    if (this.flashing.size && !this.flashTimer) this.flashTimer = setTimeout(() => this.#endFlashes(), 100);
  }

  /** A few in each frame, in turn. Nothing is measured in here: that would cost a layout each. */
  #drawSparks(nowMs) {
    let left = kSparksInFrame;
    for (const row of this.rows.values()) {
      if (!row.sparkDue || nowMs < row.sparkAfterMs) continue;
      if (left-- === 0) return this.#drawSoon();
      row.drawSpark(nowMs, this.look);
    }
  }

  /** What the lines look like, read from the style sheet and the column they stand in. */
  #readLook() {
    const style = getComputedStyle(this.body);
    const colour = (name) => style.getPropertyValue(name).trim();
    const { clientWidth: width = 0, clientHeight: height = 0 } = this.rows.values().next().value?.spark ?? {};
    const look = {
      size: { width, height, ratio: window.devicePixelRatio || 1 },
      colours: { up: colour("--up"), down: colour("--down"), even: colour("--muted"), faint: colour("--line-strong") },
    };
    if (JSON.stringify(look) === JSON.stringify(this.look)) return;
    this.look = look;
    for (const row of this.rows.values()) {
      row.sparkDue = true;
      row.sparkAfterMs = 0;
    }
  }

  #endFlashes() {
    this.flashTimer = null;
    const nowMs = Date.now();
    for (const key of this.flashing) {
      if (this.rows.has(key) && nowMs < this.rows.get(key).quote.flashUntil) continue;
      this.flashing.delete(key);
      this.rows.get(key)?.draw(nowMs);
    }
    if (this.flashing.size) this.flashTimer = setTimeout(() => this.#endFlashes(), 100);
  }

  get rowHeight() {
    return (this.height ??= parseFloat(getComputedStyle(this.body).getPropertyValue("--row-height")) || 40);
  }

  #layout() {
    this.layoutDue = false;
    this.height = undefined; // a narrow screen has taller rows
    const { rowHeight, scroller } = this;
    const from = Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - kSpare);
    const to = Math.min(this.keys.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / rowHeight) + kSpare);
    // Where the focus is stays, wherever it was scrolled to.
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    const held = this.places.get(focused?.closest(".row").dataset.key);
    const wanted = new Map();
    if (held < from) wanted.set(this.keys[held], held);
    for (let i = from; i < to; ++i) wanted.set(this.keys[i], i);
    if (held >= to) wanted.set(this.keys[held], held);
    for (const [key, row] of this.rows) {
      if (wanted.has(key)) continue;
      this.rows.delete(key);
      this.spare.push(row);
    }
    // From the last to the first, each before the one that follows it: the order of the list is
    // also that of the document, for those who read with their ears.
    const nowMs = Date.now();
    let next = null;
    for (const [key, i] of [...wanted].reverse()) next = this.#place(key, i, next, nowMs);
    for (const row of this.spare.splice(0)) row.el.remove();
    // What is moved about in a document loses the focus.
    if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
    this.body.style.setProperty("height", `${this.keys.length * rowHeight}px`);
    this.grid.setAttribute("aria-rowcount", String(this.keys.length + 1));
    this.#letTabReach(this.rows.get(this.selected) ?? this.rows.get(this.keys[from]));
    this.#readLook();
  }

  #place(key, i, next, nowMs) {
    let row = this.rows.get(key);
    if (!row) {
      row = this.spare.pop() ?? new Row();
      row.show(this.book.get(key));
      row.draw(nowMs);
      row.select(key === this.selected);
      this.rows.set(key, row);
    }
    if (row.place !== i) {
      row.place = i;
      row.el.setAttribute("aria-rowindex", String(i + 2));
    }
    const top = i * this.rowHeight;
    if (row.top !== top) row.el.style.setProperty("transform", `translateY(${(row.top = top)}px)`);
    if (row.el.parentNode !== this.body || row.el.nextElementSibling !== next) this.body.insertBefore(row.el, next);
    return row.el;
  }

  #scrollTo(key) {
    const top = (this.places.get(key) ?? 0) * this.rowHeight;
    const { scroller } = this;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    const below = top + this.rowHeight - scroller.clientHeight + this.body.offsetTop;
    if (below > scroller.scrollTop) scroller.scrollTop = below;
  }

  // ---- a person's hand

  #keyOf(event) { return event.target.closest?.(".row")?.dataset.key ?? null; }

  #clicked(event) {
    const key = this.#keyOf(event);
    if (key === null) return;
    if (event.target.closest(".remove")) return this.events.onRemove(key);
    this.select(key);
    this.events.onOpen(key);
  }

  #focused(event) {
    const key = this.#keyOf(event);
    if (key !== null && event.target.classList.contains("row")) this.select(key);
  }

  #key(event) {
    const key = this.#keyOf(event);
    if (key === null || !event.target.classList.contains("row")) return;
    const place = this.places.get(key);
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -place, End: this.keys.length };
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      if (this.move(key, event.key === "ArrowUp" ? -1 : 1)) this.select(key, { focus: true });
    } else if (event.key in steps) {
      const next = Math.min(this.keys.length - 1, Math.max(0, place + steps[event.key]));
      this.select(this.keys[next], { focus: true });
    } else if (event.key === "Enter" || event.key === " ") {
      this.events.onOpen(key);
    } else if (event.key === "Delete") {
      this.events.onRemove(key);
    } else {
      return;
    }
    event.preventDefault();
  }

  #takeDrags() {
    let dragged = null;
    let over = null;
    const mark = (row, below) => {
      if (over) over.classList.remove("drop-above", "drop-below");
      over = row;
      row?.classList.add(below ? "drop-below" : "drop-above");
    };
    this.body.addEventListener("dragstart", (event) => {
      dragged = this.#keyOf(event);
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged);
    });
    this.body.addEventListener("dragover", (event) => {
      const row = event.target.closest?.(".row");
      if (dragged === null || !row) return;
      event.preventDefault();
      mark(row, event.offsetY > row.clientHeight / 2);
    });
    this.body.addEventListener("drop", (event) => {
      const key = this.#keyOf(event);
      if (dragged === null || key === null) return;
      event.preventDefault();
      const below = over?.classList.contains("drop-below");
      this.events.onMove(dragged, below ? this.keys[this.places.get(key) + 1] ?? null : key);
    });
    this.body.addEventListener("dragend", () => {
      dragged = null;
      mark(null);
    });
  }
}

/** Unknown values stand last, whichever way. */
function order(value, down) {
  const sign = down ? -1 : 1;
  return (a, b) => {
    const x = value(a);
    const y = value(b);
    if (x === null || y === null) return (x === null) - (y === null);
    const compared = typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y;
    return sign * compared;
  };
}

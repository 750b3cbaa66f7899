// The page: the parts of the other files, put together.
import * as format from "./format.js";
import { Book } from "./book.js";
import { Detail } from "./detail.js";
import { Search } from "./search.js";
import { Stream } from "./stream.js";
import { Table } from "./table.js";
import { Recent, Skew, describe } from "./truth.js";
import { WatchList } from "./watch.js";

const byId = (id) => document.getElementById(id);
const kTitle = document.title;
const setTitle = (text) => document.title === text || (document.title = text);
const setText = (node, text) => node.textContent === text || (node.textContent = text);

const book = new Book();
const skew = new Skew();
const latencies = new Recent();
const watch = new WatchList(() => listChanged());
let status = null; // the last feed_status
let merged = 0;
let lastPriceMs = null;
let newsMs = Date.now(); // when something came that was not known
let countedFromMs = Infinity; // ticks before this came by a snapshot, or while nobody could see the page
let isFirstStatus = true; // since the connection was opened: it may be of any age
let shown = {};
let ticksBefore = 0;
let figuresMs = Date.now();

const stream = new Stream({
  onTick(tick) {
    const nowMs = Date.now();
    const quote = book.take(tick, nowMs, skew.ms);
    if (!quote) return;
    newsMs = nowMs;
    lastPriceMs = Math.max(lastPriceMs ?? 0, quote.atMs);
    table.touch(quote);
  },
  onStatus(message) {
    status = message;
    if (!isFirstStatus) skew.heard(message.recv_us, (newsMs = Date.now()));
    isFirstStatus = false;
    showState();
  },
  onConflated(count) { merged += count; },
  onError(text) { tell(text); },
  onPrices(prices) {
    for (const [key, price] of Object.entries(prices)) {
      const quote = book.takePolled(key, price, Date.now());
      if (quote) table.touch(quote);
    }
  },
  onLink() {
    countedFromMs = Date.now();
    isFirstStatus = true;
    if (!stream.open) {
      status = null;
      newsMs = Date.now();
    }
    showState();
  },
});

const detail = new Detail(byId("detail"), {
  onClose() {
    showCover();
    table.select(table.selected, { focus: true });
  },
  onRemove: (key) => remove(key),
  onMove: (key, by) => table.move(key, by),
});

// A frame is on the screen, as far as a page can tell, when a task posted in it has its turn.
const painted = new MessageChannel();
let drawnAtMs = [];
painted.port1.onmessage = () => {
  const nowMs = Date.now();
  for (const atMs of drawnAtMs) latencies.add(Math.max(0, nowMs - atMs), nowMs);
  drawnAtMs = [];
};

const table = new Table({
  scroller: byId("scroller"),
  grid: byId("grid"),
  body: byId("rows"),
  watch,
  book,
  events: {
    onSelect: (key) => detail.isOpen && detail.show(book.get(key)),
    onOpen(key) {
      detail.show(book.get(key));
      if (showCover()) detail.closer.focus();
    },
    onRemove: (key) => remove(key),
    onMove: (key, before) => watch.moveBefore(key, before, table.keys),
    onDrawn(quotes) {
      for (const { tick, atMs } of quotes) if (stream.open && tick && atMs >= countedFromMs) drawnAtMs.push(atMs);
      if (drawnAtMs.length) painted.port2.postMessage(null);
      detail.touch(quotes);
      showEmpty();
      if (shown.source !== book.source || shown.hasDepth !== book.hasDepth) showState();
    },
  },
});
stream.visibleKeys = () => (watch.isOpen ? table.keys : watch.entries);

new Search({
  form: byId("add"),
  input: byId("add-text"),
  list: byId("add-list"),
  book,
  onPick(key, symbol) {
    watch.add(key, table.keys);
    if (symbol) book.get(key).symbol = symbol;
    table.select(key, { focus: true });
    tell(`${symbol || key} is in the list`);
  },
  onNone: (text) => tell(`Nothing here is called “${text}”; an instrument is added by its key, ` +
    `such as NSE_EQ:2885, and its segment is one of ${format.segments.join(", ")}`),
});

/** On a phone the details lie over everything else, which is not to be reached then. */
const isPhone = matchMedia("(max-width: 46rem)");
isPhone.addEventListener("change", showCover);
function showCover() {
  const covered = detail.isOpen && isPhone.matches;
  for (const node of [document.querySelector("header"), byId("scroller")]) node.inert = covered;
  return covered;
}

/** The one that takes its place has the focus then. */
function remove(key) {
  const place = table.keys.indexOf(key);
  const next = table.keys[place + 1] ?? table.keys[place - 1];
  const { symbol } = book.get(key);
  watch.remove(key, table.keys);
  if (detail.key === key) detail.close();
  if (next !== undefined) table.select(next, { focus: true });
  tell(`${symbol} is out of the list`);
}

for (const button of document.querySelectorAll("[data-sort]"))
  button.addEventListener("click", () => watch.sortBy(button.dataset.sort));
for (const id of ["all", "everything"]) byId(id).addEventListener("click", () => watch.showEverything());
document.addEventListener("visibilitychange", () => (countedFromMs = document.hidden ? Infinity : Date.now()));
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input")) {
    byId("add-text").focus();
    event.preventDefault();
  }
  if (event.key === "Escape" && detail.isOpen && !event.target.closest("input")) detail.close();
});

function listChanged() {
  stream.want(watch.entries);
  table.arrange();
  showSort();
  showEmpty();
}

function showSort() {
  for (const button of document.querySelectorAll("[data-sort]")) {
    const by = button.dataset.sort === watch.sort.by;
    const header = button.parentElement;
    if (by) header.setAttribute("aria-sort", watch.sort.down ? "descending" : "ascending");
    else header.removeAttribute("aria-sort");
  }
}

function showEmpty() {
  const none = table.keys.length === 0;
  if (byId("empty").hidden === none) byId("empty").hidden = !none;
  setText(byId("empty-text"), watch.isOpen ? "Waiting for the first price." : "The list is empty. Add an instrument above, or");
  byId("everything").hidden = watch.isOpen;
  byId("all").hidden = watch.isOpen || none;
}

function showState() {
  const { open, polling, nextTryMs, heardMs } = stream;
  const nowMs = Date.now();
  const state = describe({ open, polling, nextTryMs, heardMs, newsMs, status, source: book.source, nowMs });
  setText(byId("state-text"), state.text);
  setText(byId("state-detail"), state.detail);
  setTitle(state.level === "live" ? kTitle : `${state.text} – ${kTitle}`);
  if (byId("state").dataset.level !== state.level) byId("state").dataset.level = state.level;
  document.querySelector("main").classList.toggle("not-live", state.level === "down");
  byId("scroller").classList.toggle("has-depth", book.hasDepth);
  shown = { source: book.source, hasDepth: book.hasDepth };
}

function showFigures(nowMs) {
  if (nowMs > figuresMs) setText(byId("rate"), format.whole((book.ticks - ticksBefore) * 1000 / (nowMs - figuresMs)));
  ticksBefore = book.ticks;
  figuresMs = nowMs;
  setText(byId("age"), format.age(lastPriceMs === null ? null : nowMs - lastPriceMs));
  const [p50, p99] = latencies.percentiles([50, 99], nowMs);
  setText(byId("p50"), format.milliseconds(p50));
  setText(byId("p99"), format.milliseconds(p99));
  byId("merged-figure").hidden = merged === 0;
  setText(byId("merged"), format.whole(merged));
}

let telling;
function tell(text) {
  const told = byId("told");
  told.textContent = text;
  told.classList.add("shown");
  clearTimeout(telling);
  telling = setTimeout(() => told.classList.remove("shown"), 6000);
}

setInterval(() => {
  const nowMs = Date.now();
  table.tick(nowMs);
  detail.tick();
  showFigures(nowMs);
  showState();
}, 1000);

listChanged();

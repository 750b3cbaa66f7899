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
const setText = (node, text) => node.textContent === text || (node.textContent = text);

const book = new Book();
const skew = new Skew();
const latencies = new Recent();
const watch = new WatchList(() => listChanged());
let status = null; // the last feed_status
let merged = 0;
let lastPriceMs = null;
let justOpened = false; // what comes now is a snapshot, of any age
let ticksBefore = 0;

const stream = new Stream({
  onTick(tick) {
    const nowMs = Date.now();
    const quote = book.take(tick, nowMs, skew.ms);
    if (!quote) return;
    lastPriceMs = Math.max(lastPriceMs ?? 0, quote.atMs);
    table.touch(quote);
  },
  onStatus(message) {
    status = message;
    if (!justOpened) skew.heard(message.recv_us, Date.now());
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
    justOpened = stream.open;
    if (!stream.open) status = null;
    showState();
  },
});

const detail = new Detail(byId("detail"), { onClose: () => table.select(table.selected, { focus: true }) });

const table = new Table({
  scroller: byId("scroller"),
  body: byId("rows"),
  watch,
  book,
  events: {
    onSelect: (key) => detail.isOpen && detail.show(book.get(key)),
    onOpen: (key) => detail.show(book.get(key)),
    onRemove(key) {
      watch.remove(key, table.keys);
      if (detail.key === key) detail.close();
    },
    onMove(key, before) {
      watch.moveBefore(key, before, table.keys);
      table.select(key, { focus: true });
    },
    onDrawn(quotes, nowMs) {
      for (const { tick, atMs } of quotes)
        if (tick && stream.open && !justOpened) latencies.add(Math.max(0, nowMs - atMs));
      detail.touch(quotes);
      showEmpty();
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
  onNone: (text) => tell(`Nothing here is called “${text}”; an instrument is added by its key, such as NSE_EQ:2885`),
});

for (const button of document.querySelectorAll("[data-sort]"))
  button.addEventListener("click", () => watch.sortBy(button.dataset.sort));
byId("everything").addEventListener("click", () => watch.showEverything());
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
}

function showState() {
  const { open, polling, nextTryMs, heardMs } = stream;
  const state = describe({ open, polling, nextTryMs, heardMs, status, simulated: book.simulated, nowMs: Date.now() });
  setText(byId("state-text"), state.text);
  setText(byId("state-detail"), state.detail);
  byId("state").dataset.level = state.level;
  byId("scroller").classList.toggle("not-live", state.level === "down");
  byId("scroller").classList.toggle("has-depth", book.hasDepth);
}

function showFigures(nowMs) {
  setText(byId("rate"), String(book.ticks - ticksBefore));
  ticksBefore = book.ticks;
  setText(byId("age"), format.age(lastPriceMs === null ? null : nowMs - lastPriceMs));
  setText(byId("p50"), format.milliseconds(latencies.percentile(50)));
  setText(byId("p99"), format.milliseconds(latencies.percentile(99)));
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
  justOpened = false;
  table.tick(nowMs);
  detail.tick();
  showFigures(nowMs);
  showState();
}, 1000);

listChanged();

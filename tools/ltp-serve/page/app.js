// The page's own client: one WebSocket, one table, one DOM write per frame.
"use strict";

const kStaleAfterMs = 30000; // as long as a price counts in the cache
const kSilentAfterMs = 15000; // the feed says something every 10 s
const kFlashMs = 500;
const kRetryMs = { first: 500, most: 15000 };

const byId = (id) => document.getElementById(id);
const rupees = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 4, minimumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });

const rows = new Map(); // instrument key -> { tick, receivedMs, direction, flashUntil, cells, row }
const changed = new Set();
let ticksSinceSecond = 0;
let lastTickMs = 0;
let lastMessageMs = 0;
let retryMs = kRetryMs.first;
let drawing = false;
let open = false;
let feedState = "";

// ?keys=NSE_EQ:2885,IDX_I:* chooses what to show; everything without it.
const keys = new URLSearchParams(location.search).get("keys") || "*";

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/ws?keys=${encodeURIComponent(keys)}`);
  socket.onopen = () => {
    open = true;
    lastMessageMs = Date.now();
    retryMs = kRetryMs.first;
    showState();
  };
  socket.onmessage = (event) => {
    lastMessageMs = Date.now();
    for (const line of event.data.split("\n")) if (line) take(line);
  };
  socket.onclose = () => {
    open = false;
    showState();
    // Spread, so that all pages do not come back in the same moment.
    setTimeout(connect, retryMs * (0.5 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, kRetryMs.most);
  };
}

function take(line) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return; // not ours: the stream goes on
  }
  if (message.type === "screener_ltp_update") takeTick(message);
  if (message.type === "feed_status") {
    feedState = String(message.state);
    showState();
  }
}

function takeTick(tick) {
  if (typeof tick.ltp !== "number" || !(tick.ltp > 0) || !tick.instrument_key) return;
  const now = Date.now();
  const known = rows.get(tick.instrument_key) || { direction: 0, flashUntil: 0 };
  if (known.tick && tick.ltp !== known.tick.ltp) {
    known.direction = tick.ltp > known.tick.ltp ? 1 : -1;
    known.flashUntil = now + kFlashMs;
  }
  known.tick = tick;
  // A snapshot may be old: its age counts from when the feed received it.
  known.receivedMs = tick.recv_us ? Math.min(now, tick.recv_us / 1000) : now;
  rows.set(tick.instrument_key, known);
  changed.add(tick.instrument_key);
  ticksSinceSecond += 1;
  lastTickMs = Math.max(lastTickMs, known.receivedMs);
  draw();
}

function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    for (const key of changed) drawRow(key, rows.get(key));
    changed.clear();
  });
}

function makeRow(key, symbol) {
  const row = document.createElement("tr");
  row.dataset.instrumentKey = key;
  const name = document.createElement("th");
  name.scope = "row";
  const cells = { name };
  row.append(name);
  for (const field of ["price", "change", "percent", "low", "high", "volume", "age"]) {
    const cell = document.createElement("td");
    cell.className = `number ${field}`;
    if (["change", "low", "high", "volume"].includes(field)) cell.classList.add("wide");
    cells[field] = cell;
    row.append(cell);
  }
  cells.price.classList.add("js-ltp-cell");
  cells.price.dataset.instrumentKey = key;
  // By name, so that a reload shows the same order.
  const after = [...byId("rows").rows].find((other) => other.dataset.symbol > symbol);
  row.dataset.symbol = symbol;
  byId("rows").insertBefore(row, after || null);
  byId("empty").hidden = true;
  return { row, cells };
}

const signed = (value, format) => (value > 0 ? "▲ +" : value < 0 ? "▼ −" : "") + format.format(Math.abs(value));

function drawRow(key, entry) {
  if (!entry.row) Object.assign(entry, makeRow(key, String(entry.tick.symbol)));
  const { tick, cells, row } = entry;
  if (cells.name.dataset.symbol !== tick.symbol) {
    cells.name.dataset.symbol = tick.symbol;
    cells.name.textContent = tick.symbol;
    if (tick.symbol !== key) {
      const id = document.createElement("small");
      id.textContent = key;
      cells.name.append(id);
    }
  }
  cells.price.textContent = rupees.format(tick.ltp);
  const before = tick.prev_close;
  const move = before > 0 ? tick.ltp - before : null;
  cells.change.textContent = move === null ? "–" : signed(move, rupees);
  cells.percent.textContent = move === null ? "–" : signed((move / before) * 100, rupees2);
  for (const cell of [cells.change, cells.percent]) {
    cell.classList.toggle("up", move > 0);
    cell.classList.toggle("down", move < 0);
  }
  cells.low.textContent = tick.day_low ? rupees.format(tick.day_low) : "–";
  cells.high.textContent = tick.day_high ? rupees.format(tick.day_high) : "–";
  cells.volume.textContent = tick.volume ? whole.format(tick.volume) : "–";
  const flashing = Date.now() < entry.flashUntil;
  row.classList.toggle("price-up", flashing && entry.direction > 0);
  row.classList.toggle("price-down", flashing && entry.direction < 0);
  if (flashing) setTimeout(() => { changed.add(key); draw(); }, kFlashMs);
  drawAge(entry, Date.now());
  byId("simulated").hidden = tick.source !== "simulator";
}

const rupees2 = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 2, minimumFractionDigits: 2 });

function ageText(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`;
}

function drawAge(entry, now) {
  const age = now - entry.receivedMs;
  const text = ageText(age);
  if (entry.cells.age.textContent !== text) entry.cells.age.textContent = text;
  entry.row.classList.toggle("stale", age > kStaleAfterMs);
}

function showState() {
  const silent = open && Date.now() - lastMessageMs > kSilentAfterMs;
  const feedDown = open && feedState !== "" && feedState !== "connected";
  const state = byId("state");
  const text = !open ? "not connected, trying again"
    : feedDown ? "connected, but the feed is down"
    : silent ? "connected, but nothing comes"
    : "live";
  if (state.textContent !== text) state.textContent = text;
  state.className = `state ${!open || feedDown ? "down" : silent ? "" : "live"}`;
  byId("feed").textContent = feedState || "–";
}

setInterval(() => {
  const now = Date.now();
  byId("rate").textContent = String(ticksSinceSecond);
  ticksSinceSecond = 0;
  byId("age").textContent = lastTickMs ? ageText(now - lastTickMs) : "–";
  for (const entry of rows.values()) if (entry.row) drawAge(entry, now);
  showState();
}, 1000);

connect();

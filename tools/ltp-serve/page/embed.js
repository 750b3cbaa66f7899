// Makes the cells of any page live:
//
//   <td class="js-ltp-cell" data-instrument-key="NSE_EQ:2885"></td>
//   <script src="https://prices.example.com/embed.js" defer></script>
//
// One WebSocket to where this file came from, for the cells that are there now or come
// later; while it is down the prices API is asked every 2 s, and no longer. Rows around the
// cells get the classes price-up or price-down and ltp-updated for half a second, and
// data-price. The page hears actioncable:connected and actioncable:disconnected on window,
// and finds counts in window.ltpUpdateStats. For a server that asks for tokens the script
// tag has one in data-token. A second tag on a page does nothing.
(() => {
  "use strict";
  const script = document.currentScript ?? document.querySelector('script[src*="/embed.js"]'); // as a module it has no "current"
  const kStarted = Symbol.for("ltp.embed");
  if (window[kStarted]) return;
  window[kStarted] = true;

  const kFlashMs = 500;
  const kRetryMs = { first: 500, most: 15000 };
  const kSilentMs = 30000; // a feed says something every 10 s; one that is away for the night does not
  const kConnectMs = 10000; // the browser itself would wait for minutes
  const kPollMs = 2000;
  const kKeysInUrl = 50;
  const kMostKeys = 1000;
  const kKeysAtOnce = 100; // a lot of which one is too many is refused as a whole
  const kKept = 20;
  // One key that the server does not know, and it refuses the whole message.
  const kKeyShape = /^(IDX_I|NSE_EQ|NSE_FNO|NSE_CURRENCY|BSE_EQ|MCX_COMM|BSE_CURRENCY|BSE_FNO):[1-9]\d{0,9}$/;

  const { origin } = new URL(script.src);
  const { token } = script.dataset;
  const rupees = new Intl.NumberFormat("en-IN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const stats = (window.ltpUpdateStats ??= { count: 0, lastUpdate: null, updates: [] });

  let cells = new Map(); // key -> its cells
  let socket = null;
  let subscribed = new Set();
  let refused = false; // some of them
  let heardMs = 0;
  let retryMs = kRetryMs.first;
  let connected = false; // as far as the page was told
  let pollTimer = null;
  let asking = false;
  let collecting = false;
  const waiting = new Map(); // key -> the newest update not yet drawn
  const flashes = new WeakMap(); // row -> timer

  const isOpen = () => socket?.readyState === WebSocket.OPEN;

  // ---- which cells there are

  function collect() {
    collecting = false;
    cells = new Map();
    for (const cell of document.querySelectorAll(".js-ltp-cell[data-instrument-key]")) {
      const key = cell.dataset.instrumentKey;
      if (!kKeyShape.test(key) || Number(key.split(":")[1]) >= 2 ** 32) continue;
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(cell);
    }
    if (isOpen()) subscribe();
  }

  function subscribe() {
    // No more than a client may have; as others leave the page, more get their turn.
    const wanted = new Set([...cells.keys()].slice(0, kMostKeys));
    const gone = [...subscribed].filter((key) => !wanted.has(key));
    const again = refused && gone.length > 0;
    if (again) refused = false;
    const fresh = [...wanted].filter((key) => again || !subscribed.has(key));
    for (const [word, keys] of [["unsubscribe", gone], ["subscribe", fresh]])
      for (let i = 0; i < keys.length; i += kKeysAtOnce)
        socket.send(JSON.stringify({ [word]: keys.slice(i, i + kKeysAtOnce) }));
    subscribed = wanted;
  }

  // ---- what comes

  /** Beside a connection that is open it takes that one's place once it is open itself. */
  function connect() {
    let before = socket;
    const endBefore = () => {
      before?.close();
      before = null;
    };
    const made = (socket = new WebSocket(`${origin.replace(/^http/, "ws")}/ws?batch=1${token ? `&token=${encodeURIComponent(token)}` : ""}`));
    const late = setTimeout(() => made.close(), kConnectMs);
    made.onopen = () => {
      clearTimeout(late);
      endBefore();
      heardMs = Date.now();
      retryMs = kRetryMs.first;
      subscribed = new Set();
      clearTimeout(pollTimer);
      pollTimer = null;
      subscribe();
      tellLink(true);
    };
    made.onmessage = (event) => {
      heardMs = Date.now();
      for (const line of event.data.split("\n")) take(line);
    };
    made.onclose = () => {
      clearTimeout(late);
      endBefore();
      if (socket === made) lost();
    };
  }

  function tellLink(is) {
    if (connected === is) return;
    connected = is;
    window.dispatchEvent(new CustomEvent(is ? "actioncable:connected" : "actioncable:disconnected"));
  }

  function lost() {
    socket = null;
    tellLink(false);
    pollIn(kPollMs);
    setTimeout(connect, retryMs * (0.5 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, kRetryMs.most);
  }

  function take(line) {
    let tick;
    try {
      tick = JSON.parse(line);
    } catch {
      return;
    }
    if (tick?.type === "error") refused = true;  // a server that allows fewer keys
    if (tick?.type !== "screener_ltp_update" || !tick.symbol || !(tick.ltp > 0)) return;
    stats.count += 1;
    stats.lastUpdate = new Date();
    stats.updates.push(tick);
    if (stats.updates.length > kKept) stats.updates.shift();
    update(tick.instrument_key, tick.ltp);
  }

  function pollIn(ms) {
    if (!asking) pollTimer ??= setTimeout(poll, ms);
  }

  async function poll() {
    pollTimer = null;
    const begun = Date.now();
    asking = true;
    const keys = [...cells.keys()].slice(0, kMostKeys);
    try {
      const url = `${origin}/api/v1/current_prices`;
      const headers = { accept: "application/json" };
      const signal = AbortSignal.timeout(10000);
      if (token) headers.authorization = `Bearer ${token}`;
      // Elsewhere it would need the other side's leave, for nothing.
      if (origin === location.origin) headers["x-requested-with"] = "XMLHttpRequest";
      const answer = await (keys.length <= kKeysInUrl
        ? fetch(`${url}?keys=${encodeURIComponent(keys.join(","))}`, { headers, signal })
        : fetch(url, {
            method: "POST",
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify({ keys }),
            signal,
          }));
      const { prices } = answer.ok ? await answer.json() : {};
      if (!isOpen()) for (const [key, price] of Object.entries(prices ?? {})) if (price > 0) update(key, price);
    } catch {
      // It is away altogether; the next turn tries again.
    }
    asking = false;
    if (!isOpen()) pollIn(Math.max(0, begun + kPollMs - Date.now()));
  }

  // ---- what is shown: at most one write per cell and frame

  function update(key, price) {
    if (waiting.size === 0) requestAnimationFrame(draw);
    waiting.set(key, price);
  }

  function draw() {
    for (const [key, price] of waiting) for (const cell of cells.get(key) ?? []) drawCell(cell, price);
    waiting.clear();
  }

  function drawCell(cell, price) {
    const row = cell.closest("tr, [data-screener-instrument-id]") ?? cell;
    const before = Number(row.dataset.price);
    cell.textContent = `₹${rupees.format(price)}`;
    row.dataset.price = String(price);
    if (!(before > 0) || before === price) return;
    row.classList.remove("price-up", "price-down");
    row.classList.add("ltp-updated", price > before ? "price-up" : "price-down");
    clearTimeout(flashes.get(row));
    flashes.set(row, setTimeout(() => row.classList.remove("ltp-updated", "price-up", "price-down"), kFlashMs));
  }

  // ---- start

  const soon = () => {
    if (collecting) return;
    collecting = true;
    queueMicrotask(collect);
  };
  new MutationObserver((changes) => {
    const touches = (node) => node.nodeType === Node.ELEMENT_NODE &&
      (node.matches(".js-ltp-cell") || node.querySelector(".js-ltp-cell") !== null);
    const matters = changes.some(({ type, addedNodes, removedNodes }) =>
      type === "attributes" || [...addedNodes, ...removedNodes].some(touches));
    if (matters) soon();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-instrument-key"] });
  setInterval(() => {
    // Silent may mean quiet, or gone without anybody saying so: a new connection will tell.
    if (isOpen() && Date.now() - heardMs >= kSilentMs) connect();
  }, 1000);
  collect();
  connect();
})();

// A page as the Rails application had it: ActionCable for what is pushed, and beside it
// the prices endpoint every two seconds. It behaves as that one did, faults included, so
// that what works here works there; ltp-serve's own page and embed.js do better.
(() => {
  "use strict";

  const kFlashMs = 500;
  const stats = (window.ltpUpdateStats = { count: 0, lastUpdate: null, updates: [] });

  // ---- what is pushed

  const consumer = ActionCable.createConsumer(); // the URL is in <meta name="action-cable-url">
  consumer.subscriptions.create({ channel: "DashboardChannel" }, {
    connected() { window.dispatchEvent(new Event("actioncable:connected")); },
    disconnected() { window.dispatchEvent(new Event("actioncable:disconnected")); },
    received(message) {
      if (message.type === "screener_ltp_update") {
        if (!showPrice(rowFor(message), message.symbol, message.ltp)) return;
        stats.count += 1;
        stats.lastUpdate = new Date();
        stats.updates = [...stats.updates, message].slice(-20);
      } else if (message.type === "screener_ltp_batch_update") {
        for (const update of message.updates) showPrice(rowFor(update), update.symbol, update.ltp);
      }
    },
  });

  /** By instrument key first, then by id, then by symbol. */
  function rowFor({ instrument_key: key, instrument_id: id, symbol }) {
    const by = (selector) => document.querySelector(selector);
    return by(`.js-ltp-cell[data-instrument-key="${CSS.escape(key ?? "")}"]`)?.closest("tr")
      ?? (id ? by(`tr[data-screener-instrument-id="${CSS.escape(String(id))}"]`) : null)
      ?? by(`tr[data-screener-symbol="${CSS.escape(symbol ?? "")}"]`);
  }

  function showPrice(row, symbol, ltp) {
    if (!row || !symbol || !(ltp > 0)) return false;
    const cell = row.querySelector('td[data-price-cell="true"]');
    const before = parseFloat(cell.textContent.replace("₹", ""));
    cell.textContent = `₹${ltp.toFixed(2)}`;
    row.dataset.price = String(ltp);
    if (before > 0 && before !== ltp) {
      row.classList.remove("price-up", "price-down");
      row.classList.add(ltp > before ? "price-up" : "price-down", "ltp-updated");
      setTimeout(() => row.classList.remove("price-up", "price-down", "ltp-updated"), kFlashMs);
    }
    return true;
  }

  // ---- what is asked for

  async function fetchPrices() {
    const keys = [...document.querySelectorAll(".js-ltp-cell[data-instrument-key]")]
      .map((cell) => cell.dataset.instrumentKey);
    const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
    const answer = keys.length > 50
      ? await fetch("/api/v1/current_prices", {
          method: "POST",
          headers: {
            ...headers,
            "Content-Type": "application/json",
            "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content,
          },
          body: JSON.stringify({ keys }),
        })
      : await fetch(`/api/v1/current_prices?keys=${encodeURIComponent(keys.join(","))}`, { headers });
    if (!answer.ok) return console.warn(`prices: HTTP ${answer.status}`);
    const { prices } = await answer.json();
    for (const [key, ltp] of Object.entries(prices)) {
      const row = rowFor({ instrument_key: key });
      if (row) showPrice(row, row.dataset.screenerSymbol, ltp);
    }
  }
  const poll = () => fetchPrices().catch((error) => console.warn(`prices: ${error.message}`));

  setTimeout(() => {
    poll();
    // The application started its stream on demand; ltp-feed runs by itself, and this is a 404.
    fetch("/screeners/ltp/start", { method: "POST" }).catch(() => {});
  }, 2000);
  setTimeout(() => setInterval(poll, 2000), 3000);
})();

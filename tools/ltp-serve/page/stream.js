// The connection to ltp-serve: one WebSocket that comes back by itself, and the prices API
// for as long as it is down. No document in here.

const kRetryMs = { first: 500, most: 15000 };
const kSilentMs = 30000; // a feed says something every 10 s; one that is away for the night does not
const kConnectMs = 10000; // the browser itself would wait for minutes
const kPoll = { afterMs: 2000, everyMs: 2000, mostKeys: 1000, keysInUrl: 50 };

// A server that asks for tokens is given the page's own: /?token=…
const token = new URLSearchParams(location.search).get("token");
// Many lines in a message: a page that draws once a frame pays for messages, not for lines.
const socketPath = `/ws?batch=1${token ? `&token=${encodeURIComponent(token)}` : ""}`;
/** Headers of a request to /api/. */
export const apiHeaders = { accept: "application/json", ...(token && { authorization: `Bearer ${token}` }) };

/**
 * Events: onTick(object), onStatus(object), onConflated(count), onError(text), onPrices(object
 * of key to price), onLink().
 * State: open; polling; nextTryMs, when it will try again; heardMs, when something last came.
 */
export class Stream {
  constructor(events) {
    this.events = events;
    this.open = false;
    this.polling = false;
    this.nextTryMs = null;
    this.heardMs = null;
    this.keys = [];
    this.visibleKeys = () => this.keys;
    this.retryMs = kRetryMs.first;
    this.pollTimer = null;
    this.asking = false;
    window.addEventListener("online", () => this.#tryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.#tryNow());
    setInterval(() => this.#checkSilence(), 1000);
    this.#connect();
  }

  /** What is wanted from now on; ["*"] is everything. */
  want(keys) {
    const before = new Set(this.keys);
    const now = new Set(keys);
    this.keys = [...now];
    if (this.socket.readyState !== WebSocket.OPEN) return; // it will ask when it is
    this.#send({
      unsubscribe: [...before].filter((key) => !now.has(key)),
      subscribe: [...now].filter((key) => !before.has(key)),
    });
  }

  #send({ subscribe = [], unsubscribe = [] }) {
    // The same message may not take back what it asks for: first one, then the other.
    const pieces = (list, size) =>
      Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
    for (const piece of pieces(unsubscribe, 500)) this.socket.send(JSON.stringify({ unsubscribe: piece }));
    for (const piece of pieces(subscribe, 500)) this.socket.send(JSON.stringify({ subscribe: piece }));
  }

  /** Beside a connection that is open it takes that one's place once it is open itself. */
  #connect() {
    clearTimeout(this.retryTimer);
    this.nextTryMs = null;
    let before = this.socket;
    const endBefore = () => {
      before?.close();
      before = null;
    };
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.socket = new WebSocket(`${scheme}//${location.host}${socketPath}`));
    const late = setTimeout(() => socket.close(), kConnectMs);
    socket.onopen = () => {
      clearTimeout(late);
      endBefore();
      this.open = true;
      this.heardMs = Date.now();
      this.retryMs = kRetryMs.first;
      this.#stopPolling();
      this.#send({ subscribe: this.keys });
      this.events.onLink();
    };
    socket.onmessage = (event) => {
      this.heardMs = Date.now();
      for (const line of event.data.split("\n")) if (line) this.#take(line);
    };
    socket.onclose = () => {
      clearTimeout(late);
      endBefore();
      if (this.socket === socket) this.#lost();
    };
  }

  #take(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      return; // not ours: the stream goes on
    }
    if (message === null || typeof message !== "object") return;
    switch (message.type) {
      case "screener_ltp_update": return this.events.onTick(message);
      case "feed_status": return this.events.onStatus(message);
      case "conflated": return this.events.onConflated(Number(message.skipped) || 0);
      case "error": return this.events.onError(String(message.message));
    }
  }

  #lost() {
    this.open = false;
    // Spread, so that all pages do not come back in the same moment.
    const wait = this.retryMs * (0.5 + Math.random() / 2);
    this.nextTryMs = Date.now() + wait;
    this.retryTimer = setTimeout(() => this.#connect(), wait);
    this.retryMs = Math.min(this.retryMs * 2, kRetryMs.most);
    this.#pollIn(kPoll.afterMs);
    this.events.onLink();
  }

  #tryNow() {
    if (this.open || this.nextTryMs === null) return;
    this.retryMs = kRetryMs.first;
    this.#connect();
  }

  /** Silent may mean quiet, or gone without anybody saying so: a new connection will tell. */
  #checkSilence() {
    const { socket, open, heardMs } = this;
    if (open && socket.readyState === WebSocket.OPEN && Date.now() - heardMs >= kSilentMs) this.#connect();
  }

  #pollIn(ms) {
    if (!this.asking) this.pollTimer ??= setTimeout(() => this.#poll(), ms);
  }

  async #poll() {
    this.pollTimer = null;
    this.polling = true;
    this.events.onLink();
    const begun = Date.now();
    this.asking = true;
    try {
      const answer = await this.#askPrices();
      if (!this.open && answer) this.events.onPrices(answer);
    } catch {
      // The server is away altogether. The state says so; the next turn tries again.
    }
    this.asking = false;
    if (!this.open) this.#pollIn(Math.max(0, begun + kPoll.everyMs - Date.now()));
  }

  async #askPrices() {
    const keys = this.visibleKeys().filter((key) => !key.includes("*")).slice(0, kPoll.mostKeys);
    if (keys.length === 0) return null;
    const url = "/api/v1/current_prices";
    const headers = { ...apiHeaders, "x-requested-with": "XMLHttpRequest" };
    const signal = AbortSignal.timeout(10000);
    const answer = keys.length <= kPoll.keysInUrl
      ? await fetch(`${url}?keys=${encodeURIComponent(keys.join(","))}`, { headers, signal })
      : await fetch(url, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ keys }),
          signal,
        });
    return answer.ok ? (await answer.json()).prices : null;
  }

  #stopPolling() {
    clearTimeout(this.pollTimer);
    this.pollTimer = null;
    this.polling = false;
  }
}

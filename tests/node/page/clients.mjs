// The clients that people have, unmodified, against a real server:  node clients.mjs NAME
import { createCable } from "@anycable/core";
import { createRequire } from "node:module";
import WebSocket from "ws";
import { assert, line, run, scenario, until } from "./browser.mjs";

const require = createRequire(import.meta.url);
const serveStdin = '"$LTP_BIN/ltp-serve" --stdin';
const dashboard = { channel: "DashboardChannel" };

/// What Rails pages load, as a file for a script tag.
const rails = { 7: require.resolve("actioncable-7"), 8: require.resolve("@rails/actioncable") };

/// A consumer in a real page of the server's origin; what it hears is in window.heard.
async function openConsumer(house, url, version) {
  const page = await house.page(url, { bypassCSP: true });
  await page.addScriptTag({ path: rails[version] });
  await page.evaluate((identifiers) => {
    window.consumer = ActionCable.createConsumer("/cable");
    window.heard = identifiers.map((identifier) => {
      const heard = { connected: [], disconnected: [], rejected: 0, received: [] };
      consumer.subscriptions.create(identifier, {
        connected: (how) => heard.connected.push(how ?? {}),
        disconnected: (how) => heard.disconnected.push(how ?? {}),
        rejected: () => (heard.rejected += 1),
        received: (message) => heard.received.push(message),
      });
      return heard;
    });
  }, [dashboard, { channel: "DashboardChannel", keys: ["NSE_EQ:2"] }, { channel: "NoSuchChannel" }]);
  return page;
}
const hears = (page, what, ms = 15000) => page.waitForFunction(what, null, { timeout: ms });

/// What a page is told on window, in window.events.
const keepEvents = (page) => page.addInitScript(() => {
  window.events = [];
  for (const name of ["actioncable:connected", "actioncable:disconnected"])
    window.addEventListener(name, () => events.push(name));
});

/// What a client goes through, in the words of @rails/actioncable; each step waits until it is so.
async function railsClient(house, url, version) {
  const page = await openConsumer(house, url, version);
  return {
    name: `@rails/actioncable ${version}`,
    // Confirmed, rejected, and each identifier gets its own: the second only what it asked for.
    async opened() {
      await hears(page, () => heard[0].connected.length === 1 && heard[1].connected.length === 1);
      await hears(page, () => heard[2].rejected === 1);
      await hears(page, () => ["ALPHA", "BETA"].every((name) => heard[0].received.some(({ symbol }) => symbol === name)));
      await hears(page, () => heard[1].received.filter(({ symbol }) => symbol === "BETA").length > 2);
      const symbols = await page.evaluate(() => heard[1].received.map((message) => message.symbol).filter(Boolean));
      assert.deepEqual([...new Set(symbols)], ["BETA"]);
      const tick = await page.evaluate(() => heard[0].received.find((message) => message.symbol === "ALPHA"));
      assert.equal(tick.type, "screener_ltp_update");
      assert.equal(tick.instrument_key, "NSE_EQ:1");
      assert.equal(typeof tick.security_id, "string");
    },
    async pinged() {
      const before = await page.evaluate(() => consumer.connection.monitor.pingedAt);
      await page.waitForFunction((before) => consumer.connection.monitor.pingedAt > before, before, { timeout: 8000 });
    },
    async sentAway() {
      await hears(page, () => heard[0].disconnected.length === 1);
      assert.equal(await page.evaluate(() => heard[0].disconnected[0].willAttemptReconnect), true);
    },
    async returned() {
      await hears(page, () => heard[0].connected.length === 2 && heard[1].connected.length === 2, 40000);
      const before = await page.evaluate(() => heard[1].received.length);
      await page.waitForFunction((before) => heard[1].received.length > before, before);
    },
    foundStale: () => hears(page, () => consumer.connection.monitor.reconnectAttempts > 0, 40000),
    returnedAgain: () => hears(page, () => heard[0].connected.length === 3 && heard[1].connected.length === 3, 40000),
    async broken() {},
    async end() {},
  };
}

async function anycableClient(house, url, protocol) {
  const origin = url.replace(/\/$/, "");
  const cable = createCable(`${origin.replace("http", "ws")}/cable`, {
    protocol,
    historyTimestamp: Math.floor(Date.now() / 1000) - 60,
    websocketImplementation: WebSocket,
    websocketOptions: { origin },
    logLevel: "error",
  });
  const [all, one, none] = [[], [], []];
  const told = { connected: 0, away: [], pings: 0, rejected: false, restored: false, history: 0 };
  const channel = cable.subscribeTo("DashboardChannel");
  channel.on("message", (message) => all.push(message));
  channel.on("connect", () => (told.connected += 1));
  cable.on("disconnect", (event) => told.away.push(event.reason ?? event.message));
  channel.on("info", ({ type }) => (told.history += type === "history_received"));
  cable.subscribeTo("DashboardChannel", { keys: ["NSE_EQ:2"] }).on("message", (message) => one.push(message));
  cable.subscribeTo("NoSuchChannel").on("close", () => (told.rejected = true));
  cable.on("connect", ({ restored }) => (told.restored ||= restored));
  cable.on("keepalive", (time) => (told.pings += typeof time === "number"));
  const more = async (list) => {
    const before = list.length;
    await until("more messages", () => list.length > before);
  };
  return {
    name: `@anycable/core, ${protocol}`,
    async opened() {
      await until("both symbols", () => ["ALPHA", "BETA"].every((name) => all.some(({ symbol }) => symbol === name)));
      await until("its own", () => one.length > 2);
      assert.deepEqual([...new Set(one.map((message) => message.symbol).filter(Boolean))], ["BETA"]);
      await until("a rejection", () => told.rejected);
    },
    async pinged() {
      const before = told.pings;
      await until("a ping", () => told.pings > before, 8000);
    },
    async sentAway() {
      await until("a disconnection", () => told.away.length === 1);
      assert.equal(told.away[0], "server_restart");
    },
    async returned() {
      await until("a new connection", () => told.connected === 2, 40000);
      await Promise.all([more(all), more(one)]);
    },
    async foundStale() {
      await until("a stale connection", () => told.away.length === 2, 40000);
      assert.equal(told.away[1], "stale_connection");
    },
    async returnedAgain() {
      // The extended one may have its session again, which is no new connection.
      await until("another connection", () => told.connected === 3 || told.restored, 40000);
      await Promise.all([more(all), more(one)]);
    },
    // A connection that breaks: the extended one has its session again, and asks for what moved.
    async broken() {
      const { connected } = told;
      Object.assign(told, { restored: false, history: 0 });
      cable.transport.ws.terminate();
      if (protocol.includes("ext")) await until("the history", () => told.restored && told.history > 0, 40000);
      else await until("another connection", () => told.connected > connected, 40000);
      await Promise.all([more(all), more(one)]);
    },
    end: async () => cable.disconnect(),
  };
}

const clients = {
  async "@rails/actioncable 7 and 8 in Chromium, and both protocols of @anycable/core"() {
    await scenario(async (house) => {
      const sim = await house.simulator("--rate", "5");
      const serve = await house.pipe(sim, { redis: true, watch: "NSE_EQ:1 ALPHA\nNSE_EQ:2 BETA\n" });
      const those = await Promise.all([
        railsClient(house, serve.url, 7),
        railsClient(house, serve.url, 8),
        anycableClient(house, serve.url, "actioncable-v1-json"),
        anycableClient(house, serve.url, "actioncable-v1-ext-json"),
      ]);
      const all = (step) => Promise.all(those.map((one) => one[step]().catch((error) => {
        throw new Error(`${one.name}, ${step}: ${error.message}`);
      })));
      await all("opened");
      await all("pinged");
      // The server says good-bye and that it is worth coming back; the clients do.
      await serve.end();
      await all("sentAway");
      const again = await house.serve('"$LTP_BIN/ltp-serve"', serve.port);
      await all("returned");
      // A server that has stopped without a word is noticed, and found again when it goes on.
      again.signal("SIGSTOP");
      await all("foundStale");
      again.signal("SIGCONT");
      await all("returnedAgain");
      await all("broken");
      await all("end");
    });
  },

  async "the Rails page of examples/rails-actioncable"() {
    await scenario(async (house) => {
      const sim = await house.simulator("--rate", "5");
      const serve = await house.pipe(sim, { redis: true, watch: "NSE_EQ:2885 RELIANCE\nNSE_EQ:1333 HDFCBANK\n" });
      const page = await house.page(null, { bypassCSP: true });
      const folder = new URL("../../../examples/rails-actioncable/", import.meta.url).pathname;
      // The application's files beside ltp-serve on one host, as behind a proxy.
      const files = { "": "index.html", "screener.js": "screener.js", "screener.css": "screener.css" };
      for (const [path, file] of Object.entries(files))
        await page.route(`${serve.url}screener/${path}`, (route) => route.fulfill({ path: folder + file }));
      await page.route(`${serve.url}screener/actioncable.js`, (route) => route.fulfill({ path: rails[8] }));
      let polls = 0;
      page.on("request", (request) => (polls += request.url().includes("current_prices")));
      await keepEvents(page);
      await page.goto(`${serve.url}screener/`);
      await page.waitForSelector("tr.ltp-updated.price-up, tr.ltp-updated.price-down");
      await page.waitForFunction(() => ltpUpdateStats.count > 10 && events[0] === "actioncable:connected");
      await until("two polls beside it", () => polls >= 2);
      for (const key of ["NSE_EQ:2885", "NSE_EQ:1333"]) {
        const agreed = new Set();
        await until(`${key} to show three of the simulator's prices`, async () => {
          const [shown, truth] = await Promise.all([page.textContent(`[data-instrument-key="${key}"]`), sim.truth()]);
          if (shown === `₹${truth.get(key).toFixed(2)}`) agreed.add(shown);
          return agreed.size === 3;
        });
      }
      assert.equal(await page.textContent('[data-instrument-key="NSE_EQ:11536"]'), "–");
      // What other parts of an application publish reaches it as well: by id, by symbol, many at once.
      const publish = (message) => house.quietly(
        `redis-cli -s redis.sock publish live_ltp_updates '${JSON.stringify(message)}'`);
      const tcs = (text) => page.waitForFunction(
        (text) => document.querySelector('[data-instrument-key="NSE_EQ:11536"]').textContent === text, text);
      await publish({ type: "screener_ltp_update", symbol: "ANY", instrument_id: 414, ltp: 3000 });
      await tcs("₹3000.00");
      await publish({ type: "screener_ltp_update", symbol: "TCS", ltp: 3001.5 });
      await tcs("₹3001.50");
      await publish({ type: "screener_ltp_update", symbol: "", instrument_id: 414, ltp: 1 });
      await publish({ type: "screener_ltp_batch_update", updates: [{ symbol: "TCS", instrument_key: "NSE_EQ:11536", ltp: 3002 }] });
      await tcs("₹3002.00");
      assert.ok(await page.evaluate(() => ltpUpdateStats.updates.length === 20 && ltpUpdateStats.lastUpdate instanceof Date));
      await serve.end();
      await page.waitForFunction(() => events.includes("actioncable:disconnected"));
    });
  },

  async "any page with one script tag, embed.js"() {
    await scenario(async (house) => {
      const serve = await house.serve(serveStdin);
      const page = await house.page(null, { bypassCSP: true });
      const sockets = [];
      await page.routeWebSocket(/\/ws(\?|$)/, (socket) => {
        if (sockets.closed) return void socket.close();
        sockets.push(socket);
        socket.connectToServer();
      });
      let polls = 0;
      page.on("request", (request) => (polls += request.url().includes("current_prices")));
      await keepEvents(page);
      await page.route(`${serve.url}anything`, (route) => route.fulfill({ contentType: "text/html", body: `
        <table><tr><td>RELIANCE</td><td class="js-ltp-cell" data-instrument-key="NSE_EQ:2885"></td></tr></table>
        <script src="/embed.js" type="module"></script>` }));
      await page.goto(`${serve.url}anything`);
      serve.stdin.write(line("NSE_EQ:2885", "RELIANCE", 139340.5));
      const shows = (key, text) => page.waitForFunction(
        ([key, text]) => document.querySelector(`[data-instrument-key="${key}"]`)?.textContent === text, [key, text]);
      await shows("NSE_EQ:2885", "₹1,39,340.50");
      assert.equal(await page.getAttribute("tr", "data-price"), "139340.5");
      serve.stdin.write(line("NSE_EQ:2885", "RELIANCE", 139341));
      await page.waitForSelector("tr.ltp-updated.price-up");
      await page.waitForFunction(() => !document.querySelector("tr.ltp-updated, tr.price-up"));
      serve.stdin.write(line("NSE_EQ:2885", "", 1) + line("NSE_EQ:2885", "RELIANCE", 139342));
      await shows("NSE_EQ:2885", "₹1,39,342.00");
      assert.equal(await page.evaluate(() => ltpUpdateStats.count), 3);
      // A cell that comes later is live as well, at once with the price that is known.
      serve.stdin.write(line("NSE_EQ:1333", "HDFCBANK", 1641.5));
      await page.evaluate(() => document.querySelector("table").insertRow().insertCell().outerHTML =
        '<td class="js-ltp-cell" data-instrument-key="NSE_EQ:1333"></td>');
      await shows("NSE_EQ:1333", "₹1,641.50");
      // It asks by HTTP while its socket is down, and stops when it is up.
      assert.equal(polls, 0);
      sockets.closed = true;
      await sockets.at(-1).close();
      await until("a poll", () => polls > 0);
      sockets.closed = false;
      const before = sockets.length;
      await until("a new socket", () => sockets.length > before, 30000);
      serve.stdin.write(line("NSE_EQ:1333", "HDFCBANK", 1642));
      await shows("NSE_EQ:1333", "₹1,642.00");
      assert.deepEqual(await page.evaluate(() => window.events),
        ["actioncable:connected", "actioncable:disconnected", "actioncable:connected"]);
    });
  },

  async "a page of another origin with embed.js, and with cells that make no sense"() {
    await scenario(async (house) => {
      const elsewhere = "http://shop.example:8080";
      const serve = await house.serve(`${serveStdin} --allow-origin ${elsewhere} --cors ${elsewhere}`);
      const page = await house.page(null);
      const sockets = [];
      await page.routeWebSocket(/\/ws(\?|$)/, (socket) => {
        if (sockets.closed) return void socket.close();
        sockets.push(socket);
        socket.connectToServer();
      });
      // Two tags: one connection all the same.
      await page.route(`${elsewhere}/`, (route) => route.fulfill({ contentType: "text/html", body: `
        <p class="js-ltp-cell" data-instrument-key="NSE:2885"></p>
        <p class="js-ltp-cell" data-instrument-key="NSE_EQ:99999999999"></p>
        <p class="js-ltp-cell" data-instrument-key="NSE_EQ:2885"></p>
        <script src="${serve.url}embed.js"></script>
        <script src="${serve.url}embed.js" defer></script>` }));
      await page.goto(`${elsewhere}/`);
      serve.stdin.write(line("NSE_EQ:2885", "RELIANCE", 1393.4));
      const shows = (text) => page.waitForFunction(
        (text) => document.querySelector('[data-instrument-key="NSE_EQ:2885"]').textContent === text, text);
      await shows("₹1,393.40");
      serve.stdin.write(line("NSE_EQ:2885", "RELIANCE", 1394));
      await page.waitForSelector("p.ltp-updated.price-up");
      assert.deepEqual([sockets.length, await page.evaluate(() => ltpUpdateStats.count)], [1, 2]);
      // It may read the prices, too.
      serve.stdin.write(line("NSE_EQ:2885", "RELIANCE", 1395));
      await shows("₹1,395.00");
      await page.evaluate(() => (document.querySelector('[data-instrument-key="NSE_EQ:2885"]').textContent = ""));
      sockets.closed = true;
      await sockets[0].close();
      await shows("₹1,395.00");
    });
  },


  async "the browser's own WebSocket"() {
    await scenario(async (house) => {
      const serve = await house.serve(serveStdin);
      serve.stdin.write(line("NSE_EQ:1", "ALPHA", 100) + line("NSE_EQ:2", "BETA", 200));
      const page = await house.page(serve.url);
      await page.evaluate(() => {
        window.lines = [];
        window.socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => socket.send(JSON.stringify({ subscribe: ["NSE_EQ:2"] }));
        socket.onmessage = ({ data }) => lines.push(...data.split("\n").filter(Boolean).map((text) => JSON.parse(text)));
      });
      await page.waitForFunction(() => lines.some((tick) => tick.ltp === 200));
      serve.stdin.write(line("NSE_EQ:1", "ALPHA", 101) + line("NSE_EQ:2", "BETA", 201));
      await page.waitForFunction(() => lines.some((tick) => tick.ltp === 201));
      assert.deepEqual(await page.evaluate(() => lines.filter(({ ltp }) => ltp).map(({ ltp }) => ltp)), [200, 201]);
    });
  },

  async "the browser's own EventSource"() {
    await scenario(async (house) => {
      const serve = await house.serve(serveStdin);
      serve.stdin.write(line("NSE_EQ:1", "ALPHA", 100) + line("NSE_EQ:2", "BETA", 200));
      const page = await house.page(serve.url);
      await page.evaluate(() => {
        window.ticks = [];
        window.source = new EventSource("/api/v1/stream?keys=NSE_EQ:2");
        source.onmessage = ({ data }) => ticks.push(JSON.parse(data));
      });
      await page.waitForFunction(() => ticks.some((tick) => tick.ltp === 200));
      serve.stdin.write(line("NSE_EQ:1", "ALPHA", 101) + line("NSE_EQ:2", "BETA", 201));
      await page.waitForFunction(() => ticks.some((tick) => tick.ltp === 201));
      assert.deepEqual(await page.evaluate(() => ticks.filter(({ ltp }) => ltp).map(({ ltp }) => ltp)), [200, 201]);
    });
  },
};

await run(clients);

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

async function railsClient(version) {
  await scenario(async (house) => {
    const sim = await house.simulator("--rate", "5");
    const serve = await house.pipe(sim, { redis: true, watch: "NSE_EQ:1 ALPHA\nNSE_EQ:2 BETA\n" });
    const page = await openConsumer(house, serve.url, version);
    // Confirmed, rejected, and each identifier gets its own: the second only what it asked for.
    await hears(page, () => heard[0].connected.length === 1 && heard[1].connected.length === 1);
    await hears(page, () => heard[2].rejected === 1);
    await hears(page, () => ["ALPHA", "BETA"].every((name) => heard[0].received.some(({ symbol }) => symbol === name)));
    await hears(page, () => heard[1].received.some((message) => message.symbol === "BETA"));
    const symbols = await page.evaluate(() => heard[1].received.map((message) => message.symbol).filter(Boolean));
    assert.deepEqual([...new Set(symbols)], ["BETA"]);
    const tick = await page.evaluate(() => heard[0].received.find((message) => message.symbol === "ALPHA"));
    assert.equal(tick.type, "screener_ltp_update");
    assert.equal(tick.instrument_key, "NSE_EQ:1");
    assert.equal(typeof tick.security_id, "string");
    // Pings keep coming by themselves.
    const pinged = await page.evaluate(() => consumer.connection.monitor.pingedAt);
    await page.waitForFunction((before) => consumer.connection.monitor.pingedAt > before, pinged, { timeout: 8000 });

    // The server says good-bye and that it is worth coming back; the client does.
    await serve.end();
    await hears(page, () => heard[0].disconnected.length === 1);
    assert.equal(await page.evaluate(() => heard[0].disconnected[0].willAttemptReconnect), true);
    const again = await house.serve('"$LTP_BIN/ltp-serve"', serve.port);
    await hears(page, () => heard[0].connected.length === 2 && heard[1].connected.length === 2, 40000);
    const before = await page.evaluate(() => heard[1].received.length);
    await page.waitForFunction((before) => heard[1].received.length > before, before);

    // A server that has stopped without a word is noticed, and found again when it goes on.
    again.signal("SIGSTOP");
    await hears(page, () => consumer.connection.monitor.reconnectAttempts > 0, 40000);
    again.signal("SIGCONT");
    await hears(page, () => heard[0].connected.length === 3, 40000);
  });
}

const clients = {
  "@rails/actioncable 7 in Chromium": () => railsClient(7),
  "@rails/actioncable 8 in Chromium": () => railsClient(8),

  async "@anycable/core in Node.js"() {
    await scenario(async (house) => {
      const sim = await house.simulator("--rate", "5");
      const serve = await house.pipe(sim, { redis: true, watch: "NSE_EQ:1 ALPHA\nNSE_EQ:2 BETA\n" });
      const origin = serve.url.replace(/\/$/, "");
      const cable = createCable(`${origin.replace("http", "ws")}/cable`, {
        websocketImplementation: WebSocket,
        websocketOptions: { origin },
        logLevel: "error",
      });
      const received = [];
      const all = cable.subscribeTo("DashboardChannel");
      const one = cable.subscribeTo("DashboardChannel", { keys: ["NSE_EQ:2"] });
      const none = cable.subscribeTo("NoSuchChannel");
      let rejected = false;
      none.on("close", () => (rejected = true));
      all.on("message", (message) => received.push(message));
      const few = [];
      one.on("message", (message) => few.push(message));
      await until("both symbols", () => ["ALPHA", "BETA"].every((name) => received.some(({ symbol }) => symbol === name)));
      await until("one of its own", () => few.length > 2);
      assert.deepEqual([...new Set(few.map((message) => message.symbol).filter(Boolean))], ["BETA"]);
      await until("a rejection", () => rejected);
      let disconnected = 0;
      all.on("disconnect", () => (disconnected += 1));
      await serve.end();
      await until("a disconnection", () => disconnected === 1);
      await house.serve('"$LTP_BIN/ltp-serve"', serve.port);
      const before = received.length;
      await until("more after the restart", () => received.length > before, 40000);
      cable.disconnect();
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
      await page.addInitScript(() => {
        window.events = [];
        for (const name of ["actioncable:connected", "actioncable:disconnected"])
          window.addEventListener(name, () => events.push(name));
      });
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
    });
  },

  async "any page with one script tag, embed.js"() {
    await scenario(async (house) => {
      const serve = await house.serve(serveStdin);
      const page = await house.page(null, { bypassCSP: true });
      const sockets = [];
      await page.routeWebSocket(/\/ws$/, (socket) => {
        if (sockets.closed) return void socket.close();
        sockets.push(socket);
        socket.connectToServer();
      });
      let polls = 0;
      page.on("request", (request) => (polls += request.url().includes("current_prices")));
      await page.route(`${serve.url}anything`, (route) => route.fulfill({ contentType: "text/html", body: `
        <table><tr><td>RELIANCE</td><td class="js-ltp-cell" data-instrument-key="NSE_EQ:2885"></td></tr></table>
        <script src="/embed.js" defer></script>` }));
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

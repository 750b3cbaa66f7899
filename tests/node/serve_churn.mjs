// Random clients of two ltp-serve on one Redis, over real sockets.
//
//   LTP_BIN=build/bin node tests/node/serve_churn.mjs [--runs N] [--seed S] [--seconds T]
//
// Clients of every dialect come, go, subscribe, unsubscribe, sleep and wake; servers are
// killed or restarted, their subscriptions cut, Redis halted; meanwhile prices move. No
// client may ever see a price of an instrument after a newer one, nor the same twice unless
// it has asked again. When the prices stand still each client has to end with the last price
// of every instrument that it wants. A run is made again by its seed.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { get } from "node:http";
import WebSocket from "ws";
import { Program, dice, sleep, until } from "./processes.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "6" },
  },
});

const SEGMENTS = ["NSE_EQ", "BSE_EQ", "IDX_I"];
const KEYS = SEGMENTS.flatMap((segment) => Array.from({ length: 30 }, (_, i) => `${segment}:${100 + i}`));
const FORMS = ["ws", "ws", "batch", "rate", "cable", "cable", "updates", "events", "lines"];
const CLIENTS = 40;

const failures = [];
const fail = (text) => failures.push(text);

/// What one subscription wants and has been given. A price is its own place in the order:
/// each is higher than all before it, of any instrument.
class Watch {
  constructor(name, wanted) { Object.assign(this, { name, wanted: new Set(wanted), last: new Map(), again: new Set() }); }
  wants(key) { return ["*", `${key.split(":")[0]}:*`, key].some((k) => this.wanted.has(k)); }
  ask(keys) {
    keys.forEach((key) => this.wanted.add(key));
    KEYS.forEach((key) => this.again.add(key));
  }
  take({ instrument_key: key, ltp }) {
    const had = this.last.get(key) ?? 0;
    if (ltp < had) fail(`${this.name}: ${key} went back from ${had} to ${ltp}`);
    // What was on its way when it asked again does not count as the answer.
    if (ltp === had && !this.again.delete(key)) fail(`${this.name}: ${key} was given ${ltp} twice`);
    this.last.set(key, ltp);
  }
  /// What it lacks of the truth.
  lacks(truth) {
    return KEYS.filter((key) => this.wants(key) && truth.has(key) && this.last.get(key) !== truth.get(key));
  }
}

/// A client that comes back by itself until it is closed for good.
class Client {
  constructor(name, form, d, servers) {
    Object.assign(this, { name, form, d, servers, watches: new Map(), asleep: false, gone: false });
    this.watches.set("", new Watch(name, this.someKeys()));
    this.open();
  }
  someKeys() {
    const { d } = this;
    return d.pick([() => ["*"], () => [`${d.pick(SEGMENTS)}:*`],
                   () => Array.from({ length: 1 + d.below(20) }, () => d.pick(KEYS)),
                   () => [`${d.pick(SEGMENTS)}:*`, d.pick(KEYS), d.pick(KEYS)]])();
  }
  get isCable() { return this.form === "cable" || this.form === "updates"; }
  identifier(name) {
    const keys = [...this.watches.get(name).wanted];
    return JSON.stringify({ channel: "DashboardChannel", keys, name, ...(this.form === "updates" && { batch: true }) });
  }
  open() {
    if (this.gone) return;
    this.asleep = false;
    for (const watch of this.watches.values()) { watch.last.clear(); watch.again.clear(); }
    const base = this.d.pick(this.servers).url;
    const query = `keys=${[...this.watches.get("").wanted].join(",")}`;
    if (this.form === "events" || this.form === "lines") return this.openHttp(`${base}api/v1/stream?${query}`);
    const url = base.replace("http", "ws");
    const extra = { batch: "&batch=1", rate: "&max_hz=20" }[this.form] ?? "";
    this.socket = this.isCable ? new WebSocket(`${url}cable`, ["actioncable-v1-json"])
                               : new WebSocket(`${url}ws?${query}${extra}`);
    const socket = this.socket;
    socket.on("message", (data) => socket === this.socket && this.take(data.toString()));
    socket.on("error", () => {});
    socket.on("close", () => setTimeout(() => socket === this.socket && this.open(), 100));
    if (this.isCable) socket.on("open", () => [...this.watches.keys()].forEach((name) => this.command("subscribe", name)));
  }
  openHttp(url) {
    const again = () => { if (this.socket === request) { this.socket = undefined; setTimeout(() => this.open(), 100); } };
    const request = get(url, { agent: false, headers: this.form === "events" ? { accept: "text/event-stream" } : {} }, (answer) => {
      this.answer = answer;
      let rest = "";
      answer.setEncoding("utf8");
      answer.on("data", (text) => {
        if (this.socket !== request) return;
        const lines = (rest + text).split("\n");
        rest = lines.pop();
        for (const line of lines) if (/^(data: )?\{/.test(line)) this.takeTick(JSON.parse(line.replace(/^data: /, "")), "");
      });
      answer.on("close", again);
      answer.on("error", () => {});
    });
    request.on("error", again);
    this.socket = request;
  }
  command(command, name) {
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ command, identifier: this.identifier(name) }));
  }
  take(text) {
    if (!this.isCable) return text.split("\n").forEach((line) => this.takeTick(JSON.parse(line), ""));
    const { identifier, message, type } = JSON.parse(text);
    if (type || !message) return;
    const { name } = JSON.parse(identifier);
    for (const tick of message.type === "screener_ltp_batch_update" ? message.updates : [message]) this.takeTick(tick, name);
  }
  takeTick(tick, name) {
    if (tick.type === "screener_ltp_update") this.watches.get(name)?.take(tick);
  }
  /// Wants more or less than before, where the dialect has a word for that.
  change() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (this.isCable) {
      const extra = [...this.watches.keys()].filter((name) => name !== "");
      if (extra.length > 2) {
        const name = this.d.pick(extra);
        this.command("unsubscribe", name);
        this.watches.delete(name);
      } else {
        const name = `more-${this.d.below(1e9)}`;
        this.watches.set(name, new Watch(`${this.name} ${name}`, this.someKeys()));
        this.command("subscribe", name);
      }
      return;
    }
    const watch = this.watches.get("");
    const subscribe = this.d.below(2) ? this.someKeys() : [];
    const unsubscribe = subscribe.length ? [] : [this.d.pick([...watch.wanted])];
    unsubscribe.forEach((key) => watch.wanted.delete(key));
    if (subscribe.length) watch.ask(subscribe);
    this.socket.send(JSON.stringify({ subscribe, unsubscribe }));
  }
  sleep(on) {
    const stream = this.form === "events" || this.form === "lines" ? this.answer : this.socket;
    if (this.asleep === on || !stream || (this.socket?.readyState ?? 1) !== WebSocket.OPEN) return;
    this.asleep = on;
    on ? stream.pause() : stream.resume();
  }
  /// Leaves without a word and comes back at once, or stays away.
  leave(forGood) {
    this.gone = forGood;
    const old = this.socket;
    this.socket = undefined;
    old?.terminate ? old.terminate() : old?.destroy();
    if (!forGood) this.open();
  }
}

class Server {
  constructor(directory, name, env) { Object.assign(this, { directory, name, env }); }
  async start(port = 0) {
    this.program = new Program("ltp-serve", this.directory, ["--no-broker", "--port", String(port), "--drain", "200ms"], this.env, this.name);
    this.url = await until("ltp-serve to listen", () => /listening on (http:[^ \n]+)/.exec(this.program.messages())?.[1]);
  }
  async restart(signal) {
    const port = new URL(this.url).port;
    await this.program.end(signal);
    await this.start(port);
  }
}

async function run(seed, directory) {
  const d = dice(seed);
  const socket = `${directory}/redis.sock`;
  const redis = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", directory], { stdio: "ignore" });
  const stopRedis = () => redis.kill("SIGKILL");
  process.once("exit", stopRedis);
  const cli = (...words) => execFileSync("redis-cli", ["-s", socket, ...words], { stdio: ["ignore", "pipe", "ignore"] }).toString();
  const answers = () => { try { return cli("PING").startsWith("PONG"); } catch { return false; } };
  await until("redis-server", answers);

  const env = { REDIS_URL: `unix://${socket}` };
  const servers = ["one", "two"].map((name) => new Server(directory, name, env));
  await Promise.all(servers.map((server) => server.start()));
  const cache = spawn(`${process.env.LTP_BIN}/ltp-cache`, ["--publish", "--store-line", "--ttl", "3600", "--stdout", "none"],
                      { env: { ...process.env, ...env }, stdio: ["pipe", "ignore", "ignore"] });
  const truth = new Map();
  let price = 0;
  let received_us = 0;
  const feed = () => {
    let text = price % 500 === 0 ? `{"type":"feed_status","state":"connected","reason":null,"source":"simulator"}\n` : "";
    for (let i = 1 + d.below(20); i > 0; --i) {
      const key = d.pick(KEYS);
      truth.set(key, ++price);
      received_us = Math.max(received_us + 1, Date.now() * 1000);
      text += `{"type":"screener_ltp_update","symbol":"S","instrument_key":"${key}","ltp":${price},"recv_us":${received_us}}\n`;
    }
    cache.stdin.write(text);
  };

  const clients = [];
  const end = Date.now() + Number(values.seconds) * 1000;
  const restarts = [];
  const feeding = setInterval(feed, 5);
  while (Date.now() < end) {
    const client = clients.length ? d.pick(clients) : undefined;
    const what = d.below(100);
    if (clients.length < CLIENTS || what < 2) {
      const form = d.pick(FORMS);
      clients.push(new Client(`client ${clients.length} (${form})`, form, d, servers));
    } else if (what < 35) client.change();
    else if (what < 55) client.sleep(true);
    else if (what < 80) client.sleep(false);
    else if (what < 90) client.leave(d.below(10) === 0);
    else if (what < 92) cli("CLIENT", "KILL", "TYPE", d.pick(["pubsub", "normal"]), "SKIPME", "yes");
    else if (what < 93) {
      redis.kill("SIGSTOP");
      await sleep(d.below(700));
      redis.kill("SIGCONT");
    } else if (what < 95 && restarts.length < 4) {
      const server = servers[restarts.length % 2];
      await Promise.all(restarts);
      restarts.push(server.restart(d.pick(["SIGKILL", "SIGTERM"])));
    }
    await sleep(d.below(20));
  }
  clearInterval(feeding);
  await Promise.all(restarts);
  for (const client of clients) client.sleep(false);
  const missing = () => clients.filter((client) => !client.gone)
    .flatMap((client) => [...client.watches.values()])
    .map((watch) => ({ watch, lacks: watch.lacks(truth) })).filter(({ lacks }) => lacks.length);
  try {
    await until("every client to have the last prices", () => missing().length === 0, 15000);
  } catch {
    for (const { watch, lacks } of missing())
      fail(`${watch.name} lacks ${lacks.slice(0, 5).map((key) => `${key}=${truth.get(key)}, has ${watch.last.get(key)}`).join("; ")}`);
  }
  clients.forEach((client) => client.leave(true));
  cache.stdin.end();
  await Promise.all(servers.map((server) => server.program.end("SIGTERM")));
  process.off("exit", stopRedis);
  stopRedis();
  return { clients: clients.length, prices: price };
}

const runs = Number(values.runs);
for (let i = 0; i < runs && failures.length === 0; ++i) {
  const seed = Number(values.seed) + i;
  const directory = mkdtempSync(`${tmpdir()}/serve-churn.`);
  const { clients, prices } = await run(seed, directory);
  console.log(`seed ${seed}: ${clients} clients, ${prices} prices, ${failures.length} failures`);
  rmSync(directory, { recursive: true });
}
failures.slice(0, 20).forEach((text) => console.log(text));
process.exit(failures.length ? 1 : 0);

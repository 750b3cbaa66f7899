// The chart of a session's prices, by uPlot, which is loaded when first asked for. A
// program that was built without it says so instead.
import * as format from "./format.js";

const kRedrawMs = 250;
const kLeastS = 10; // shown, however little has come

let loading = null;
function loadLibrary() {
  loading ??= new Promise((resolve) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = "/uplot.css";
    const script = document.createElement("script");
    script.src = "/uplot.js";
    script.onload = () => resolve(window.uPlot ?? null);
    script.onerror = () => resolve(null);
    document.head.append(style, script);
  });
  return loading;
}

export class Chart {
  constructor(box) {
    this.box = box;
    this.quote = null;
    this.plot = null;
    new ResizeObserver(() => this.plot?.setSize(this.#size())).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#make());
  }

  async show(quote) {
    this.quote = quote;
    this.library = await loadLibrary();
    if (this.quote === quote) this.#make();
  }

  clear() {
    this.quote = null;
    this.plot?.destroy();
    this.plot = null;
  }

  /** More has come; drawn a few times a second at most. */
  grow() {
    if (!this.plot || this.growing) return;
    this.growing = setTimeout(() => {
      this.growing = null;
      this.plot?.setData(this.#data());
    }, kRedrawMs);
  }

  #size() {
    return { width: Math.max(200, this.box.clientWidth), height: 240 };
  }

  #data() {
    const { size, timesS, prices } = this.quote.history;
    return [timesS.subarray(0, size), prices.subarray(0, size)];
  }

  #make() {
    if (!this.quote) return;
    this.plot?.destroy();
    this.plot = null;
    this.box.replaceChildren();
    if (!this.library) {
      this.box.append("This program was built without the chart.");
      return;
    }
    const style = getComputedStyle(this.box);
    const colour = (name) => style.getPropertyValue(name).trim();
    const { key } = this.quote;
    const axis = {
      stroke: colour("--muted"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
    };
    this.plot = new this.library(
      {
        ...this.#size(),
        cursor: { y: true, drag: { x: false, y: false } }, // what is new would undo a zoom at once
        tzDate: (s) => this.library.tzDate(new Date(s * 1000), "Asia/Kolkata"),
        scales: {
          x: { range: ({ data: [times] }) => timeRange(times) },
          y: { range: (_, low, high) => padded(low, high) },
        },
        axes: [{ ...axis, space: 72, values: (_, times) => times.map(format.clock) }, { ...axis, size: 76, values: (_, values) => values.map((value) => format.price(key, value)) }],
        series: [
          { label: "Time", value: (_, s) => (s === null ? "–" : format.clock(s)) },
          {
            label: "Price",
            stroke: colour("--accent"),
            width: 1.5,
            paths: this.library.paths.stepped({ align: 1 }),
            points: { show: ({ data: [times] }) => times.length === 1, size: 6 }, // no line yet
            value: (_, value) => (value === null ? "–" : format.price(key, value)),
          },
        ],
      },
      this.#data(),
      this.box,
    );
  }
}

function timeRange(times) {
  if (times.length === 0) return [0, kLeastS];
  const to = times[times.length - 1];
  return [Math.min(times[0], to - kLeastS), to];
}

/** A price that has not moved is a line in the middle. */
function padded(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = (high - low) * 0.08 || high * 0.001;
  return [low - room, high + room];
}

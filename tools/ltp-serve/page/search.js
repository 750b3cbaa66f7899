// The field that adds an instrument: by key as it stands, by name from those that the
// server knows.
import * as format from "./format.js";
import { apiHeaders } from "./stream.js";

const kShown = 12;
const kWaitMs = 150; // after the last key

/** Events: onPick(key, symbol), onNone(text). */
export class Search {
  constructor({ form, input, list, onPick, onNone }) {
    Object.assign(this, { form, input, list, onPick, onNone });
    this.found = [];
    this.at = -1;
    this.asked = 0;
    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#look(), kWaitMs);
    });
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => setTimeout(() => this.#show([]), 150));
    list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const item = event.target.closest("li");
      if (item) this.#pick(this.found[Number(item.dataset.index)]);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  async #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const key = format.keyOf(text);
    if (this.at >= 0) return this.#pick(this.found[this.at]);
    if (key) return this.#pick({ instrument_key: key, symbol: "" });
    const found = await this.#ask(text);
    const exact = found.filter(({ symbol }) => symbol.toUpperCase() === text.toUpperCase());
    if (exact.length === 1 || found.length === 1) return this.#pick(exact[0] ?? found[0]);
    this.#show(found);
    if (!found.length) this.onNone(text);
  }

  async #look() {
    const text = this.input.value.trim();
    const mine = ++this.asked;
    const found = text.length < 2 || format.keyOf(text) ? [] : await this.#ask(text);
    if (mine === this.asked) this.#show(found);
  }

  async #ask(text) {
    try {
      const answer = await fetch(`/api/v1/instruments?q=${encodeURIComponent(text)}&limit=${kShown}`, { headers: apiHeaders });
      const { instruments } = answer.ok ? await answer.json() : {};
      return Array.isArray(instruments) ? instruments.filter((one) => format.keyOf(one.instrument_key)) : [];
    } catch {
      return []; // the state line says that the server is away
    }
  }

  #show(found) {
    this.found = found;
    this.at = -1;
    this.list.replaceChildren(...found.map(({ instrument_key, symbol }, i) => {
      const item = document.createElement("li");
      const id = document.createElement("small");
      item.setAttribute("role", "option");
      item.id = `add-option-${i}`;
      item.dataset.index = i;
      id.textContent = instrument_key;
      item.append(symbol, " ", id);
      return item;
    }));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    if (event.key === "Escape") {
      this.#show([]);
      this.input.value = "";
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || this.found.length === 0) return;
    event.preventDefault();
    this.at = (this.at + step + this.found.length) % this.found.length;
    [...this.list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === this.at)));
    this.input.setAttribute("aria-activedescendant", `add-option-${this.at}`);
  }

  #pick({ instrument_key, symbol }) {
    this.asked += 1;
    clearTimeout(this.timer);
    this.input.value = "";
    this.#show([]);
    this.onPick(instrument_key, symbol);
  }
}

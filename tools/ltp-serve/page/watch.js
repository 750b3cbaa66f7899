// The watch list: what is shown, in which order. From the URL, else from local storage,
// else everything. An entry is an instrument, a whole segment ("IDX_I:*") or "*".
import { entryOf } from "./format.js";

const kStored = "ltp.watch";
const kEverything = ["*"];

export class WatchList {
  constructor(onChange) {
    this.onChange = onChange;
    const stored = readStored();
    const asked = new URLSearchParams(location.search).get("keys");
    this.entries = (asked === null ? stored.entries : entriesOf(asked.split(","))) ?? kEverything;
    /** by: a column's name, or null for the list's own order. */
    this.sort = stored.sort ?? { by: null, down: false };
  }

  /** Whether what it shows is decided by what comes by. */
  get isOpen() { return this.entries.some((entry) => entry.endsWith("*")); }
  has(key) {
    return this.entries.some((entry) =>
      entry === key || entry === "*" || (entry.endsWith(":*") && key.startsWith(entry.slice(0, -1))));
  }

  // `shown` is what an open list shows at the moment: editing makes a list of it.

  add(key, shown) {
    if (!this.has(key)) this.#set([...this.#fixed(shown), key]);
  }
  remove(key, shown) {
    this.#set(this.#fixed(shown).filter((one) => one !== key));
  }
  /** Puts `key` where `before` is, at the end if that is null: in the order that is shown. */
  moveBefore(key, before, shown) {
    if (key === before) return;
    const list = shown.filter((one) => one !== key);
    const at = before === null ? -1 : list.indexOf(before);
    list.splice(at < 0 ? list.length : at, 0, key);
    this.sort = { by: null, down: false };
    this.#set(list);
  }
  showEverything() { this.#set(kEverything); }

  /** One way, the other way, and back to the list's own order. */
  sortBy(column) {
    const first = column !== "symbol"; // numbers from the top, names from A
    if (this.sort.by !== column) this.sort = { by: column, down: first };
    else if (this.sort.down === first) this.sort = { by: column, down: !first };
    else this.sort = { by: null, down: false };
    this.#save();
    this.onChange();
  }

  #fixed(shown) { return this.isOpen ? shown : this.entries; }

  #set(entries) {
    this.entries = entries;
    this.#save();
    this.onChange();
  }

  #save() {
    const url = new URL(location.href);
    if (url.searchParams.has("keys")) {
      url.searchParams.delete("keys");
      history.replaceState(null, "", url);
    }
    try {
      localStorage.setItem(kStored, JSON.stringify({ entries: this.entries, sort: this.sort }));
    } catch {
      // Private windows may have no storage: the list then lasts as long as the page.
    }
  }
}

/** Those that make sense, each once; null if there is none. */
function entriesOf(texts) {
  const entries = texts.map(entryOf).filter((entry) => entry !== null);
  return entries.length ? [...new Set(entries)] : null;
}

function readStored() {
  try {
    const { entries, sort } = JSON.parse(localStorage.getItem(kStored)) ?? {};
    return {
      entries: Array.isArray(entries) ? (entries.length ? entriesOf(entries) : []) : null,
      sort: typeof sort?.by === "string" ? { by: sort.by, down: Boolean(sort.down) } : null,
    };
  } catch {
    return { entries: null, sort: null };
  }
}

// How values look. Pure: no document, no clock.

/** Rupees with Indian digit grouping: 139340.5 is "1,39,340.50"; currencies keep four places. */
const rupeeFormats = [2, 4].map(
  (places) => new Intl.NumberFormat("en-IN", { minimumFractionDigits: places, maximumFractionDigits: places }));
const wholeFormat = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });

/** An index is a number of points, everything else is money. */
export const unitOf = (key) => (key.startsWith("IDX_I:") ? "" : "₹");
const placesOf = (key) => (key.includes("_CURRENCY:") ? 1 : 0);

export function price(key, value) {
  return isPrice(value) ? rupeeFormats[placesOf(key)].format(value) : "–";
}

export function isPrice(value) {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

/** Sign and arrow as well as colour: "▲ +12.35", "▼ −0.05", "0.00". */
export function move(key, value) {
  return signed(value, rupeeFormats[placesOf(key)]);
}

export function percent(value) {
  const text = signed(value, rupeeFormats[0]);
  return text === "–" ? text : `${text} %`;
}

/** Beside a move that has the sign already. */
export function plainPercent(value) {
  return value === null ? "–" : `${rupeeFormats[0].format(Math.abs(value))} %`;
}

/** Exchange time, whoever looks from wherever: "10:15:29". */
const clockFormat = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "Asia/Kolkata" });
export const clock = (seconds) => clockFormat.format(new Date(seconds * 1000));

function signed(value, format) {
  if (value === null) return "–";
  const text = format.format(Math.abs(value));
  if (!/[1-9]/.test(text)) return text;
  return value > 0 ? `▲ +${text}` : `▼ −${text}`;
}

/** Shares and lots, shortened the Indian way above a lakh: "45.68 L", "1.20 Cr". */
export function volume(value) {
  if (typeof value !== "number" || !(value >= 0)) return "–";
  if (value < 1e5) return wholeFormat.format(value);
  if (value < 1e7) return `${(value / 1e5).toFixed(2)} L`;
  return `${(value < 1e9 ? rupeeFormats[0] : wholeFormat).format(value / 1e7)} Cr`;
}

export function whole(value) {
  return typeof value === "number" && Number.isFinite(value) ? wholeFormat.format(value) : "–";
}

export function age(ms) {
  if (ms === null || !Number.isFinite(ms)) return "–";
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return s < 86400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`;
}

export function milliseconds(value) {
  if (value === null) return "–";
  return value < 10 ? `${value.toFixed(1)} ms` : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** As the server knows them: one key that it does not know, and it refuses the whole message. */
export const segments = ["IDX_I", "NSE_EQ", "NSE_FNO", "NSE_CURRENCY", "BSE_EQ", "MCX_COMM", "BSE_CURRENCY", "BSE_FNO"];
const keyShape = new RegExp(`^(${segments.join("|")}):0*([1-9]\\d{0,9})$`);
const segmentShape = new RegExp(`^(${segments.join("|")}):\\*$`);

/** "nse_eq:02885 " to "NSE_EQ:2885"; null for what is no key. */
export function keyOf(text) {
  const [, segment, id] = keyShape.exec(String(text).trim().toUpperCase()) ?? [];
  return segment && Number(id) < 2 ** 32 ? `${segment}:${id}` : null;
}

/** The same, also for "*" and a whole segment, "IDX_I:*". */
export function entryOf(text) {
  const entry = String(text).trim().toUpperCase();
  return entry === "*" || segmentShape.test(entry) ? entry : keyOf(entry);
}

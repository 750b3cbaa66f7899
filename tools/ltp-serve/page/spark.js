// The small price line of a row.

/** Draws a history into a canvas, in the colour that CSS gives it; `before`: the previous close or nothing. */
export function drawSpark(canvas, history, before) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  if (history.size < 2 || width === 0) return;

  const { timesS, prices, size } = history;
  let low = prices[0];
  let high = prices[0];
  for (let i = 1; i < size; ++i) {
    if (prices[i] < low) low = prices[i];
    if (prices[i] > high) high = prices[i];
  }
  const edge = 1.5 * ratio;
  const begin = timesS[0];
  const span = timesS[size - 1] - begin || 1;
  const range = high - low;
  const x = (i) => edge + ((timesS[i] - begin) / span) * (width - 2 * edge);
  const y = (price) => (range === 0 ? height / 2 : edge + ((high - price) / range) * (height - 2 * edge));

  const style = getComputedStyle(canvas);
  // The previous close, if the line is near enough to it to show.
  if (before > low && before < high) {
    context.strokeStyle = style.getPropertyValue("--line-strong");
    context.lineWidth = ratio;
    context.setLineDash([2 * ratio, 3 * ratio]);
    context.beginPath();
    context.moveTo(0, y(before));
    context.lineTo(width, y(before));
    context.stroke();
    context.setLineDash([]);
  }
  context.strokeStyle = style.color;
  context.lineWidth = 1.25 * ratio;
  context.lineJoin = "round";
  context.beginPath();
  context.moveTo(x(0), y(prices[0]));
  // Prices hold until the next trade: steps, not slopes.
  for (let i = 1; i < size; ++i) {
    context.lineTo(x(i), y(prices[i - 1]));
    context.lineTo(x(i), y(prices[i]));
  }
  context.stroke();
}

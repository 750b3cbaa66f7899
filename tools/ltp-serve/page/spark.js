// The small price line of a row.

/**
 * Draws a history into a canvas of `width` times `height` CSS pixels; `before`: the previous
 * close or nothing. However much has come, each column of pixels is drawn once: from its
 * low to its high.
 */
export function drawSpark(canvas, history, before, { width, height, ratio, colour, faint }) {
  const across = Math.round(width * ratio);
  const down = Math.round(height * ratio);
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, across, down);
  const { timesS, prices, size } = history;
  if (size < 2 || across === 0) return;

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
  const x = (i) => Math.round(edge + ((timesS[i] - begin) / span) * (across - 2 * edge));
  const y = (price) => (range === 0 ? down / 2 : edge + ((high - price) / range) * (down - 2 * edge));

  // The previous close, if the line is near enough to it to show.
  if (before > low && before < high) {
    context.strokeStyle = faint;
    context.lineWidth = ratio;
    context.setLineDash([2 * ratio, 3 * ratio]);
    context.beginPath();
    context.moveTo(0, y(before));
    context.lineTo(across, y(before));
    context.stroke();
    context.setLineDash([]);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1.25 * ratio;
  context.lineJoin = "round";
  context.beginPath();
  context.moveTo(x(0), y(prices[0]));
  for (let i = 0; i < size; ) {
    const column = x(i);
    // A price holds until the next trade: a step, not a slope.
    if (i > 0) context.lineTo(column, y(prices[i - 1]));
    const first = i;
    let least = prices[i];
    let most = prices[i];
    for (++i; i < size && x(i) === column; ++i) {
      if (prices[i] < least) least = prices[i];
      if (prices[i] > most) most = prices[i];
    }
    context.lineTo(column, y(prices[first]));
    if (i - first === 1) continue;
    context.lineTo(column, y(least));
    context.lineTo(column, y(most));
    context.lineTo(column, y(prices[i - 1]));
  }
  context.stroke();
}

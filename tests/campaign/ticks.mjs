// Lines of ltp-feed's kind for 100 instruments, RATE a second (2000 if not said), each a
// new price, until standard output closes or SIGTERM.
const rate = Number(process.argv[2] ?? 2000);
const begin = performance.now();
let made = 0;

process.stdout.on('error', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {
  const due = ((performance.now() - begin) / 1000) * rate;
  let lines = '';
  for (; made < due; ++made) {
    const key = `NSE_EQ:${(made % 100) + 1}`;
    lines += `{"type":"screener_ltp_update","instrument_key":"${key}","ltp":${made + 1}}\n`;
  }
  process.stdout.write(lines);
}, 5);

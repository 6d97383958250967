// The records API in small: it answers the requests of one tick after the other, and says when.
// node --trace-gc app.js TICKS KEPT_BYTES: so many bytes of each request are never given back.
const { writeSync } = require('node:fs');

const [ticks, kept] = process.argv.slice(2).map(Number);
const REQUESTS = 60; // of a tick of five minutes on an average working day
const FIRST_HOUR = 11;
const never = [];
const recent = new Array(400);

function users(tick) {
  const hour = (FIRST_HOUR + tick / 12) % 24;
  return 0.08 + 1.9 * Math.exp(-(((hour - 14) / 4.2) ** 2) / 2);
}

function request(n) {
  const rows = [];
  for (let i = 0; i < 120; i++) rows.push({ id: n * 1000 + i, name: `record ${n}/${i}`, at: new Date(i * n) });
  const body = JSON.stringify(rows);
  recent[n % recent.length] = { body, rows: rows.slice(0, 10) };
  if (kept > 0) never.push(Array.from({ length: kept / 8 }, (_, i) => i + n + 0.5));
}

let done = 0;
function tick(n) {
  writeSync(1, `tick ${n} ${performance.now()}\n`);
  if (n === ticks) return;
  for (let i = 0; i < REQUESTS * users(n); i++) request(done++);
  setImmediate(tick, n + 1);
}
tick(0);

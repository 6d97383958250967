// records-api, as far as its memory goes: it registers records, five minutes at
// a time, and keeps a draft of each for KEPT_S seconds. Without an end to that
// (Infinity) memory never falls, as on the alpine image.
//
//     node records.js FD KEPT_S
"use strict";

const fs = require("fs");
const readline = require("readline");

const fd = Number(process.argv[2]);
const keptS = Number(process.argv[3]);
const DRAFT = Buffer.alloc(16000, "a draft ");
const IN_FLIGHT = 64;
const SLOW_MS = 120;

let drafts = [];
const inFlight = new Array(IN_FLIGHT);
let registered = 0;

const say = (at, text) => console.log(`${new Date(at * 1000).toISOString()} ${text}`);

function register(at) {
  const begun = performance.now();
  const id = registered++;
  const fields = Array.from({ length: 40 }, (_, n) => ({ name: `field ${n}`, value: id + n, note: `entered by ${id % 911}` }));
  const record = JSON.parse(JSON.stringify({ id, at, fields }));
  inFlight[(id * 7919) % IN_FLIGHT] = record;
  drafts.push({ at, text: DRAFT.toString("latin1") });
  const took = performance.now() - begun;
  if (took > SLOW_MS) say(at, `WARN  a record took ${took.toFixed(0)} ms`);
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [at, requests] = line.split(" ").map(Number);
  const begun = performance.now();
  if (!registered) say(at, "INFO  records-api is ready");
  if (drafts.length && at - drafts[0].at > keptS) drafts = drafts.filter((draft) => at - draft.at <= keptS);
  for (let n = 0; n < requests; n++) register(at);
  setImmediate(() => fs.writeSync(fd, `begun=${begun} ended=${performance.now()}\n`));
});

// A small web service that lives by ticks: the driver says how many requests
// five minutes brought, the service really does their work, and answers with
// what an exporter would have shown. What it keeps is said by its arguments:
//
//     node app.js FD SEED "map:share=1,bytes=600,from=1714000000" "lru:entries=900,bytes=9000,keys=4000"
//
// Collections are the runtime's own; nothing here asks for one.
"use strict";

const fs = require("fs");
const readline = require("readline");
const v8 = require("v8");
const { EventEmitter } = require("events");
const { PerformanceObserver, constants } = require("perf_hooks");

const [fd, seed, ...declared] = process.argv.slice(2);
const ROWS = 90;
const IN_FLIGHT = 24;

// mulberry32
let state = Number(seed) >>> 0;
function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

class Row {
  constructor(request, n) {
    this.id = request * ROWS + n;
    this.title = `service ${this.id}`;
    this.place = { lat: 35 + n / 1000, lng: 139 + n / 1000 };
  }
}

// About `bytes` of small objects, as a request's context is.
function payload(id, bytes) {
  return Array.from({ length: Math.max(1, Math.round(bytes / 64)) }, (_, n) => ({ id, n }));
}

const bus = new EventEmitter().setMaxListeners(0);
const waiting = [];
const kept = new Map();
const uploads = [];
const counters = new Map();

// What each part does with a request (`request`) and with time (`tick`).
const parts = {
  listener: (p) => ({ request: (id) => { const context = payload(id, p.bytes); bus.on("drain", () => context); } }),
  closure: (p) => ({ request: (id) => { const context = payload(id, p.bytes); waiting.push(() => context.length); } }),
  map: (p) => ({ request: (id) => kept.set(id, payload(id, p.bytes)) }),
  timer: (p) => ({ request: (id) => { const context = payload(id, p.bytes); setInterval(() => context, 2 ** 30).unref(); } }),
  buffer: (p) => ({ request: () => uploads.push(Buffer.alloc(p.bytes, 1)) }),
  // a metric with a label for every address: each new address is a new series
  labels: (p) => ({
    request: (id) => {
      const key = `/items/${p.keys ? Math.floor(random() * p.keys) : id}?from=mail`;
      if (!counters.has(key)) counters.set(key, payload(id, p.bytes));
    },
  }),
  // a poller that forgets its answers, whatever the traffic
  poller: (p) => ({ tick: (at) => kept.set(`poll ${at}`, payload(0, p.bytes)) }),

  live: (p) => { const data = payload(0, p.mb * 1e6); return { data }; },
  lru: (p) => {
    const cache = new Map();
    return {
      request: (id) => {
        const key = Math.floor(random() ** (p.skew || 1) * p.keys);
        const value = cache.get(key) || payload(id, p.bytes);
        cache.delete(key);
        cache.set(key, value);
        if (cache.size > p.entries) cache.delete(cache.keys().next().value);
      },
    };
  },
  sessions: (p) => {
    const open = new Map();
    return {
      request: (id, at) => open.set(Math.floor(random() * p.users), { at, data: payload(id, p.bytes) }),
      tick: (at) => { for (const [user, session] of open) if (at - session.at > p.minutes * 60) open.delete(user); },
    };
  },
  // modules and templates that are loaded when their route is first asked for
  routes: (p) => {
    const loaded = new Map();
    return {
      request: (id) => {
        const route = Math.floor(random() ** 3 * p.count);
        if (!loaded.has(route)) loaded.set(route, payload(id, p.bytes));
      },
    };
  },
  // a job that holds its data from `hour` for `minutes`, on `weekday` (0 is Sunday) or every day
  job: (p) => {
    let data = [];
    return {
      tick: (at) => {
        const local = at + 9 * 3600;
        const minute = Math.floor((local % 86400) / 60) - p.hour * 60;
        const today = p.weekday === undefined || (Math.floor(local / 86400) + 4) % 7 === p.weekday;
        if (today && minute >= 0 && minute < p.minutes) data.push(payload(0, (p.mb * 1e6 * 5) / p.minutes));
        else if (data.length) data = [];
      },
    };
  },
  // buffers that are pooled: as many as were ever needed at once
  pool: (p) => {
    const pool = [];
    return { many: (n) => { while (pool.length < Math.min(p.most, n / p.each)) pool.push(Buffer.alloc(p.bytes, 1)); } };
  },
};

const doing = declared.map((text) => {
  const [kind, list] = text.split(":");
  const p = Object.fromEntries(list.split(",").map((pair) => [pair.split("=")[0], Number(pair.split("=")[1])]));
  return { share: 1, from: 0, until: Infinity, ...p, ...parts[kind](p) };
});

const inFlight = new Array(IN_FLIGHT);
let served = 0;

function serve(at) {
  const id = served++;
  const rows = Array.from({ length: ROWS }, (_, n) => new Row(id, n));
  inFlight[Math.floor(random() * IN_FLIGHT)] = { rows, body: JSON.stringify(rows) };
  for (const part of doing) {
    if (part.request && at >= part.from && at < part.until && random() < part.share) part.request(id, at);
  }
}

if (process.env.GC_HOOKS) {
  const kinds = Object.entries(constants).filter(([name]) => name.startsWith("NODE_PERFORMANCE_GC_") && !name.includes("FLAGS"));
  const named = Object.fromEntries(kinds.map(([name, kind]) => [kind, name.slice(20).toLowerCase()]));
  new PerformanceObserver((list) => {
    for (const { startTime, duration, detail } of list.getEntries()) {
      const { heapUsed } = process.memoryUsage();
      console.log(JSON.stringify({ entryType: "gc", startTime, duration, kind: named[detail.kind], flags: detail.flags, heapUsed }));
    }
  }).observe({ entryTypes: ["gc"] });
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [at, requests] = line.split(" ").map(Number);
  const begun = performance.now();
  for (const part of doing) {
    if (part.tick && at >= part.from) part.tick(at);
    if (part.many) part.many(requests);
  }
  for (let n = 0; n < requests; n++) serve(at);
  const { heapUsed, heapTotal, external } = process.memoryUsage();
  const limit = v8.getHeapStatistics().heap_size_limit;
  setImmediate(() => {
    fs.writeSync(Number(fd), `heap_used=${heapUsed} heap_total=${heapTotal} external=${external} heap_limit=${limit} begun=${begun} ended=${performance.now()}\n`);
  });
});

// A web server with dependency injection, for heap snapshots whose truth is known.
//
//   node server.js --mode leak|healthy [--rows N] [--port P]
//       serves /orders until it is killed; prints its address
//   node --expose-gc server.js --mode leak --rows 40 --snapshots DIR --bursts 1300,200
//       warms up, then writes DIR/<mode>-0.heapsnapshot and one more after each burst of requests
//
// In `leak` mode each request opens a child container for its own services and registers it under the request's number
// in a module-level Map; three of four are never taken out again. In `healthy` mode a request builds its services by
// hand and keeps nothing.
require('reflect-metadata');
const { Container, inject, injectable, decorate } = require('inversify');
const express = require('express');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { parseArgs } = require('node:util');
const v8 = require('node:v8');

const { values: options } = parseArgs({
  options: {
    mode: { type: 'string', default: 'leak' },
    rows: { type: 'string', default: '4' },
    port: { type: 'string', default: '0' },
    snapshots: { type: 'string' },
    bursts: { type: 'string', default: '300' },
  },
});
const ROWS = Number(options.rows);

class Request { constructor(number) { this.number = number; this.started = number + 0.25; this.attributes = new Map([['trace', `trace-${number}`]]); } }
class Order { constructor(request, i) { this.id = request.number * 1000 + i; this.customer = `customer-${request.number}-${i}`; this.total = this.id * 1.1; this.address = { city: `city ${i}`, geo: { latitude: i / 10, longitude: i / 7 } }; } }
class OrderStore {
  constructor(request) { this.request = request; this.byId = new Map(); }
  load() { for (let i = 0; i < ROWS; i++) { const order = new Order(this.request, i); this.byId.set(order.id, order); } return this.byId.size; }
}
class OrderService { constructor(store) { this.store = store; this.onClose = () => this.store.byId.clear(); } list() { return this.store.load(); } }
for (const service of [OrderStore, OrderService]) decorate(injectable(), service);
decorate(inject('request'), OrderStore, 0);
decorate(inject(OrderStore), OrderService, 0);

const root = new Container({ defaultScope: 'Singleton' });
const openRequests = new Map(); // the leak: from a request's number to its container
const timings = new WeakMap(); // holds on to nothing; a tool that blames it is wrong
let number = 0;

function serviceFor(request) {
  if (options.mode === 'healthy') return new OrderService(new OrderStore(request));
  const container = new Container({ parent: root, defaultScope: 'Singleton' });
  container.bind('request').toConstantValue(request);
  container.bind(OrderStore).toSelf().inSingletonScope();
  container.bind(OrderService).toSelf().inSingletonScope();
  if (request.number % 4 !== 0) openRequests.set(request.number, container);
  return container.get(OrderService);
}

const app = express();
app.get('/orders', (_, response) => {
  const request = new Request(++number);
  timings.set(request, { started: request.started });
  response.json({ orders: serviceFor(request).list() });
});

async function burst(requests, port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  let left = requests;
  const worker = async () => {
    while (left-- > 0) {
      const [response] = await once(http.get({ host: '127.0.0.1', port, path: '/orders', agent }), 'response');
      response.resume();
      await once(response, 'end');
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  agent.destroy();
  await new Promise((resolve) => setTimeout(resolve, 300)); // sockets close
}

function snapshot(index) {
  global.gc?.();
  const file = path.join(options.snapshots, `${options.mode}-${index}.heapsnapshot`);
  v8.writeHeapSnapshot(file);
  console.log(`${file} ${(fs.statSync(file).size / 1e6).toFixed(1)} MB`);
}

const server = app.listen(Number(options.port), '127.0.0.1', async () => {
  const { port } = server.address();
  console.log(`http://127.0.0.1:${port}/orders`);
  if (!options.snapshots) return;
  server.keepAliveTimeout = 0; // a busy machine may think for longer than the five seconds
  fs.mkdirSync(options.snapshots, { recursive: true });
  await burst(300, port); // warm up
  snapshot(0);
  for (const [index, requests] of options.bursts.split(',').entries()) {
    await burst(Number(requests), port);
    snapshot(index + 1);
  }
  process.exit(0);
});

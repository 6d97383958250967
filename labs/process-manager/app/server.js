// A small BFF: every request wires a handler, loads rows and renders a page.
// DISPOSE=1 is the release that gives its containers back; ROWS is how much a
// request loads, CONTAINER where the package stands.
"use strict";

const http = require("http");
const { Container } = require(process.env.CONTAINER || "./container");

const ROWS = Number(process.env.ROWS || 3200);

class Row {
  constructor(request, n) {
    this.id = request * ROWS + n;
    this.title = `service ${this.id} at home`;
    this.place = { city: n % 47, lat: 35 + n / 1000, lng: 139 + n / 1000 };
    this.words = [`w${this.id % 97}`, `x${this.id % 89}`, `y${this.id}`];
  }
}

const factories = {
  rows: (container) => Array.from({ length: ROWS }, (_, n) => new Row(container.id, n)),
  page: (container) => container.get("rows").map((row) => `<li>${row.title}</li>`).join(""),
};

http
  .createServer((request, response) => {
    const container = new Container(factories);
    response.setHeader("Content-Type", "text/html");
    response.end(container.get("page"));
    if (process.env.DISPOSE === "1") container.dispose();
  })
  .listen(process.env.PORT, "127.0.0.1");

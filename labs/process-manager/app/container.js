// A dependency-injection container per request. Children are kept in a registry
// until somebody disposes of them; the leaking release of 2018 never did.
"use strict";

const registry = new Map();
let next = 0;

class Container {
  constructor(factories) {
    this.id = next++;
    this.factories = factories;
    this.made = new Map();
    registry.set(this.id, this);
  }

  get(name) {
    if (!this.made.has(name)) this.made.set(name, this.factories[name](this));
    return this.made.get(name);
  }

  dispose() {
    registry.delete(this.id);
  }
}

module.exports = { Container };

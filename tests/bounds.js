// Figures held to bounds, for the check_*.js scripts beside this file: prints each, and at the end those that are out of
// bounds.
"use strict";

class Bounds {
  // `show`: a figure as people read it.
  constructor(show) {
    this.show = show;
    this.faults = [];
  }

  fault(what) {
    this.faults.push(what);
  }

  // A figure that is no number is out of bounds.
  expectAtMost(what, value, bound) {
    const line = `${what}: ${this.show(value)}, at most ${this.show(bound)}`;
    console.log("        " + line);
    if (!(value <= bound)) this.fault(line);
  }

  // Exit code 0 where every figure was within its bounds, else 1.
  end() {
    for (const fault of this.faults) console.error("out of bounds: " + fault);
    process.exit(this.faults.length === 0 ? 0 : 1);
  }
}

module.exports = Bounds;

// Holds the JSON of `rollcall-bench accuracy --gallery 200` on lfw-dev to what README.md promises.
// Usage: node tests/check_accuracy.js FILE; exit 1 names every figure that is out of bounds.
"use strict";
const Bounds = require("./bounds.js");
const report = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));

// The matcher alone at FPIR 0.3 %: [photos, frames, FNIR at most, cross-credits at most].
const BOUNDS = [
  [1, 1, 0.05, 0.003],
  [3, 1, 0.012, 0],
  [3, 3, 0.003, 0],
];

const bounds = new Bounds((rate) => (100 * rate).toFixed(2) + " %");

for (const [photos, frames, fnir, crossCredit] of BOUNDS) {
  const row = report.rows.find((r) => r.system === "matcher" && r.gallery === 200 &&
    r.photos === photos && r.frames === frames && Math.abs(r.fpir - 0.003) < 1e-9);
  const what = `${photos} photo(s), ${frames} frame(s)`;
  if (!row) {
    bounds.fault(what + ": no such row");
    continue;
  }
  bounds.expectAtMost(what + ", FNIR at FPIR 0.3 %", row.fnir, fnir);
  bounds.expectAtMost(what + ", cross-credits", row.cross_credit, crossCredit);
}

// The product's own decision, gate on: the upper bound of the measured FPIR is at most twice the budget.
const product = report.rows.filter((r) => r.system === "product");
if (product.length === 0) bounds.fault("no row of the product's own decision");
for (const row of product) {
  bounds.expectAtMost(`the product, ${row.photos} photo(s), ${row.frames} frame(s), upper bound of FPIR`,
    row.fpir_upper_95, 2 * report.policy.false_accept_budget);
}

bounds.end();

// Holds the JSON of `rollcall-bench agreement` on lfw-dev to what docs/inference-speed.md promises of the precision that
// this processor runs the nets in. Usage: node tests/check_agreement.js FILE; exit 1 names every figure that is out of
// bounds.
"use strict";
const Bounds = require("./bounds.js");
const report = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));

// Bounds: the score's difference at the 99.9th percentile, the difference of FNIR and of FPIR in points, the share of
// searches of enrolled people with the same person nearest, and flips of decisions. int8 is for processors that are
// quick at nothing better; it finds another person nearest more often than asked for, which the document says.
const BOUNDS = {
  int8: { score: 0.03, fnir: 0.05, fpir: 0.05, first: 0.998, flips: 0.0001 },
  bf16: { score: 0.01, fnir: 0.05, fpir: 0.05, first: 0.999, flips: 0.0001 },
  f32: { score: 0.001, fnir: 0.05, fpir: 0.05, first: 0.9999, flips: 0.0001 },
};
const precision = ["int8", "bf16", "f32"].find((name) => report.fast.includes(name));
const held = new Bounds((number) => Number(number.toFixed(5)));

if (!precision) {
  held.fault(`an engine of unknown precision: ${report.fast}`);
} else {
  const bounds = BOUNDS[precision];
  held.expectAtMost("score difference, 99.9th percentile", report.score_difference_p999, bounds.score);
  if (report.rows.length === 0) held.fault("no galleries");
  for (const row of report.rows) {
    const what = `${row.gallery} people, ${row.photos} photo(s), ${row.frames} frame(s)`;
    held.expectAtMost(what + ", FNIR, points", 100 * Math.abs(row.fnir_fast - row.fnir_reference), bounds.fnir);
    held.expectAtMost(what + ", FPIR, points", 100 * Math.abs(row.fpir_fast - row.fpir_reference), bounds.fpir);
    held.expectAtMost(what + ", others nearest", 1 - row.mated_same_first / row.mated, 1 - bounds.first);
    held.expectAtMost(what + ", flips", row.flips / row.decisions, bounds.flips);
  }
}

held.end();

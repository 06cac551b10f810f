#include "bench/accuracy_report.h"

#include "bench/format.h"

namespace rollcall::bench {
namespace {

std::string Counts(int32_t photos, int32_t frames) {
  return std::to_string(photos) + (photos == 1 ? " photo, " : " photos, ") +
         std::to_string(frames) + (frames == 1 ? " frame" : " frames");
}

std::string Range(const Interval& interval) {
  return Percent(interval.low) + " - " + Percent(interval.high);
}

double Rate(int64_t events, int64_t trials) {
  return trials == 0 ? 0 : static_cast<double>(events) / static_cast<double>(trials);
}

// "0 (at most 0.08 %)": what was seen, and what it proves.
std::string WithBound(int64_t events, int64_t trials) {
  return Thousands(events) + " (at most " + Percent(UpperBound(events, trials)) + ")";
}

std::string Head(const AccuracyReport& report, const Machine& machine) {
  std::string out = "Accuracy on " + report.data_set + ", " + machine.time + "\n";
  if (!report.notes.why.empty()) out += "  " + report.notes.why + "\n";
  out += "  " + Thousands(report.people) + " people, " + Thousands(report.pictures) +
         (report.layout == Layout::kAligned ? " aligned crops" : " whole pictures");
  if (report.shift_right_px != 0) {
    out += ", moved right by " + std::to_string(report.shift_right_px) + " px";
  }
  out += "\n";
  for (const auto& group : report.notes.same_person) {
    out += "  one person:";
    for (const std::string& name : group) out += " " + name;
    out += "\n";
  }
  for (const std::string& file : report.notes.leave_out) out += "  left out: " + file + "\n";
  out += "  model " + report.model_id + "; " + machine.processor + "; " + machine.compiler + "\n";
  return out;
}

std::string RocTable(const AccuracyReport& report) {
  const Roc& roc = report.roc;
  std::string out = "\nOne to one, every pair of pictures: " + Thousands(roc.mated) + " mated, " +
                    Thousands(roc.non_mated) + " non-mated; EER " + Percent(roc.equal_error_rate) +
                    "\n";
  Table table({"FMR", "threshold", "FNMR", "95 % over people", "pairs behind the FMR"});
  for (const RocPoint& point : roc.points) {
    table.Add({Scientific(point.fmr_target), Fixed(point.threshold, 4), Percent(point.fnmr),
               Range(point.fnmr_interval), Thousands(point.false_matches)});
  }
  return out + table.Render();
}

std::string MatcherTable(const AccuracyReport& report) {
  std::string out =
      "\nOpen set, the matcher alone (no gate; the threshold is where that share of this run's own "
      "non-mated searches passes), " +
      std::to_string(report.options.draws) + " random galleries\n";
  Table table({"template, probe", "gallery", "mated", "non-mated", "rank 1", "FPIR", "threshold",
               "FNIR", "95 % over people", "named as another"});
  for (const MatcherResult& row : report.matcher) {
    for (const OpenSetPoint& point : row.points) {
      table.Add({Counts(row.photos, row.frames), std::to_string(row.gallery), Thousands(row.mated),
                 Thousands(row.non_mated), Percent(row.rank_one), Percent(point.fpir_target),
                 Fixed(point.threshold, 4), Percent(point.fnir), Range(point.fnir_interval),
                 WithBound(point.cross_credits, row.mated)});
    }
  }
  return out + table.Render();
}

std::string ProductTables(const AccuracyReport& report) {
  const domain::MatchPolicy& match = report.options.product.match;
  const double asked = AskedFmr(match, 1);
  std::string out =
      "\nOpen set, the product's own decision (its gate, threshold, margin and look-alike rule; a "
      "rejected picture is a miss)\n  false-accept budget per visit " +
      Percent(match.false_accept_budget) + ", asked of the curve " + Percent(asked) + "; " +
      Thousands(report.people_seen_by_calibration) +
      " people that the calibration saw are left out\n  calibration: " +
      report.calibration_provenance + "\n";
  Table strangers({"template, probe", "gallery", "threshold", "strangers' visits", "people",
                   "accepted", "second factor", "no usable frame"});
  Table mated({"template, probe", "mated", "FNIR", "95 % over people", "unknown", "ambiguous",
               "second factor", "not enrolled", "no usable frame", "named as another",
               "missed in all tries"});
  for (const ProductResult& row : report.product) {
    const ProductTally& t = row.tally;
    strangers.Add({Counts(row.photos, row.frames), std::to_string(row.gallery),
                   row.threshold ? Fixed(*row.threshold, 3) : "none", Thousands(t.non_mated),
                   Thousands(t.non_mated_people), WithBound(t.accepted, t.non_mated),
                   Thousands(t.non_mated_second_factor), Thousands(t.non_mated_not_acquired)});
    mated.Add({Counts(row.photos, row.frames), Thousands(t.mated),
               Percent(Rate(t.misses(), t.mated)), Range(row.fnir_interval), Thousands(t.unknown),
               Thousands(t.ambiguous), Thousands(t.second_factor), Thousands(t.not_enrolled),
               Thousands(t.not_acquired), WithBound(t.cross_credits, t.mated),
               Thousands(t.mated_visits_missed)});
  }
  return out + strangers.Render() + "\n" + mated.Render();
}

std::string GateLine(const char* what, const GateCounts& gate) {
  std::string out = std::string("  ") + what + ": " + Thousands(gate.failures()) + " of " +
                    Thousands(gate.pictures) + " pictures (" +
                    Percent(Rate(gate.failures(), gate.pictures)) + "): unreadable " +
                    Thousands(gate.unreadable) + ", no face " + Thousands(gate.no_face) +
                    ", several faces " + Thousands(gate.several_faces);
  for (const auto& [fault, count] : gate.by_fault) out += ", " + fault + " " + Thousands(count);
  return out + "\n";
}

}  // namespace

std::string AccuracyTable(const AccuracyReport& report, const Machine& machine) {
  std::string out = Head(report, machine) + RocTable(report) + MatcherTable(report) +
                    ProductTables(report) + "\nThe gate\n" +
                    GateLine("failure to enrol", report.enrolment_gate) +
                    GateLine("failure to acquire", report.check_in_gate);
  if (report.layout == Layout::kAligned) {
    out += "  (aligned crops do not tell the size of the face, so that rule was not applied)\n";
  }
  for (const MatcherResult& row : report.matcher) {
    if (row.gallery < report.options.gallery || row.points.empty()) {
      out += "  " + Counts(row.photos, row.frames) + ": the data set has too few pictures; " +
             std::to_string(row.gallery) + " people in the gallery, " + Thousands(row.mated) +
             " mated and " + Thousands(row.non_mated) + " non-mated searches\n";
    }
  }
  return out +
         "\n\"At most\" is the upper 95 % bound (Clopper and Pearson), as if searches were "
         "independent; they share\npeople, so the intervals over people are the more honest ones "
         "where both are given.\n";
}

}  // namespace rollcall::bench

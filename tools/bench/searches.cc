#include "bench/searches.h"

#include <algorithm>
#include <optional>

#include "bench/similarity.h"
#include "gallery/gallery.h"
#include "recognition/face_pipeline.h"

namespace rollcall::bench {
namespace {

using domain::Decision;
using recognition::Embedding;

// People are numbers here; the gallery wants ids. Never nil.
base::Uuid SubjectOf(int32_t person) {
  base::Uuid uuid;
  uuid.bytes[0] = 1;
  for (size_t i = 0; i < 4; ++i) {
    uuid.bytes[15 - i] = static_cast<uint8_t>(static_cast<uint32_t>(person) >> (8 * i));
  }
  return uuid;
}

int32_t PersonOf(const base::Uuid& subject) {
  uint32_t person = 0;
  for (size_t i = 0; i < 4; ++i) person |= static_cast<uint32_t>(subject.bytes[15 - i]) << (8 * i);
  return static_cast<int32_t>(person);
}

gallery::Template MakeTemplate(int32_t person, const std::vector<Embedding>& photos,
                               const Embedding& mean) {
  gallery::Template item{SubjectOf(person), mean.values, {}};
  for (const Embedding& photo : photos) item.photos.push_back(photo.values);
  return item;
}

// The people enrolled in one draw.
struct Roster {
  gallery::Gallery gallery;
  std::vector<base::Uuid> subjects;
  std::string model_id;

  explicit Roster(const Embedding& sample)
      : gallery(sample.model_id, static_cast<int32_t>(sample.values.size())),
        model_id(sample.model_id) {}
};

// Any embedding tells model and size; null where there is none at all.
const Embedding* AnyEmbedding(const Pictures& pictures) {
  for (const auto& person : pictures) {
    for (const Observation* picture : person) {
      if (picture->embedding) return &*picture->embedding;
    }
  }
  return nullptr;
}

absl::Status NoFaces() {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_FACES",
                         "no picture of the data set gave a face");
}

const Observation& At(const Pictures& pictures, int32_t person, int32_t picture) {
  return *pictures[static_cast<size_t>(person)][static_cast<size_t>(picture)];
}

// `which`: of an observation, the one that is meant.
template <typename Which>
std::vector<Embedding> EmbeddingsOf(const Pictures& pictures, int32_t person,
                                    const std::vector<int32_t>& chosen, Which which) {
  std::vector<Embedding> embeddings;
  for (const int32_t picture : chosen) embeddings.push_back(which(At(pictures, person, picture)));
  return embeddings;
}

const Embedding& AsProbe(const Observation& seen) { return *seen.embedding; }
const Embedding& AsTemplate(const Observation& seen) { return seen.best_embedding(); }

absl::StatusOr<gallery::Neighbour> Nearest(const Roster& roster, const Pictures& pictures,
                                           const Visit& visit) {
  ASSIGN_OR_RETURN(const Embedding probe, recognition::MeanEmbedding(EmbeddingsOf(
                                              pictures, visit.person, visit.attempts.front(), AsProbe)));
  ASSIGN_OR_RETURN(const auto found, roster.gallery.snapshot().SearchAmong(
                                         roster.subjects, probe.values, roster.model_id, 1));
  ROLLCALL_CHECK(!found.empty());  // MakeDraws enrols somebody wherever there is a visit
  return found.front();
}

}  // namespace

Pictures WithEmbedding(const Observations& observations) {
  Pictures pictures(observations.size());
  for (size_t p = 0; p < observations.size(); ++p) {
    for (const auto& variants : observations[p]) {
      if (variants.front().embedding) pictures[p].push_back(&variants.front());
    }
  }
  return pictures;
}

Pictures Unseen(const Observations& observations, const Dataset& dataset,
                const std::set<std::string>& seen) {
  Pictures pictures(observations.size());
  for (size_t p = 0; p < observations.size(); ++p) {
    const auto& folders = dataset.people[p].folders;
    if (std::any_of(folders.begin(), folders.end(), [&seen](const std::string& folder) {
          return seen.contains(FolderHash(folder));
        })) {
      continue;
    }
    for (const auto& variants : observations[p]) pictures[p].push_back(&variants.front());
  }
  return pictures;
}

std::vector<int32_t> Counts(const Pictures& pictures) {
  std::vector<int32_t> counts;
  for (const auto& person : pictures) counts.push_back(static_cast<int32_t>(person.size()));
  return counts;
}

PairScores ComparePairs(const Pictures& pictures) {
  PairScores scores;
  scores.people = pictures.size();
  std::vector<std::pair<int32_t, const std::vector<float>*>> all;
  for (size_t p = 0; p < pictures.size(); ++p) {
    for (const Observation* picture : pictures[p]) {
      all.emplace_back(static_cast<int32_t>(p), &picture->embedding->values);
    }
  }
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const float score = Cosine(*all[i].second, *all[j].second);
      if (all[i].first != all[j].first) {
        scores.non_mated.push_back(score);
      } else {
        scores.mated.push_back(score);
        scores.mated_person.push_back(all[i].first);
      }
    }
  }
  return scores;
}

absl::StatusOr<SearchLog> RunMatcher(const Pictures& pictures, std::span<const Draw> draws) {
  const Embedding* sample = AnyEmbedding(pictures);
  if (sample == nullptr) return NoFaces();
  SearchLog log;
  log.people = pictures.size();
  for (const Draw& draw : draws) {
    if (draw.gallery.empty()) continue;
    Roster roster(*sample);
    std::vector<gallery::Template> templates;
    for (const Enrolment& enrolment : draw.gallery) {
      const auto photos = EmbeddingsOf(pictures, enrolment.person, enrolment.pictures, AsTemplate);
      ASSIGN_OR_RETURN(const Embedding mean, recognition::MeanEmbedding(photos));
      templates.push_back(MakeTemplate(enrolment.person, photos, mean));
      roster.subjects.push_back(SubjectOf(enrolment.person));
    }
    RETURN_IF_ERROR(roster.gallery.Put(std::move(templates)));
    for (const Visit& visit : draw.mated) {
      ASSIGN_OR_RETURN(const auto nearest, Nearest(roster, pictures, visit));
      log.mated.push_back(
          {visit.person, nearest.similarity, nearest.subject == SubjectOf(visit.person),
           PersonOf(nearest.subject)});
    }
    for (const Visit& visit : draw.non_mated) {
      ASSIGN_OR_RETURN(const auto nearest, Nearest(roster, pictures, visit));
      log.non_mated.push_back({visit.person, nearest.similarity, PersonOf(nearest.subject)});
    }
  }
  return log;
}

double AskedFmr(const domain::MatchPolicy& policy, int32_t gallery) {
  return policy.false_accept_budget / (policy.site_calibrated ? 1.0 : policy.uncalibrated_divisor) /
         std::max(1, gallery);
}

namespace {

// One draw seen through the product's eyes.
class ProductRun {
 public:
  ProductRun(const Pictures& pictures, const ProductSettings& settings,
             const domain::Calibration& calibration, const Embedding& sample, ProductTally& tally)
      : pictures_(pictures),
        settings_(settings),
        calibration_(calibration),
        roster_(sample),
        tally_(tally) {}

  absl::Status Enrol(const std::vector<Enrolment>& people) {
    std::vector<gallery::Template> templates;
    for (const Enrolment& enrolment : people) {
      ++tally_.enrolments;
      const auto photos = AcceptedPhotos(enrolment);
      if (photos.empty()) {
        ++tally_.failed_enrolments;
        continue;
      }
      ASSIGN_OR_RETURN(const Embedding mean, recognition::MeanEmbedding(photos));
      templates.push_back(MakeTemplate(enrolment.person, photos, mean));
      roster_.subjects.push_back(SubjectOf(enrolment.person));
    }
    RETURN_IF_ERROR(roster_.gallery.Put(std::move(templates)));
    return MarkLookAlikes();
  }

  absl::Status Mated(const Visit& visit) {
    bool found = false;
    for (size_t attempt = 0; attempt < visit.attempts.size(); ++attempt) {
      ASSIGN_OR_RETURN(const auto result, Attempt(visit.person, visit.attempts[attempt]));
      const bool right = result && result->subject == SubjectOf(visit.person);
      if (attempt == 0) CountFirst(visit.person, result, right);
      found = found || (right && result->decision == Decision::kRecognised);
    }
    if (!found) ++tally_.mated_visits_missed;
    return absl::OkStatus();
  }

  absl::Status NonMated(const Visit& visit) {
    bool accepted = false;
    bool asked = false;
    bool seen = false;
    for (const auto& frames : visit.attempts) {
      ++tally_.non_mated_attempts;
      ASSIGN_OR_RETURN(const auto result, Attempt(visit.person, frames));
      seen = seen || result;
      accepted = accepted || (result && result->decision == Decision::kRecognised);
      asked = asked || (result && result->decision == Decision::kSecondFactorNeeded);
    }
    ++tally_.non_mated;
    if (accepted) ++tally_.accepted;
    if (asked) ++tally_.non_mated_second_factor;
    if (!seen) ++tally_.non_mated_not_acquired;
    return absl::OkStatus();
  }

 private:
  std::vector<Embedding> AcceptedPhotos(const Enrolment& enrolment) const {
    std::vector<Embedding> photos;
    for (const Observation* seen :
         Usable(enrolment.person, enrolment.pictures, settings_.enrolment_quality)) {
      photos.push_back(seen->best_embedding());
    }
    if (photos.size() < 2) return photos;
    std::vector<size_t> odd = recognition::OddOnesOut(photos, settings_.same_person);
    std::sort(odd.begin(), odd.end(), std::greater<>());
    for (const size_t i : odd) photos.erase(photos.begin() + static_cast<std::ptrdiff_t>(i));
    return photos;
  }

  std::vector<const Observation*> Usable(int32_t person, const std::vector<int32_t>& chosen,
                                         const recognition::QualityPolicy& policy) const {
    std::vector<const Observation*> usable;
    for (const int32_t picture : chosen) {
      const Observation& seen = At(pictures_, person, picture);
      if (Judge(seen, policy, settings_.layout) == Verdict::kUsable) usable.push_back(&seen);
    }
    return usable;
  }

  absl::StatusOr<std::vector<domain::Candidate>> NearestTo(const std::vector<Embedding>& frames) const {
    ASSIGN_OR_RETURN(const Embedding probe, recognition::MeanEmbedding(frames));
    const gallery::Snapshot snapshot = roster_.gallery.snapshot();
    ASSIGN_OR_RETURN(const auto nearest,
                     snapshot.SearchAmong(roster_.subjects, probe.values, roster_.model_id, 2));
    std::vector<domain::Candidate> candidates;
    for (const gallery::Neighbour& near : nearest) {
      candidates.push_back(
          {near.subject, near.similarity, near.photos, look_alikes_.contains(near.subject)});
    }
    return candidates;
  }

  // Pairs of the roster that resemble each other always need a second factor.
  absl::Status MarkLookAlikes() {
    const gallery::Snapshot snapshot = roster_.gallery.snapshot();
    for (const base::Uuid& subject : roster_.subjects) {
      // The nearest is the subject herself, or her double.
      ASSIGN_OR_RETURN(const auto nearest,
                       snapshot.SearchAmong(roster_.subjects, snapshot.MeanOf(subject).value(),
                                            roster_.model_id, 2));
      if (nearest.size() == 2 && nearest[1].similarity >= settings_.match.look_alike) {
        look_alikes_.insert(subject);
      }
    }
    return absl::OkStatus();
  }

  // Nothing where no frame passed the gate.
  absl::StatusOr<std::optional<domain::MatchResult>> Attempt(int32_t person,
                                                             const std::vector<int32_t>& frames) {
    const auto usable = Usable(person, frames, settings_.check_in_quality);
    tally_.attempts.emplace_back();
    if (usable.empty()) return std::optional<domain::MatchResult>();
    std::vector<Embedding> quick, exact;
    float tolerance = 0;
    for (const Observation* seen : usable) {
      quick.push_back(*seen->embedding);
      exact.push_back(seen->best_embedding());
      tolerance = std::max(tolerance, seen->embedding->score_tolerance);
    }
    ASSIGN_OR_RETURN(auto candidates, NearestTo(quick));
    const auto roster = static_cast<int64_t>(roster_.subjects.size());
    const auto count = static_cast<int32_t>(usable.size());
    if (domain::IsCloseCall(candidates, roster, count, settings_.match, calibration_, tolerance)) {
      ++tally_.close_calls;
      ASSIGN_OR_RETURN(candidates, NearestTo(exact));
    }
    const domain::MatchResult result =
        domain::DecideMatch(candidates, roster, count, settings_.match, calibration_);
    const bool named = result.decision == Decision::kRecognised || result.decision == Decision::kSecondFactorNeeded;
    tally_.attempts.back() = {result.decision, named ? PersonOf(result.subject) : AttemptOutcome::kNobody};
    return std::optional(result);
  }

  void CountFirst(int32_t person, const std::optional<domain::MatchResult>& result, bool right) {
    const auto p = static_cast<size_t>(person);
    ++tally_.mated;
    ++tally_.mated_of_person[p];
    const Decision decision = result ? result->decision : Decision::kUnspecified;
    const bool recognised = right && decision == Decision::kRecognised;
    if (!recognised) ++tally_.misses_of_person[p];
    // A wrong name is counted as such even for somebody who is not enrolled.
    if (recognised) {
      ++tally_.recognised;
    } else if (decision == Decision::kRecognised) {
      ++tally_.cross_credits;
    } else if (decision == Decision::kSecondFactorNeeded && !right) {
      ++tally_.cross_second_factor;
    } else if (!result) {
      ++tally_.not_acquired;
    } else if (!roster_.gallery.snapshot().Contains(SubjectOf(person))) {
      ++tally_.not_enrolled;
    } else if (decision == Decision::kSecondFactorNeeded) {
      ++tally_.second_factor;
    } else if (decision == Decision::kAmbiguous) {
      ++tally_.ambiguous;
    } else {
      ++tally_.unknown;
    }
  }

  const Pictures& pictures_;
  const ProductSettings& settings_;
  const domain::Calibration& calibration_;
  Roster roster_;
  std::set<base::Uuid> look_alikes_;
  ProductTally& tally_;
};

}  // namespace

absl::StatusOr<ProductTally> RunProduct(const Pictures& pictures, std::span<const Draw> draws,
                                        const ProductSettings& settings,
                                        const domain::Calibration& calibration) {
  const Embedding* sample = AnyEmbedding(pictures);
  if (sample == nullptr) return NoFaces();
  ProductTally tally;
  tally.mated_of_person.resize(pictures.size());
  tally.misses_of_person.resize(pictures.size());
  std::set<int32_t> strangers;
  for (const Draw& draw : draws) {
    ProductRun run(pictures, settings, calibration, *sample, tally);
    RETURN_IF_ERROR(run.Enrol(draw.gallery));
    for (const Visit& visit : draw.mated) RETURN_IF_ERROR(run.Mated(visit));
    for (const Visit& visit : draw.non_mated) {
      RETURN_IF_ERROR(run.NonMated(visit));
      strangers.insert(visit.person);
    }
  }
  tally.non_mated_people = static_cast<int64_t>(strangers.size());
  return tally;
}

}  // namespace rollcall::bench

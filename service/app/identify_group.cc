#include "app/identify_group.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "app/faces.h"
#include "app/nearest.h"
#include "app/scope.h"
#include "recognition/decode.h"
#include "recognition/face_pipeline.h"

namespace rollcall::app {

struct IdentifyGroup::Guess {
  recognition::Face face;
  domain::Decision fault = domain::Decision::kUnspecified;
  domain::MatchResult match;
  int32_t photos = 0;
};

absl::StatusOr<IdentifyGroup::Guess> IdentifyGroup::GuessOne(recognition::FacePipeline& pipeline,
                                                             const Roster& roster,
                                                             const gallery::RowList& enrolled,
                                                             recognition::Face face) const {
  Guess guess;
  guess.fault = DecisionOf(
      recognition::JudgeQuality(face.quality, services_.settings.check_in_quality));
  if (guess.fault == domain::Decision::kUnspecified && !face.embedding) {
    guess.fault = domain::Decision::kUnclear;
  }
  guess.face = std::move(face);
  if (guess.fault != domain::Decision::kUnspecified) return guess;
  ASSIGN_OR_RETURN(auto candidates,
                   FindNearest(services_, enrolled, 1, *guess.face.embedding,
                               [&] { return pipeline.EmbedExactly(guess.face); }));
  for (domain::Candidate& candidate : candidates) {
    candidate.needs_second_factor = roster.siblings.contains(candidate.subject);
  }
  if (!candidates.empty()) guess.photos = candidates.front().photos;
  guess.match = domain::DecideMatch(candidates, static_cast<int64_t>(enrolled.size()), 1,
                                    services_.settings.match, services_.calibration);
  return guess;
}

absl::StatusOr<std::vector<IdentifyGroup::Found>> IdentifyGroup::Identify(
    const Call& call, const domain::SessionKey& session, std::span<const uint8_t> picture) {
  ASSIGN_OR_RETURN(const domain::SessionKey key,
                   SessionFor(services_, call.caller, session));
  ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(key));
  RETURN_IF_ERROR(domain::CheckFaceUsable(services_.settings.face, roster->activity.practice));
  const gallery::RowList enrolled = services_.gallery.snapshot().Rows(roster->subjects);
  std::vector<Guess> guesses;
  const auto find = [&](recognition::FacePipeline& pipeline) -> absl::Status {
    ASSIGN_OR_RETURN(const recognition::Picture decoded,
                     recognition::DecodePicture(picture, services_.settings.decode_photo));
    RETURN_IF_ERROR(call.StillWanted());
    recognition::AnalyseOptions options;
    options.max_faces_embedded = kMaxFaces;
    options.liveness = false;  // a member of staff took the picture
    ASSIGN_OR_RETURN(std::vector<recognition::Face> faces, pipeline.Analyse(decoded, options));
    for (recognition::Face& face : faces) {
      ASSIGN_OR_RETURN(Guess guess, GuessOne(pipeline, *roster, enrolled, std::move(face)));
      guesses.push_back(std::move(guess));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(services_.workers.Run(call, WorkLane::Desk(call.caller), find));
  return NameEach(call, *roster, std::move(guesses));
}

absl::StatusOr<std::vector<IdentifyGroup::Found>> IdentifyGroup::NameEach(
    const Call& call, const Roster& roster, std::vector<Guess> guesses) const {
  // Nobody is in a picture twice: the face that is most like her keeps the name.
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) {
    return a.match.score > b.match.score;
  });
  std::unordered_set<base::Uuid, base::UuidHash> named;
  std::vector<Found> found;
  std::vector<registry::ProcessingEntry> lines;
  for (const Guess& guess : guesses) {
    Found item{guess.face.box, guess.fault, {}, {}};
    if (guess.fault == domain::Decision::kUnspecified) {
      item.decision = guess.match.decision;
      const bool names = item.decision == domain::Decision::kRecognised ||
                         item.decision == domain::Decision::kSecondFactorNeeded;
      if (names && !named.insert(guess.match.subject).second) {
        item.decision = domain::Decision::kUnknown;
      } else if (names) {
        ASSIGN_OR_RETURN(const auto volunteer,
                         services_.registry.GetVolunteer(
                             roster.Find(guess.match.subject)->entry.volunteer));
        item.volunteer = volunteer.id;
        item.name = volunteer.name;
        lines.push_back({volunteer.id, services_.clock.Now(),
                         registry::ProcessingKind::kGroupPicture, call.caller.identity,
                         roster.session.key.activity.value});
      }
      NoteOne(roster.session.key, guess, item);
    }
    found.push_back(std::move(item));
  }
  // Nobody is named without a line about it.
  RETURN_IF_ERROR(services_.registry.AddProcessing(lines));
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return a.box.x1 < b.box.x1;
  });
  return found;
}

void IdentifyGroup::NoteOne(const domain::SessionKey& session, const Guess& guess,
                            const Found& found) const {
  DecisionRecord record;
  record.time = services_.clock.Now();
  record.session = session;
  record.source = domain::SourceKind::kPictures;
  record.face = guess.face;
  record.decision = found.decision;
  record.volunteer = found.volunteer;
  record.score = guess.match.score;
  record.second_score = guess.match.second_score;
  record.threshold = guess.match.threshold;
  record.photos = guess.photos;
  record.frames = 1;
  record.attempt = 1;
  services_.audit.Note(record);
}

}  // namespace rollcall::app

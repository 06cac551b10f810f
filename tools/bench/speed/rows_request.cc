#include <algorithm>

#include "bench/format.h"
#include "bench/speed/groups.h"
#include "bench/speed/made_people.h"
#include "bench/speed/nets.h"
#include "bench/speed/peers/chain.h"
#include "bench/speed/peers/jpeg_loop.h"
#include "bench/speed/peers/vectors.h"
#include "domain/decision.h"
#include "gallery/gallery.h"
#include "recognition/decode.h"

namespace rollcall::bench {
namespace {

constexpr int64_t kPeople = 100'000;
constexpr int32_t kNearest = 2;

// The largest face counts, as for the peers, whoever else is seen.
constexpr recognition::AnalyseOptions kAnalysis{.eyes = false, .liveness = false, .max_faces_embedded = 2};

// What a request came to.
struct Outcome {
  int64_t nearest = -1;  // number of the person
  domain::Decision decision = domain::Decision::kUnspecified;
};

// `candidates`: nearest first, at least one.
Outcome OutcomeOf(const SpeedContext& context, const std::vector<domain::Candidate>& candidates) {
  const auto match = domain::DecideMatch(candidates, kPeople, 1, {}, context.pack.calibration());
  return {MadePeople::NumberOf(candidates.front().subject), match.decision};
}

// The request as the service works it: decode, the three nets, search among everybody, decide. The
// nets that the peers have no part in (liveness, eyes) are left out on both sides.
class OurRequest {
 public:
  static absl::StatusOr<std::unique_ptr<OurRequest>> Make(SpeedContext& context) {
    std::unique_ptr<OurRequest> made(new OurRequest(context));
    ASSIGN_OR_RETURN(made->pipeline_, recognition::MakeFacePipeline(context.pack, context.engine));
    return made;
  }

  // Everybody and the bench's own people, who have the numbers from kPeople on.
  absl::Status Fill(const std::vector<std::vector<float>>& own) {
    gallery_.emplace(context_.pack.embedder().id, context_.pack.embedder().dimension);
    std::vector<gallery::Template> templates;
    const MadePeople made(context_.pack.embedder().dimension);
    made.ForEachBlock(0, kPeople, [&](int64_t first, std::span<const float> rows) {
      for (size_t i = 0; i * made.dimension() < rows.size(); ++i) {
        const auto row = rows.subspan(i * made.dimension(), made.dimension());
        const std::vector<float> values(row.begin(), row.end());
        templates.push_back(
            {MadePeople::SubjectOf(first + static_cast<int64_t>(i)), values, {values}});
      }
    });
    for (size_t i = 0; i < own.size(); ++i) {
      templates.push_back(
          {MadePeople::SubjectOf(kPeople + static_cast<int64_t>(i)), own[i], {own[i]}});
    }
    return gallery_->Put(std::move(templates));
  }

  absl::StatusOr<std::vector<float>> Embed(const base::Bytes& jpeg) {
    recognition::Picture& picture = pipeline_->frame();
    RETURN_IF_ERROR(recognition::DecodePicture(jpeg, recognition::DecodeLimits::ForFrames(), picture));
    ASSIGN_OR_RETURN(auto faces, pipeline_->Analyse(picture, kAnalysis));
    if (faces.empty() || !faces.front().embedding) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_FACES",
                             "no face was found in a frame of the bench");
    }
    return std::move(faces.front().embedding->values);
  }

  absl::StatusOr<Outcome> Decide(const base::Bytes& jpeg) {
    ASSIGN_OR_RETURN(const std::vector<float> probe, Embed(jpeg));
    ASSIGN_OR_RETURN(const auto found,
                     gallery_->snapshot().SearchAll(probe, context_.pack.embedder().id, kNearest));
    std::vector<domain::Candidate> candidates;
    for (const auto& near : found) {
      candidates.push_back({near.subject, near.similarity, near.photos, false});
    }
    return OutcomeOf(context_, candidates);
  }

 private:
  explicit OurRequest(SpeedContext& context) : context_(context) {}

  SpeedContext& context_;
  std::unique_ptr<recognition::FacePipeline> pipeline_;
  std::optional<gallery::Gallery> gallery_;
};

absl::StatusOr<std::unique_ptr<Chain>> MakeChain(const SpeedContext& context, bool ort) {
  std::vector<std::unique_ptr<PeerNet>> nets;
  for (const NetInfo* net : {&DetectNet(), &LandmarkNetInfo(), &EmbedNet()}) {
    ASSIGN_OR_RETURN(nets.emplace_back(), ort ? LoadOrt(context, *net) : LoadCv(context, *net));
  }
  return std::make_unique<Chain>(std::move(nets[0]), std::move(nets[1]), std::move(nets[2]));
}

// The nets' arithmetic, the Huffman code and, where `rows` are searched, their bytes.
absl::Status SetRequestLimit(SpeedContext& context, Row& row, int64_t rows) {
  std::vector<uint8_t> pixels;
  ASSIGN_OR_RETURN(const RoundTimes floor,
                   Interleave(context.rounds, 1, context.clock, {[&](int32_t round) {
                                return DecodeBareJpeg(context.Frame(round), 8, pixels).status();
                              }}));
  const double huffman = RatioOf(floor[0], floor[0]).ours;
  const double macs = DetectNet().macs + LandmarkNetInfo().macs + EmbedNet().macs;
  const double nets = 1000 * macs / RateOf(context.roofs, context.engine.name()).macs;
  const double bytes =
      static_cast<double>(rows) * static_cast<double>(context.pack.embedder().dimension);
  const double search = 1000 * bytes / context.roofs.bytes;
  SetLimit(row, huffman + nets + search,
           "Huffman code " + Significant(huffman) + " ms + " + Fixed(macs / 1e6, 0) +
               " million multiply-adds " + Significant(nets) + " ms + reading " +
               Fixed(bytes / 1e6, 0) + " MB " + Significant(search) + " ms");
  return absl::OkStatus();
}

// What the two chains' embeddings of one frame have to agree in.
constexpr double kSameFace = 0.95;

absl::StatusOr<Row> WithoutSearch(SpeedContext& context, OurRequest& ours) {
  auto chain = MakeChain(context, true);
  if (!chain.ok()) return MissingRow("request_ort", base::Message(chain.status()));
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context.rounds, 1, context.clock,
                 {[&](int32_t round) { return ours.Embed(context.Frame(round)).status(); },
                  [&](int32_t round) { return (*chain)->Embed(context.Frame(round)).status(); }}));
  Row row = MeasuredRow("request_ort", RatioOf(times[0], times[1]),
                        "decode, detect, landmarks, align, quality, embed; no liveness, no eyes");
  double worst = 1;
  const auto frames = static_cast<int32_t>(context.people.size());
  for (int32_t i = 0; i < frames; ++i) {
    ASSIGN_OR_RETURN(const auto mine, ours.Embed(context.Frame(i)));
    ASSIGN_OR_RETURN(const auto theirs, (*chain)->Embed(context.Frame(i)));
    worst = std::min(worst, CosineOf(mine, theirs));
  }
  row.guard = Guard{"cosine of the two chains' embeddings over " + std::to_string(frames) +
                        " frames, worst " + Fixed(worst, 4),
                    worst, worst >= kSameFace};
  RETURN_IF_ERROR(SetRequestLimit(context, row, 0));
  return row;
}

// The same by the chain of peers: FAISS among everybody and the bench's own people, who have the
// numbers from kPeople on.
class PeerRequest {
 public:
  static absl::StatusOr<std::unique_ptr<PeerRequest>> Make(SpeedContext& context) {
    std::unique_ptr<PeerRequest> made(new PeerRequest(context));
    ASSIGN_OR_RETURN(made->index_, MakeFaissFlat(context.pack.embedder().dimension));
    ASSIGN_OR_RETURN(made->chain_, MakeChain(context, false));
    absl::Status added;
    made->made_.ForEachBlock(0, kPeople, [&](int64_t, std::span<const float> rows) {
      if (added.ok()) added = made->index_->Add(rows);
    });
    RETURN_IF_ERROR(added);
    for (size_t i = 0; i < context.people.size(); ++i) {
      ASSIGN_OR_RETURN(made->own_.emplace_back(),
                       made->chain_->Embed(context.Frame(static_cast<int32_t>(i))));
      RETURN_IF_ERROR(made->index_->Add(made->own_.back()));
    }
    return made;
  }

  // What it makes of everybody's first frame; both sides enrol that.
  const std::vector<std::vector<float>>& own() const { return own_; }

  absl::StatusOr<Outcome> Decide(const base::Bytes& jpeg) {
    ASSIGN_OR_RETURN(const auto probe, chain_->Embed(jpeg));
    ASSIGN_OR_RETURN(const auto found, index_->Search(probe, kNearest));
    std::vector<domain::Candidate> candidates;
    std::vector<float> row(made_.dimension());
    for (const int64_t number : found) {
      const bool own = number >= kPeople;
      if (!own) made_.Row(number, row);
      const double similarity =
          CosineOf(probe, own ? own_[static_cast<size_t>(number - kPeople)] : row);
      candidates.push_back(
          {MadePeople::SubjectOf(number), static_cast<float>(similarity), 1, false});
    }
    return OutcomeOf(context_, candidates);
  }

 private:
  explicit PeerRequest(SpeedContext& context)
      : context_(context), made_(context.pack.embedder().dimension) {}

  SpeedContext& context_;
  const MadePeople made_;
  std::unique_ptr<VectorPeer> index_;
  std::unique_ptr<Chain> chain_;
  std::vector<std::vector<float>> own_;
};

absl::StatusOr<Guard> SameOutcomes(const SpeedContext& context, OurRequest& ours,
                                   PeerRequest& peer) {
  const auto people = static_cast<int32_t>(context.people.size());
  const int32_t frames = context.quick ? people * 2 : people * 4;
  int32_t same_person = 0;
  int32_t same_decision = 0;
  for (int32_t i = 0; i < frames; ++i) {
    ASSIGN_OR_RETURN(const Outcome mine, ours.Decide(context.Frame(i)));
    ASSIGN_OR_RETURN(const Outcome theirs, peer.Decide(context.Frame(i)));
    if (mine.nearest == theirs.nearest) ++same_person;
    if (mine.decision == theirs.decision) ++same_decision;
  }
  return Guard{"the peers' nearest person for " + std::to_string(same_person) +
                   " and their decision for " + std::to_string(same_decision) + " of " +
                   std::to_string(frames) + " frames",
               static_cast<double>(std::min(same_person, same_decision)) / frames,
               same_person == frames && same_decision == frames};
}

absl::StatusOr<Row> WithSearch(SpeedContext& context, OurRequest& ours) {
  auto made = PeerRequest::Make(context);
  if (!made.ok()) return MissingRow("request_cv", base::Message(made.status()));
  PeerRequest& peer = **made;
  RETURN_IF_ERROR(ours.Fill(peer.own()));
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context.rounds, 1, context.clock,
                 {[&](int32_t round) { return ours.Decide(context.Frame(round)).status(); },
                  [&](int32_t round) { return peer.Decide(context.Frame(round)).status(); }}));
  Row row = MeasuredRow("request_cv", RatioOf(times[0], times[1]),
                        "decode to decision among " + Thousands(kPeople) +
                            " people, in this process; no liveness, no eyes on either side");
  ASSIGN_OR_RETURN(row.guard, SameOutcomes(context, ours, peer));
  RETURN_IF_ERROR(SetRequestLimit(context, row, kPeople));
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> RequestRows(SpeedContext& context) {
  ASSIGN_OR_RETURN(const auto ours, OurRequest::Make(context));
  std::vector<Row> rows;
  if (context.wants("request_ort")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), WithoutSearch(context, *ours));
  }
  if (context.wants("request_cv")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), WithSearch(context, *ours));
  }
  return rows;
}

}  // namespace rollcall::bench

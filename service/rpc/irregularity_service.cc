#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "rollcall/v1/irregularity_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

constexpr size_t kMaxListed = 100;  // of the rows and of the sessions of one irregularity

absl::StatusOr<app::Irregularities::Filter> FilterFrom(
    const v1::ListIrregularitiesRequest& request) {
  app::Irregularities::Filter filter;
  ASSIGN_OR_RETURN(filter.organisation, OptionalIdFrom<domain::OrganisationId>(
                                            request.organisation_id(), "organisation_id"));
  for (const int kind : request.kinds()) {
    if (kind < 1 || kind > irregularities::kKinds) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ENUM",
                             "kinds: unspecified, or not known to this server");
    }
    filter.kinds.push_back(static_cast<irregularities::Kind>(kind));
  }
  if (request.has_since_time()) {
    ASSIGN_OR_RETURN(filter.since, TimeFrom(request.since_time(), "since_time"));
  }
  return filter;
}

void PutFound(const app::Irregularities::Found& found, v1::Irregularity* out) {
  const irregularities::Finding& finding = found.finding;
  out->set_kind(static_cast<v1::IrregularityKind>(finding.kind));
  Put(finding.time, out->mutable_time());
  out->set_sentence(finding.sentence.en);
  out->set_sentence_zh(finding.sentence.zh);
  for (size_t i = 0; i < std::min(finding.evidence.size(), kMaxListed); ++i) {
    out->add_evidence_sequences(finding.evidence[i]);
  }
  out->set_evidence_rows(static_cast<int32_t>(finding.evidence.size()));
  for (size_t i = 0; i < std::min(finding.sessions.size(), kMaxListed); ++i) {
    Put(finding.sessions[i], out->add_sessions());
  }
  out->set_volunteer_id(found.volunteer.value);
  out->set_recorder(finding.recorder);
  out->set_people(finding.people);
  out->set_minutes(finding.minutes);
}

void PutListing(const app::Irregularities::Listing& listing,
                v1::ListIrregularitiesResponse* out) {
  for (const auto& found : listing.found) PutFound(found, out->add_irregularities());
  out->set_next_page_token(listing.next_token);
  out->set_ledger_sequence(listing.ledger_sequence);
  out->mutable_policy()->set_name(listing.policy->name);
  out->mutable_policy()->set_version(listing.policy->version);
  out->mutable_policy()->set_sha256(base::ToHex(listing.policy->hash));
}

class IrregularityService final : public v1::IrregularityService::CallbackService {
 public:
  IrregularityService(Backend& backend, app::Irregularities& irregularities)
      : backend_(backend), irregularities_(irregularities) {}

  grpc::ServerUnaryReactor* ListIrregularities(grpc::CallbackServerContext* context,
                                               const v1::ListIrregularitiesRequest* request,
                                               v1::ListIrregularitiesResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.IrregularityService/ListIrregularities",
                    *request, [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto filter, FilterFrom(*request));
                      ASSIGN_OR_RETURN(
                          const auto listing,
                          irregularities_.List(
                              call, filter, PageFrom(request->page_size(), request->page_token())));
                      PutListing(listing, response);
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Irregularities& irregularities_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIrregularityService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<IrregularityService>(backend, use_cases.irregularities);
}

}  // namespace rollcall::rpc

#include <utility>

#include "rollcall/v1/enrolment_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

absl::StatusOr<app::EnrolRequest> EnrolRequestFrom(const v1::EnrolVolunteerRequest& request) {
  app::EnrolRequest out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.id, IdFrom<domain::VolunteerId>(request.volunteer().volunteer_id(),
                                                       "volunteer.volunteer_id"));
  out.name = request.volunteer().name();
  ASSIGN_OR_RETURN(out.age_band, AgeBandFrom(request.volunteer().age_band(), "volunteer.age_band"));
  ASSIGN_OR_RETURN(out.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         request.organisation_id(), "organisation_id"));
  for (const v1::Consent& consent : request.consents()) {
    ASSIGN_OR_RETURN(out.consents.emplace_back(), ConsentFrom(consent));
  }
  out.photos = PhotosFrom(request.photos());
  out.duplicate_reason = request.duplicate_reason();
  return out;
}

void PutResult(const app::EnrolResult& result, v1::EnrolVolunteerResponse* out) {
  if (result.volunteer) Put(*result.volunteer, out->mutable_volunteer());
  for (const app::PhotoVerdict& verdict : result.verdicts) Put(verdict, out->add_verdicts());
  out->set_created(result.created);
  out->set_refused(result.refused);
  out->set_reason(result.reason);
  out->set_message(result.message);
  for (const auto& id : result.possible_duplicates) out->add_possible_duplicate_ids(id.value);
}

class EnrolmentService final : public v1::EnrolmentService::CallbackService {
 public:
  EnrolmentService(Backend& backend, app::UseCases& use_cases)
      : backend_(backend), use_cases_(use_cases) {}

  grpc::ServerUnaryReactor* EnrolVolunteer(grpc::CallbackServerContext* context,
                                           const v1::EnrolVolunteerRequest* request,
                                           v1::EnrolVolunteerResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.EnrolmentService/EnrolVolunteer", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, EnrolRequestFrom(*request));
                      ASSIGN_OR_RETURN(const auto result,
                                       use_cases_.enrol.EnrolVolunteer(call, wanted));
                      PutResult(result, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* CheckPhotos(grpc::CallbackServerContext* context,
                                        const v1::CheckPhotosRequest* request,
                                        v1::CheckPhotosResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.EnrolmentService/CheckPhotos", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(
                          const auto verdicts,
                          use_cases_.enrol.CheckPhotos(call, PhotosFrom(request->photos())));
                      for (const auto& verdict : verdicts) Put(verdict, response->add_verdicts());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* GetVolunteer(grpc::CallbackServerContext* context,
                                         const v1::GetVolunteerRequest* request,
                                         v1::Volunteer* response) override {
    return RunUnary(backend_, context, "rollcall.v1.EnrolmentService/GetVolunteer", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto id, IdFrom<domain::VolunteerId>(
                                                          request->volunteer_id(), "volunteer_id"));
                      ASSIGN_OR_RETURN(const auto view, use_cases_.volunteers.Get(call, id));
                      Put(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListVolunteers(grpc::CallbackServerContext* context,
                                           const v1::ListVolunteersRequest* request,
                                           v1::ListVolunteersResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.EnrolmentService/ListVolunteers", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto page, use_cases_.volunteers.List(
                                                            call, PageFrom(request->page_size(),
                                                                           request->page_token())));
                      for (const app::VolunteerView& view : page.items)
                        Put(view, response->add_volunteers());
                      response->set_next_page_token(page.next_token);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* WithdrawConsent(grpc::CallbackServerContext* context,
                                            const v1::WithdrawConsentRequest* request,
                                            v1::WithdrawConsentResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.EnrolmentService/WithdrawConsent", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto id, IdFrom<domain::VolunteerId>(
                                                          request->volunteer_id(), "volunteer_id"));
                      ASSIGN_OR_RETURN(const auto item, ConsentItemFrom(request->item(), "item"));
                      ASSIGN_OR_RETURN(const auto withdrawal,
                                       use_cases_.volunteers.WithdrawConsent(call, id, item));
                      Put(withdrawal.volunteer, response->mutable_volunteer());
                      response->set_templates_erased(withdrawal.templates_erased);
                      Put(withdrawal.time, response->mutable_withdraw_time());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* EraseVolunteer(grpc::CallbackServerContext* context,
                                           const v1::EraseVolunteerRequest* request,
                                           v1::EraseVolunteerResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.EnrolmentService/EraseVolunteer", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto id, IdFrom<domain::VolunteerId>(
                                                          request->volunteer_id(), "volunteer_id"));
                      ASSIGN_OR_RETURN(const auto erasure,
                                       use_cases_.volunteers.Erase(
                                           call, id, request->confirm_volunteer_id()));
                      Put(erasure.time, response->mutable_erase_time());
                      response->set_templates_erased(erasure.templates_erased);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* SetPin(grpc::CallbackServerContext* context,
                                   const v1::SetPinRequest* request, v1::SetPinResponse*) override {
    return RunUnary(backend_, context, "rollcall.v1.EnrolmentService/SetPin", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto id, IdFrom<domain::VolunteerId>(
                                                          request->volunteer_id(), "volunteer_id"));
                      return use_cases_.pin.Set(call, id, request->pin());
                    });
  }

  grpc::ServerUnaryReactor* DeclareSiblings(grpc::CallbackServerContext* context,
                                            const v1::DeclareSiblingsRequest* request,
                                            v1::DeclareSiblingsResponse*) override {
    return RunUnary(
        backend_, context, "rollcall.v1.EnrolmentService/DeclareSiblings", *request,
        [=, this](const app::Call& call) -> absl::Status {
          if (request->volunteer_ids_size() != 2) {
            return FieldError("volunteer_ids", "BAD_SIBLINGS", "must be two different ids");
          }
          ASSIGN_OR_RETURN(const auto a,
                           IdFrom<domain::VolunteerId>(request->volunteer_ids(0), "volunteer_ids"));
          ASSIGN_OR_RETURN(const auto b,
                           IdFrom<domain::VolunteerId>(request->volunteer_ids(1), "volunteer_ids"));
          return use_cases_.volunteers.DeclareSiblings(call, a, b);
        });
  }

  grpc::ServerUnaryReactor* IdentifyGroup(grpc::CallbackServerContext* context,
                                          const v1::IdentifyGroupRequest* request,
                                          v1::IdentifyGroupResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.EnrolmentService/IdentifyGroup", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto session,
                           SessionKeyFrom(request->has_session(), request->session()));
          ASSIGN_OR_RETURN(const auto faces,
                           use_cases_.identify_group.Identify(
                               call, session, base::AsBytes(request->photo().content())));
          for (const app::IdentifyGroup::Found& face : faces) {
            v1::IdentifyGroupResponse::FoundFace* found = response->add_faces();
            for (const float side : {face.box.x1, face.box.y1, face.box.x2, face.box.y2}) {
              found->add_box(side);
            }
            found->set_decision(ToProto(face.decision));
            found->set_volunteer_id(face.volunteer.value);
            found->set_name(face.name);
          }
          return absl::OkStatus();
        });
  }

 private:
  Backend& backend_;
  app::UseCases& use_cases_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEnrolmentService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<EnrolmentService>(backend, use_cases);
}

}  // namespace rollcall::rpc

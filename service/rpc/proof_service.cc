#include <utility>

#include "rollcall/v1/proof_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

class ProofService final : public v1::ProofService::CallbackService {
 public:
  ProofService(Backend& backend, app::LedgerProofs& proofs) : backend_(backend), proofs_(proofs) {}

  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ProofService/GetCheckpoint", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      if (request->old_size() < 0) {
                        return FieldError("old_size", "BAD_SIZE", "must not be negative");
                      }
                      ASSIGN_OR_RETURN(
                          const auto update,
                          proofs_.Checkpoint(call, static_cast<uint64_t>(request->old_size())));
                      response->set_checkpoint(update.checkpoint);
                      for (const proof::Hash& hash : update.proof) {
                        response->add_consistency_proof(hash.data(), hash.size());
                      }
                      response->set_verifier_key(proofs_.VerifierKey());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListSignedReceipts(grpc::CallbackServerContext* context,
                                               const v1::ListSignedReceiptsRequest* request,
                                               v1::ListSignedReceiptsResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.ProofService/ListSignedReceipts", *request,
        [=, this](const app::Call& call) -> absl::Status {
          app::Hours::Filter filter;
          ASSIGN_OR_RETURN(filter.organisation, OptionalIdFrom<domain::OrganisationId>(
                                                    request->organisation_id(), "organisation_id"));
          ASSIGN_OR_RETURN(filter.volunteer,
                           IdFrom<domain::VolunteerId>(request->volunteer_id(), "volunteer_id"));
          ASSIGN_OR_RETURN(filter.activity, OptionalIdFrom<domain::ActivityId>(
                                                request->activity_id(), "activity_id"));
          ASSIGN_OR_RETURN(auto page,
                           proofs_.Receipts(call, filter,
                                            PageFrom(request->page_size(), request->page_token())));
          for (ledger::SignedReceipt& receipt : page.items) {
            v1::SignedReceipt& out = *response->add_receipts();
            out.set_sequence(receipt.sequence);
            out.set_entry(receipt.entry);
            out.set_text(std::move(receipt.text));
          }
          response->set_next_page_token(page.next_token);
          response->set_verifier_key(proofs_.VerifierKey());
          return absl::OkStatus();
        });
  }

 private:
  Backend& backend_;
  app::LedgerProofs& proofs_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeProofService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<ProofService>(backend, use_cases.proofs);
}

}  // namespace rollcall::rpc

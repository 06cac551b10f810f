#include <utility>

#include "rollcall/v1/webhook_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

void PutView(const app::Webhooks::View& view, v1::Webhook* out) {
  const webhooks::Webhook& webhook = view.webhook;
  const webhooks::Progress& progress = webhook.progress;
  out->set_webhook_id(webhook.id.ToString());
  out->set_organisation_id(webhook.organisation.value);
  out->set_url(webhook.url);
  for (const webhooks::EventType type : webhook.types) {
    out->add_event_types(std::string(webhooks::NameOf(type)));
  }
  out->set_public_key(webhook.public_key);
  out->set_state(static_cast<v1::WebhookState>(progress.state));
  out->set_disabled_reason(progress.reason);
  out->set_delivered_sequence(progress.cursor);
  out->set_lag(view.lag);
  out->set_failures(progress.failures);
  if (progress.failing_since) Put(*progress.failing_since, out->mutable_failing_since_time());
  out->set_last_failure(progress.last_failure);
  if (progress.last_delivery) Put(*progress.last_delivery, out->mutable_last_delivery_time());
  Put(webhook.created, out->mutable_create_time());
  out->set_recorder(webhook.recorder);
}

struct Which {
  domain::OrganisationId organisation;
  base::Uuid id;
};

// Of the three requests that name a webhook.
template <typename Request>
absl::StatusOr<Which> WhichOf(const Request& request) {
  Which which;
  ASSIGN_OR_RETURN(which.organisation, OptionalIdFrom<domain::OrganisationId>(
                                           request.organisation_id(), "organisation_id"));
  ASSIGN_OR_RETURN(which.id, UuidFrom(request.webhook_id(), "webhook_id"));
  return which;
}

class WebhookService final : public v1::WebhookService::CallbackService {
 public:
  WebhookService(Backend& backend, app::Webhooks& webhooks)
      : backend_(backend), webhooks_(webhooks) {}

  grpc::ServerUnaryReactor* CreateWebhook(grpc::CallbackServerContext* context,
                                          const v1::CreateWebhookRequest* request,
                                          v1::CreateWebhookResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.WebhookService/CreateWebhook", *request,
        [=, this](const app::Call& call) -> absl::Status {
          app::Webhooks::NewWebhook wanted;
          ASSIGN_OR_RETURN(wanted.organisation, OptionalIdFrom<domain::OrganisationId>(
                                                    request->organisation_id(), "organisation_id"));
          wanted.url = request->url();
          wanted.types.assign(request->event_types().begin(), request->event_types().end());
          if (request->has_after_sequence()) wanted.after = request->after_sequence();
          ASSIGN_OR_RETURN(const auto created, webhooks_.Create(call, wanted));
          PutView(created.view, response->mutable_webhook());
          response->set_secret(created.secret);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListWebhooks(grpc::CallbackServerContext* context,
                                         const v1::ListWebhooksRequest* request,
                                         v1::ListWebhooksResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.WebhookService/ListWebhooks", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OptionalIdFrom<domain::OrganisationId>(
                                           request->organisation_id(), "organisation_id"));
                      ASSIGN_OR_RETURN(const auto views, webhooks_.List(call, organisation));
                      for (const auto& view : views) PutView(view, response->add_webhooks());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* DeleteWebhook(grpc::CallbackServerContext* context,
                                          const v1::DeleteWebhookRequest* request,
                                          v1::DeleteWebhookResponse*) override {
    return RunUnary(backend_, context, "rollcall.v1.WebhookService/DeleteWebhook", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const Which which, WhichOf(*request));
                      return webhooks_.Remove(call, which.organisation, which.id);
                    });
  }

  grpc::ServerUnaryReactor* EnableWebhook(grpc::CallbackServerContext* context,
                                          const v1::EnableWebhookRequest* request,
                                          v1::Webhook* response) override {
    return RunUnary(backend_, context, "rollcall.v1.WebhookService/EnableWebhook", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const Which which, WhichOf(*request));
                      ASSIGN_OR_RETURN(const auto view,
                                       webhooks_.Enable(call, which.organisation, which.id));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* PingWebhook(grpc::CallbackServerContext* context,
                                        const v1::PingWebhookRequest* request,
                                        v1::PingWebhookResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.WebhookService/PingWebhook", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const Which which, WhichOf(*request));
                      ASSIGN_OR_RETURN(const auto outcome,
                                       webhooks_.Ping(call, which.organisation, which.id));
                      response->set_delivered(outcome.delivered());
                      response->set_outcome(outcome.Text());
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Webhooks& webhooks_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeWebhookService(Backend& backend, app::Webhooks& webhooks) {
  return std::make_unique<WebhookService>(backend, webhooks);
}

}  // namespace rollcall::rpc

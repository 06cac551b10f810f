// rollcall webhook.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/program.h"
#include "client/when.h"
#include "rollcall/v1/webhook_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::WebhookService::Stub;

constexpr base::Duration kPingCall = std::chrono::seconds(30);

struct AddArguments {
  v1::CreateWebhookRequest request;
  std::vector<std::string> types;
  std::optional<int64_t> after;
};

void AddAdd(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<AddArguments>();
  CLI::App* command = group.add_subcommand("add", "Tell a receiver of what comes from now on");
  command->add_option("url", *arguments->request.mutable_url(), "https URL of the receiver")
      ->required();
  command->add_option("--type", arguments->types,
                      "Only this type; may be repeated: attendance.checked_in, "
                      "attendance.checked_out, attendance.reversed, hours.credited, "
                      "hours.reversed [all]");
  command
      ->add_option("--after", arguments->after,
                   "Begin behind this row of the ledger; 0: tell everything")
      ->check(CLI::NonNegativeNumber);
  AddOrganisationOption(*command, *arguments->request.mutable_organisation_id());
  program.SetFooter(*command,
                    "The secret is shown this once; give it, or the public key, to the receiver.\n"
                    "docs/webhooks.md says what it gets and how it checks the signature.");
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    v1::CreateWebhookRequest request = arguments->request;
    for (const std::string& type : arguments->types) request.add_event_types(type);
    if (arguments->after) request.set_after_sequence(*arguments->after);
    const auto stub = v1::WebhookService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::CreateWebhookResponse made,
                     client::Call(*stub, &Stub::CreateWebhook, request, client::kQuickCall));
    Print(program, made, [&] {
      const char* id = made.webhook().webhook_id().c_str();
      std::printf(
          "Webhook %s\n  secret      %s\n  public key  %s\n"
          "The secret is not shown again. Next: rollcall webhook test %s\n",
          id, made.secret().c_str(), made.webhook().public_key().c_str(), id);
    });
    return client::kExitOk;
  });
}

std::string StateText(const v1::Webhook& webhook) {
  if (webhook.state() == v1::WEBHOOK_DISABLED) return "disabled: " + webhook.disabled_reason();
  if (webhook.failures() == 0) return "enabled";
  return "failing since " + client::LocalTime(webhook.failing_since_time()) + ": " +
         webhook.last_failure();
}

void AddList(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::ListWebhooksRequest>();
  CLI::App* command = group.add_subcommand("list", "Who is told, how far, and what went wrong");
  AddOrganisationOption(*command, *request->mutable_organisation_id());
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::WebhookService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::ListWebhooksResponse all,
                     client::Call(*stub, &Stub::ListWebhooks, *request, client::kQuickCall));
    Print(program, all, [&] {
      client::Table table({{"WEBHOOK"}, {"URL"}, {"STATE"}, {"LAG", true}, {"LAST DELIVERY"}});
      for (const v1::Webhook& webhook : all.webhooks()) {
        table.AddRow({webhook.webhook_id(), webhook.url(), StateText(webhook),
                      std::to_string(webhook.lag()),
                      client::LocalTime(webhook.last_delivery_time())});
      }
      PrintTable(program, table, "No webhooks yet. Add one: rollcall webhook add https://...");
    });
    return client::kExitOk;
  });
}

// A command about one webhook.
template <typename Request>
CLI::App* AddOf(CLI::App& group, const std::string& name, const std::string& help,
                Request& request) {
  CLI::App* command = group.add_subcommand(name, help);
  command->add_option("webhook", *request.mutable_webhook_id(), "Its id: rollcall webhook list")
      ->required();
  AddOrganisationOption(*command, *request.mutable_organisation_id());
  return command;
}

void AddRemove(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::DeleteWebhookRequest>();
  CLI::App* command = AddOf(group, "remove", "Tell a receiver no more", *request);
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::WebhookService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::DeleteWebhookResponse done,
                     client::Call(*stub, &Stub::DeleteWebhook, *request, client::kQuickCall));
    Print(program, done, [&] { std::printf("Removed.\n"); });
    return client::kExitOk;
  });
}

void AddEnable(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::EnableWebhookRequest>();
  CLI::App* command =
      AddOf(group, "enable", "Go on with one that was disabled, where it stood", *request);
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::WebhookService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::Webhook webhook,
                     client::Call(*stub, &Stub::EnableWebhook, *request, client::kQuickCall));
    Print(program, webhook, [&] {
      std::printf("Enabled; %lld rows of the ledger are before it.\n",
                  static_cast<long long>(webhook.lag()));
    });
    return client::kExitOk;
  });
}

void AddTest(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::PingWebhookRequest>();
  CLI::App* command =
      AddOf(group, "test", "Send one signed event of type webhook.ping now", *request);
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::WebhookService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::PingWebhookResponse answer,
                     client::Call(*stub, &Stub::PingWebhook, *request, kPingCall));
    Print(program, answer, [&] {
      std::printf("%s: %s\n", answer.delivered() ? "Delivered" : "Not delivered",
                  answer.outcome().c_str());
    });
    return answer.delivered() ? client::kExitOk : client::kExitFailure;
  });
}

}  // namespace

void AddWebhookCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "webhook", "Who is told of events by HTTP: add, list, remove, enable, test");
  group->require_subcommand(1);
  AddAdd(program, *group);
  AddList(program, *group);
  AddRemove(program, *group);
  AddEnable(program, *group);
  AddTest(program, *group);
}

}  // namespace rollcall::cli

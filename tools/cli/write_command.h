#ifndef ROLLCALL_CLI_WRITE_COMMAND_H_
#define ROLLCALL_CLI_WRITE_COMMAND_H_

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "cli/output.h"
#include "cli/request_id.h"
#include "client/connection.h"
#include "client/program.h"

namespace rollcall::cli {

// Makes `command` write: it calls `method` with what was parsed into `request`, under --request-id,
// which this adds, or one of its own, and prints the answer as JSON or by `print_text`.
template <typename Service, typename Request, typename Answer>
void OnWrite(client::Program& program, CLI::App& command, std::shared_ptr<Request> request,
             grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Answer*),
             std::function<void(const Answer&)> print_text) {
  AddRequestIdOption(command, *request->mutable_request_id());
  program.OnRun(command, [=, &program](client::Connection& connection) -> absl::StatusOr<int> {
    Request wanted = *request;
    FillRequestId(*wanted.mutable_request_id());
    const auto stub = Service::NewStub(connection.channel());
    const absl::StatusOr<Answer> answer = client::Call(*stub, method, wanted, client::kQuickCall);
    if (!answer.ok()) return NotConfirmed(answer.status(), wanted.request_id());
    Print(program, *answer, [&] { print_text(*answer); });
    return client::kExitOk;
  });
}

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_WRITE_COMMAND_H_

#ifndef ROLLCALL_CLI_REQUEST_ID_H_
#define ROLLCALL_CLI_REQUEST_ID_H_

#include <string>

#include "base/status.h"

namespace CLI {
class App;
}

// What commands share that write under a request_id.
namespace rollcall::cli {

// Adds --request-id, for asking again after no answer came.
void AddRequestIdOption(CLI::App& command, std::string& request_id);

// Makes one where none was given.
void FillRequestId(std::string& request_id);

// `status`, which is not OK; where nobody knows whether the request arrived, with what to type to
// ask the same thing again.
absl::Status NotConfirmed(const absl::Status& status, const std::string& request_id);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_REQUEST_ID_H_

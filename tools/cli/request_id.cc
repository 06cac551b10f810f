#include "cli/request_id.h"

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "client/connection.h"
#include "client/errors.h"

namespace rollcall::cli {

void AddRequestIdOption(CLI::App& command, std::string& request_id) {
  command.add_option("--request-id", request_id,
                     "A UUID, to ask again after no answer came [a new one]");
}

void FillRequestId(std::string& request_id) {
  if (!request_id.empty()) return;
  const base::SystemClock clock;
  base::SystemRandom random;
  request_id = base::UuidV7Generator(clock, random).Next().ToString();
}

absl::Status NotConfirmed(const absl::Status& status, const std::string& request_id) {
  if (!client::IsUnanswered(status)) return status;
  return base::Annotate(status, "not confirmed; ask again with --request-id " + request_id);
}

}  // namespace rollcall::cli

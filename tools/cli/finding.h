#ifndef ROLLCALL_CLI_FINDING_H_
#define ROLLCALL_CLI_FINDING_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"

namespace rollcall::client {
class Program;
}

// What a check without a network found out, and how it is said: the verdict in English and Chinese,
// what was looked at and what was not. A tool that says "valid" and no more is believed too much.
namespace rollcall::cli {

struct Sentence {
  std::string_view english;
  std::string_view chinese;
};

// Something that the checked file says. With `genuine` false it is a claim that nobody vouches for.
struct Fact {
  std::string_view key;  // in JSON: snake_case, never changed
  Sentence label;
  std::variant<std::string, int64_t> value;  // somebody else's text is made harmless when printed
};

struct Finding {
  bool genuine = false;
  std::string_view word;  // in JSON: "valid", "revoked", ...
  Sentence verdict;       // the first line
  Sentence meaning;       // what follows from it
  std::string reason;     // UPPER_SNAKE, where something is wrong
  std::string message;    // the library's own sentence for that
  std::vector<Fact> facts;
  std::vector<Sentence> checked;
  std::vector<Sentence> not_checked;
};

// A finding for a file in which there is nothing to judge: not read, not that kind, cut off.
// `status` is the reader's error.
Finding NothingToJudge(const absl::Status& status);

// Prints it, as JSON with --json. Returns client::kExitOk where it is genuine, else kExitFailure.
int Report(const client::Program& program, const Finding& finding);

// Reads a file of at most `max_bytes`. An error is one of usage (exit code 2): nothing was checked.
absl::StatusOr<std::string> ReadInput(const std::string& path, size_t max_bytes);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_FINDING_H_

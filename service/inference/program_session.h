#ifndef ROLLCALL_INFERENCE_PROGRAM_SESSION_H_
#define ROLLCALL_INFERENCE_PROGRAM_SESSION_H_

#include <memory>
#include <optional>

#include "inference/program.h"
#include "inference/session.h"

namespace rollcall::inference {

// A session that runs `program`, compiled for `narrow` numbers or for float32, in an arena of its own.
// InvalidArgument, reason BAD_MODEL: the program's input or outputs are not as `spec` says.
absl::StatusOr<std::unique_ptr<Session>> MakeProgramSession(std::shared_ptr<const Program> program,
                                                            const ModelSpec& spec,
                                                            std::optional<NarrowPrecision> narrow = {});

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PROGRAM_SESSION_H_

#ifndef ROLLCALL_INFERENCE_ENGINES_H_
#define ROLLCALL_INFERENCE_ENGINES_H_

#include <functional>
#include <memory>
#include <string>

#include "inference/calibration.h"
#include "inference/session.h"

namespace rollcall::inference {

// The reference engine: OpenCV's cv::dnn on one thread. Correct first; batch 1, fixed input sizes.
// Sets OpenCV's number of threads to 1 and silences its own log, both for the whole process: the workers
// are the parallelism, and what goes wrong travels in a status.
std::unique_ptr<Engine> MakeReferenceEngine();

// The fast engine: our own loops over an arena that is planned at load (program.h), on one thread, allocating
// nothing but the answer. float32; the answers differ from the reference engine's by rounding alone. Sessions of
// one engine that load the same bytes share the weights. Load refuses a model with an operator that it lacks and
// names the node; the caller can then ask the reference engine. Runs on every x86-64 processor, with AVX2 or
// AVX-512 where there is one.
std::unique_ptr<Engine> MakeFastEngine();

// The same in int8 or bfloat16, in the first precision of each model's calibration that the processor has: what
// convolutions read and their weights are stored so, and the answers differ from float32's in the second or third
// digit. Load refuses a model that `calibrations` does
// not know (BAD_MODEL), one whose answer to its check picture is further from float32's than the calibration allows
// (BAD_MODEL), one for which the processor lacks the instructions (FailedPrecondition, reason NOT_THIS_PROCESSOR), and a spec that asks
// for full precision (BAD_MODEL).
std::unique_ptr<Engine> MakeNarrowEngine(ActivationCalibrations calibrations);

// Told of a model that runs on a slower engine because a faster one lacks something, and what.
using OnFallback = std::function<void(const std::string& model, const absl::Status& why)>;

// What the service runs on. For each model the first of the narrow, the float32 and the reference engine that takes it;
// a precision that is not faster than float32 on this processor is no candidate, and neither is a model that was not
// calibrated or whose spec asks for full precision. `on_fallback` may be empty; it is called from Load, and not for what the processor lacks, which
// name() tells. A model that all refuse is refused with the reference engine's words.
std::unique_ptr<Engine> MakeServiceEngine(ActivationCalibrations calibrations, OnFallback on_fallback);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_ENGINES_H_

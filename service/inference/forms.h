#ifndef ROLLCALL_INFERENCE_FORMS_H_
#define ROLLCALL_INFERENCE_FORMS_H_

#include <map>
#include <set>

#include "inference/picture.h"
#include "inference/program.h"

namespace rollcall::inference {

// In what form each value of a net is to lie in memory where it is a picture: decided from who reads it, before the
// first step is written.
class Forms {
 public:
  // InvalidArgument, reason BAD_MODEL: one of NarrowValues without ranges for each of its channels, or that is no
  // picture; a picture that with its frame would take more than kMaxArenaBytes.
  static absl::StatusOr<Forms> Decide(const Net& net, const Precision& precision);

  // Whether a convolution reads it.
  bool ReadByConvolution(ValueId id) const { return frames_.contains(id); }
  // Where the pixels of a picture of that value are to lie: its sizes, and a frame as wide as its readers' windows
  // reach. `channels`: without padding. BAD_MODEL: it is no picture.
  absl::StatusOr<kernels::PictureLayout> LayoutOf(ValueId id, int64_t& channels) const;
  // What its numbers are stored as.
  Form FormOf(ValueId id) const;

 private:
  Forms(const Net& net, const Precision& precision) : net_(&net), precision_(&precision) {}
  absl::Status Prepare();
  absl::Status CheckSize(ValueId id) const;
  void NarrowParts(const Layer& layer);
  bool IsReadOnce(ValueId id) const;
  absl::StatusOr<Form> NarrowForm(ValueId id) const;
  bool IsPacked(ValueId id) const;

  const Net* net_;
  const Precision* precision_;
  std::map<ValueId, kernels::PictureLayout> frames_;  // of what convolutions read
  std::set<ValueId> by_vectors_;                      // read sixteen channels at a time, so that they must be padded
  std::map<ValueId, Form> forms_;                     // of the values that do not lie as float32
};

// InvalidArgument, reason BAD_MODEL: the value is no picture where one is needed.
absl::Status NoPicture(const Net& net, ValueId id);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_FORMS_H_

#ifndef ROLLCALL_BENCH_PERTURB_H_
#define ROLLCALL_BENCH_PERTURB_H_

#include "bench/statistics.h"
#include "recognition/types.h"

// Pictures that differ as two frames of one camera differ.
namespace rollcall::bench {

// How far a simulated frame strays from its photograph. The defaults are what a face moves and a
// webcam varies within a second, not another pose or another day: that is why a calibration also
// fuses different photographs and takes the stricter figure.
struct PerturbLimits {
  double shift_share = 0.009;  // of the width: 1 px of an aligned crop
  double turn_degrees = 4;
  double scale_share = 0.04;
  double gain_share = 0.20;     // brightness, multiplied
  double offset = 10;           // brightness, added, of 255
  double noise_sigma_max = 5;   // of 255, per pixel and channel
  double blur_sigma_max = 0.8;  // px
};

// Moves `picture` to the right by `px` (to the left where negative), the border replicated.
recognition::Picture MoveRight(const recognition::Picture& picture, int32_t px);

// A simulated frame of `picture`: each quantity drawn evenly within its limit from `dice`.
recognition::Picture Perturb(const recognition::Picture& picture, const PerturbLimits& limits,
                             Dice& dice);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_PERTURB_H_

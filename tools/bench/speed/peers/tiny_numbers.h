#ifndef ROLLCALL_BENCH_SPEED_PEERS_TINY_NUMBERS_H_
#define ROLLCALL_BENCH_SPEED_PEERS_TINY_NUMBERS_H_

#include <xmmintrin.h>

namespace rollcall::bench {

// Takes numbers that are almost 0 (denormal ones) for 0 on this thread until its end.
class TinyNumbersAreZero {
 public:
  TinyNumbersAreZero() {
    constexpr unsigned kFlushToZero = 0x8000;
    constexpr unsigned kDenormalsAreZero = 0x0040;
    _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
  }
  ~TinyNumbersAreZero() { _mm_setcsr(before_); }
  TinyNumbersAreZero(const TinyNumbersAreZero&) = delete;
  TinyNumbersAreZero& operator=(const TinyNumbersAreZero&) = delete;

 private:
  const unsigned before_ = _mm_getcsr();
};

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_PEERS_TINY_NUMBERS_H_

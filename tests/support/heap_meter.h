#ifndef ROLLCALL_TESTS_SUPPORT_HEAP_METER_H_
#define ROLLCALL_TESTS_SUPPORT_HEAP_METER_H_

#include <cstdint>

// How much memory a piece of code takes, counted at malloc, libraries' included. Link
// rollcall_test_heap_meter: it puts its own malloc and free in front of the C library's for the
// whole program.
namespace rollcall::support {

// Whether anything is counted: a sanitizer has a malloc of its own, and then nothing is.
bool HeapIsMetered();

// Bytes that this thread has allocated since it was made, less those that it freed: the most there
// were at once. Only one at a time in a thread.
class HeapMeter {
 public:
  HeapMeter();
  int64_t peak_bytes() const;
};

// From now on this thread's malloc hands out memory full of `value`, so that what is read without
// having been written can be told; a negative number: as it comes. Does nothing where nothing is
// metered.
void FillNewMemory(int value);

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_HEAP_METER_H_

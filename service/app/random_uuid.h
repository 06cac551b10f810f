#ifndef ROLLCALL_APP_RANDOM_UUID_H_
#define ROLLCALL_APP_RANDOM_UUID_H_

#include "base/random.h"
#include "base/uuid.h"

namespace rollcall::app {

// A version 4 UUID: nothing but random bits. For ids that must not say when they were made, since
// two of them made at one moment would point to each other (Volunteer::key and ::subject).
inline base::Uuid RandomUuid(base::RandomSource& random) {
  base::Uuid uuid;
  random.Fill(uuid.bytes);
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_RANDOM_UUID_H_

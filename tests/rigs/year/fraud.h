#ifndef ROLLCALL_TESTS_RIGS_YEAR_FRAUD_H_
#define ROLLCALL_TESTS_RIGS_YEAR_FRAUD_H_

#include "life.h"

namespace rollcall::year {

// Adds one incident to the life that is there. Sizes vary widely, so that some are too small to be
// found.
class Frauds {
 public:
  Frauds(const Options& options, Dice& dice, Year& year, Life& life)
      : options_(options), dice_(dice), year_(year), life_(life) {}

  void Add(Fraud fraud);

 private:
  void SoldHours();
  void FakeActivity(bool afterwards);
  void SmallFakes();
  void StolenAccount();
  void TwoPlaces();
  void Practice();
  void Meeting();

  Organisation& Any(bool with_sessions_of_many = false);
  int32_t AnySession(const Organisation& organisation, int64_t from, int64_t to);
  int32_t Member(const Organisation& organisation);
  // In and out, by one member of staff.
  void Attest(int32_t session, int32_t person, int32_t staff, int64_t in, int64_t out);
  void Enter(int32_t session, int32_t person, int32_t staff, int64_t recorded, int64_t proposal);

  const Options& options_;
  Dice& dice_;
  Year& year_;
  Life& life_;
  int32_t incident_ = -1;
};

}  // namespace rollcall::year

#endif  // ROLLCALL_TESTS_RIGS_YEAR_FRAUD_H_

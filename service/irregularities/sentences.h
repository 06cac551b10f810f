#ifndef ROLLCALL_IRREGULARITIES_SENTENCES_H_
#define ROLLCALL_IRREGULARITIES_SENTENCES_H_

#include <cstdint>

#include "base/clock.h"
#include "domain/ids.h"
#include "irregularities/finding.h"

// The sentence of each kind. They say what was found and nothing about why. `finding` must be
// complete but for its sentence. Identities of recorders are escaped to printable ASCII
// (base::Printable); everything else in them is an id, a number or a time (RFC 3339, UTC).
namespace rollcall::irregularities {

// `known`: how many of its people were ever seen by a machine.
Sentence WithoutKioskSentence(const Finding& finding, int64_t visits, int64_t unwitnessed,
                              int64_t known);
Sentence BurstSentence(const Finding& finding, base::Time first, base::Time last);
// `live`: how many of its people a kiosk saw during the session.
Sentence CreatedAfterEndSentence(const Finding& finding, base::Time ended, base::Time first_row,
                                 int64_t live);
Sentence ManyCreatedAfterEndSentence(const Finding& finding, base::Duration within);
Sentence StrangersSentence(const Finding& finding);
Sentence TwoPlacesSentence(const domain::SessionKey& a, const domain::SessionKey& b,
                           base::Time from, base::Duration overlap);

enum class PracticeFault {
  kCredited,        // minutes outside practice for a visit in practice
  kFromFiles,       // pictures or a video, which practice alone may use
  kActivityIsBoth,  // one activity in practice and outside
};
Sentence PracticeSentence(const Finding& finding, PracticeFault fault);

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_SENTENCES_H_

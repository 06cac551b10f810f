#ifndef ROLLCALL_APP_ENROL_H_
#define ROLLCALL_APP_ENROL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/photo_check.h"
#include "app/services.h"
#include "app/volunteers.h"
#include "base/bytes.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "domain/volunteer.h"

namespace rollcall::app {

struct EnrolRequest {
  base::Uuid request_id;
  domain::VolunteerId id;
  std::string name;
  domain::AgeBand age_band = domain::AgeBand::kUnspecified;
  domain::OrganisationId organisation;  // to join; empty: the default one
  // `text_version` empty: the current one. `given` at the epoch: now. `recorder` and `withdrawn`
  // are set here, whatever stands there.
  std::vector<domain::Consent> consents;
  std::vector<Photo> photos;            // at most kMaxEnrolPhotos; none: no template is touched
  std::string duplicate_reason;         // why to enrol in spite of a possible duplicate, or empty
};

struct EnrolResult {
  std::optional<VolunteerView> volunteer;  // absent where she was refused and is not registered
  std::vector<PhotoVerdict> verdicts;      // one per photo, in order
  bool created = false;
  bool refused = false;                    // nothing was stored
  std::string reason;    // where refused: NO_GOOD_PHOTO, PHOTOS_DISAGREE, POSSIBLE_DUPLICATE
  std::string message;   // what to do next, without blame; may stand beside a success
  std::vector<domain::VolunteerId> possible_duplicates;  // nearest first
};

// Registers volunteers with consents and photos.
class Enrol {
 public:
  explicit Enrol(const Services& services)
      : services_(services), photo_check_(services), volunteers_(services) {}

  // Checks everything, looks at the photos, and only then writes: registry, vault, gallery, in that
  // order, so that no crash leaves a template without a consent. An existing volunteer of the same
  // id and name is added to; photos replace her template.
  //
  // Idempotent by nature: doing all of it again changes nothing, so a request that was cut off is
  // simply repeated. While the process lives the request_id is remembered too (the last
  // kRemembered): the same content gives the same answer without looking again.
  //
  // InvalidArgument: BAD_ID, PERSONAL_NUMBER, BAD_TEXT, BAD_CONSENT, BAD_PHOTOS, BAD_REQUEST_ID
  // (nil). FailedPrecondition: FACE_OFF; PROGRAMME_ENDED (Templates::Put); GUARDIAN_NEEDED;
  // CONSENT_NEEDED, photos without a live recognition consent to the current text, or over a wider
  // network without one to that; AGE_BAND_DIFFERS; REQUEST_ID_REUSED. AlreadyExists:
  // VOLUNTEER_EXISTS, that number is another name's or out of scope. NotFound: NO_SUCH_ORGANISATION.
  // After any error nothing is stored, except after one of the vault or of the disk: then the
  // volunteer may be there without a template, and the request is to be repeated.
  absl::StatusOr<EnrolResult> EnrolVolunteer(const Call& call, const EnrolRequest& request);

  // What EnrolVolunteer would say about these photos. Stores nothing.
  absl::StatusOr<std::vector<PhotoVerdict>> CheckPhotos(const Call& call,
                                                        const std::vector<Photo>& photos) const;

  static constexpr size_t kRemembered = 1024;

 private:
  struct Answered {
    base::Sha256Digest payload{};
    EnrolResult result;
  };
  struct Plan;  // what is going to be written

  absl::StatusOr<Plan> Prepare(const Call& call, const EnrolRequest& request) const;
  absl::StatusOr<bool> LookAtPhotos(const Call& call, const EnrolRequest& request, Plan& plan,
                                    EnrolResult& result) const;
  absl::Status FindDuplicates(Plan& plan, EnrolResult& result) const;
  absl::Status Write(const Call& call, const EnrolRequest& request, Plan& plan);
  absl::StatusOr<std::optional<EnrolResult>> Recall(const base::Uuid& request_id,
                                                    const base::Sha256Digest& payload);
  void Remember(const base::Uuid& request_id, const base::Sha256Digest& payload,
                const EnrolResult& result);

  const Services& services_;
  PhotoCheck photo_check_;
  Volunteers volunteers_;
  base::Mutex mutex_;
  std::map<base::Uuid, Answered> answered_ ABSL_GUARDED_BY(mutex_);
  std::deque<base::Uuid> answered_order_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ENROL_H_

#include "vault/person_keys.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <span>
#include <string>

#include "base/log.h"
#include "storage/database.h"

namespace rollcall::vault {
namespace {

using absl::StatusCode;
using storage::Connection;

constexpr char kSchema1[] = R"(
CREATE TABLE template_key (
  subject     BLOB NOT NULL,
  generation  INTEGER NOT NULL,
  wrapped_by  BLOB NOT NULL,
  nonce       BLOB NOT NULL,
  wrapped_key BLOB NOT NULL,
  PRIMARY KEY (subject, generation)
) STRICT;
CREATE INDEX template_key_by ON template_key (wrapped_by, subject, generation);
)";

// Keys wrapped anew in one commit: some 5 ms, so that an enrolment waits no longer.
constexpr int32_t kKeysPerCommit = 256;

absl::StatusOr<std::vector<base::Bytes>> WrappingKeys(storage::Database& database) {
  return database.Read([](Connection& c) -> absl::StatusOr<std::vector<base::Bytes>> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT DISTINCT wrapped_by FROM template_key"));
    std::vector<base::Bytes> ids;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return ids;
      ids.push_back(rows->Blob(0));
    }
  });
}

// Another thread's rotation is over when this one is.
class Turn {
 public:
  explicit Turn(std::atomic<bool>& taken) : taken_(taken), mine_(!taken.exchange(true)) {}
  ~Turn() {
    if (mine_) taken_ = false;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool mine() const { return mine_; }

 private:
  std::atomic<bool>& taken_;
  const bool mine_;
};

}  // namespace

storage::Schema VaultKeysSchema() { return {"template_keys", {{1, kSchema1}}}; }

PersonKeys::PersonKeys(const VaultParts& parts, KeyFile file, SecretKey current)
    : database_(parts.keys),
      random_(parts.random),
      file_(std::move(file)),
      current_(std::move(current)) {}

absl::StatusOr<std::unique_ptr<PersonKeys>> PersonKeys::Open(const VaultParts& parts,
                                                             bool templates_held) {
  ASSIGN_OR_RETURN(const std::vector<base::Bytes> wanted, WrappingKeys(parts.keys));
  KeyFile file(parts.key_path, parts.protection, parts.random);
  ASSIGN_OR_RETURN(SecretKey key,
                   file.ReadOrMake(/*may_create=*/wanted.empty() && !templates_held));
  std::unique_ptr<PersonKeys> keys(new PersonKeys(parts, std::move(file), std::move(key)));
  ASSIGN_OR_RETURN(keys->next_, keys->file_.ReadNext());
  for (const base::Bytes& id : wanted) {
    if (keys->KeyOf(id) != nullptr) continue;
    return base::MakeError(StatusCode::kFailedPrecondition, "KEY_WRONG",
                           "key file " + parts.key_path.string() +
                               ": not the key that the templates were stored under; restore the "
                               "right one");
  }
  if (keys->next_) {
    ASSIGN_OR_RETURN(const int64_t rewrapped, keys->RewrapAll({}));
    RETURN_IF_ERROR(keys->FinishRotation());
    base::log::Info("key_rotation_finished", {{"keys", rewrapped}});
  }
  return keys;
}

const SecretKey* PersonKeys::KeyOf(std::span<const uint8_t> id) const {
  for (const SecretKey* key : {&current_, next_ ? &*next_ : nullptr}) {
    if (key != nullptr && std::ranges::equal(KeyId(*key), id)) return key;
  }
  return nullptr;
}

absl::StatusOr<PersonKeys::Fresh> PersonKeys::Add(const base::Uuid& subject) {
  const std::shared_lock hold(lock_);
  SecretKey key = SecretKey::Random(random_);
  ASSIGN_OR_RETURN(
      const int64_t generation, database_.Write([&](Connection& c) -> absl::StatusOr<int64_t> {
        KeyPlace place{subject, 1};
        {
          ASSIGN_OR_RETURN(const auto rows,
                           c.Query("SELECT generation FROM template_key WHERE"
                                   " subject = $1 ORDER BY generation DESC LIMIT 1",
                                   {subject}));
          ASSIGN_OR_RETURN(const bool found, rows->Next());
          if (found) place.generation = rows->Int64(0) + 1;
        }
        const Sealed wrapped = SealKey(key, place, newest(), random_);
        RETURN_IF_ERROR(c.Execute("INSERT INTO template_key"
                                  " (subject, generation, wrapped_by, nonce, wrapped_key)"
                                  " VALUES ($1, $2, $3, $4, $5)",
                                  {subject, place.generation, KeyId(newest()), wrapped.nonce,
                                   wrapped.ciphertext})
                            .status());
        return place.generation;
      }));
  return Fresh{std::move(key), generation};
}

absl::Status PersonKeys::DropBefore(const base::Uuid& subject, int64_t generation) {
  ASSIGN_OR_RETURN(const int64_t dropped, database_.Write([&](Connection& c) {
    return c.Execute("DELETE FROM template_key WHERE subject = $1 AND generation < $2",
                     {subject, generation});
  }));
  return dropped > 0 ? database_.Scrub() : absl::OkStatus();
}

absl::Status PersonKeys::Drop(const KeyPlace& place) {
  return database_.Write([&](Connection& c) {
    return c
        .Execute("DELETE FROM template_key WHERE subject = $1 AND generation = $2",
                 {place.subject, place.generation})
        .status();
  });
}

absl::StatusOr<std::vector<std::optional<SecretKey>>> PersonKeys::Find(
    const std::vector<KeyPlace>& places) {
  const std::shared_lock hold(lock_);
  struct Row {
    base::Bytes wrapped_by;
    Sealed sealed;
  };
  ASSIGN_OR_RETURN(
      const auto stored, database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<Row>> {
        std::vector<Row> result(places.size());
        for (size_t i = 0; i < places.size(); ++i) {
          ASSIGN_OR_RETURN(const auto rows,
                           c.Query("SELECT wrapped_by, nonce, wrapped_key FROM template_key"
                                   " WHERE subject = $1 AND generation = $2",
                                   {places[i].subject, places[i].generation}));
          ASSIGN_OR_RETURN(const bool found, rows->Next());
          if (found) result[i] = {rows->Blob(0), {rows->Blob(1), rows->Blob(2)}};
        }
        return result;
      }));
  std::vector<std::optional<SecretKey>> keys(places.size());
  for (size_t i = 0; i < places.size(); ++i) {
    const SecretKey* wrapping = KeyOf(stored[i].wrapped_by);
    if (wrapping != nullptr) keys[i] = OpenKey(stored[i].sealed, places[i], *wrapping);
  }
  return keys;
}

absl::Status PersonKeys::Destroy(const base::Uuid& subject) {
  RETURN_IF_ERROR(database_.Write([&](Connection& c) {
    return c.Execute("DELETE FROM template_key WHERE subject = $1", {subject}).status();
  }));
  // Also when nothing was there: an earlier call may have been cut off before this line.
  return database_.Scrub();
}

absl::StatusOr<std::vector<base::Uuid>> PersonKeys::Subjects(bool more_than_one) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<base::Uuid>> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT subject FROM template_key GROUP BY subject"
                                              " HAVING count(*) > $1 ORDER BY subject",
                                              {more_than_one ? 1 : 0}));
    std::vector<base::Uuid> subjects;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return subjects;
      subjects.push_back(rows->Uuid(0));
    }
  });
}

absl::StatusOr<int64_t> PersonKeys::RewrapSome(const base::Bytes& old_id, const base::Bytes& new_id,
                                               KeyPlace& last) {
  return database_.Write([&](Connection& c) -> absl::StatusOr<int64_t> {
    std::vector<std::pair<KeyPlace, Sealed>> page;
    {
      ASSIGN_OR_RETURN(const auto rows,
                       c.Query("SELECT subject, generation, nonce, wrapped_key FROM template_key"
                               " WHERE wrapped_by = $1 AND (subject, generation) > ($2, $3)"
                               " ORDER BY subject, generation LIMIT $4",
                               {old_id, last.subject, last.generation, kKeysPerCommit}));
      while (true) {
        ASSIGN_OR_RETURN(const bool more, rows->Next());
        if (!more) break;
        page.push_back({{rows->Uuid(0), rows->Int64(1)}, {rows->Blob(2), rows->Blob(3)}});
      }
    }
    for (const auto& [place, sealed] : page) {
      const auto key = OpenKey(sealed, place, current_);
      // One that does not open is damaged already; it must not keep the old key alive.
      const Sealed wrapped = key ? SealKey(*key, place, *next_, random_) : sealed;
      RETURN_IF_ERROR(
          c.Execute("UPDATE template_key SET wrapped_by = $1, nonce = $2,"
                    " wrapped_key = $3 WHERE subject = $4 AND generation = $5",
                    {new_id, wrapped.nonce, wrapped.ciphertext, place.subject, place.generation})
              .status());
      last = place;
    }
    return static_cast<int64_t>(page.size());
  });
}

absl::StatusOr<int64_t> PersonKeys::RewrapAll(const std::function<absl::Status()>& go_on) {
  const base::Bytes old_id = KeyId(current_);
  const base::Bytes new_id = KeyId(*next_);
  if (old_id == new_id) return 0;
  int64_t total = 0;
  KeyPlace last;
  while (true) {
    if (go_on) RETURN_IF_ERROR(go_on());
    ASSIGN_OR_RETURN(const int64_t some, RewrapSome(old_id, new_id, last));
    total += some;
    if (some == 0) return total;
  }
}

absl::Status PersonKeys::FinishRotation() {
  // What the old key had wrapped goes out of the file and its log before the key itself goes.
  RETURN_IF_ERROR(database_.Scrub());
  RETURN_IF_ERROR(file_.Promote());
  const std::unique_lock hold(lock_);
  current_ = *std::move(next_);
  next_.reset();
  return absl::OkStatus();
}

absl::StatusOr<RotationReport> PersonKeys::Rotate(const std::function<absl::Status()>& go_on) {
  const Turn turn(rotating_);
  if (!turn.mine()) {
    return base::MakeError(StatusCode::kAborted, "ROTATION_RUNNING",
                           "the keys are being rotated already");
  }
  if (!next_) {  // otherwise one that had failed half way goes on
    SecretKey fresh = SecretKey::Random(random_);
    RETURN_IF_ERROR(file_.WriteNext(fresh));
    // Waits for whoever is wrapping by the old key; from here on nobody does.
    const std::unique_lock hold(lock_);
    next_ = std::move(fresh);
  }
  RotationReport report;
  report.key_id = base::ToHex(KeyId(*next_)).substr(0, 16);
  ASSIGN_OR_RETURN(report.keys, RewrapAll(go_on));
  RETURN_IF_ERROR(FinishRotation());
  base::log::Info("key_rotated", {{"keys", report.keys}, {"key", report.key_id}});
  return report;
}

}  // namespace rollcall::vault

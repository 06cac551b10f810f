#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_SIM_DISK_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_SIM_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "simulator/dice.h"

namespace rollcall::simulator {

// A disk in memory, as an SQLite file system: give name() to storage::DatabaseOptions::vfs. It
// keeps apart what was synced and what was only written, and loses of the latter what a crash would
// lose. Files are known by their name without folder. It offers no shared memory and no locks.
//
// Thread-safety: all methods may be called concurrently; a crash belongs between two databases.
class SimDisk {
 public:
  enum class Crash {
    kProcess,  // the program ends: what was written stays
    kPower,    // of what was not synced, each sector of 512 bytes stays or goes; one may be torn
  };
  struct File;

  // `seed` decides what a crash leaves. The file system is registered until the destructor; every
  // database on it must be closed by then.
  explicit SimDisk(uint64_t seed);
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  const std::string& name() const { return name_; }

  // The disk stops for good at the `operations`-th write, sync, truncation or deletion from now,
  // which is not carried out any more. At least 1.
  void DieAfter(int64_t operations);
  bool dead() const;
  // The `syncs`-th sync from now fails once. As on Linux, what it was to sync counts as synced from then
  // on: the program goes on reading it, no later sync writes it, and of each sector chance says whether a
  // power cut finds it. Only writing it again helps.
  void FailSync(int64_t syncs);
  // The `writes`-th write from now fails once with an I/O error, half of it done.
  void FailWrite(int64_t writes);
  // While full, no file grows.
  void SetFull(bool full);
  // How often FailSync and FailWrite have struck, and how many writes met a full disk.
  int64_t faults() const;
  int64_t failed_syncs() const;  // FailSync only
  int64_t refused_writes() const;

  // What is on the disk after the crash; the disk works again, faults that were set are forgotten.
  void Restart(Crash crash);

 private:
  friend struct SimDiskHooks;
  struct Registration;
  using FilePtr = std::shared_ptr<File>;

  bool Operation();  // counts; false: dead
  void Settle(File& file, bool all, bool none);

  std::string name_;
  mutable std::mutex mutex_;  // guards everything below
  Dice dice_;
  std::map<std::string, FilePtr> files_;
  // Deleted, but the folder was not synced since: a power cut may bring them back.
  std::map<std::string, FilePtr> ghosts_;
  bool dead_ = false;
  bool full_ = false;
  int64_t die_after_ = 0;  // 0: not at all
  int64_t fail_sync_ = 0;
  int64_t fail_write_ = 0;
  int64_t faults_ = 0;
  int64_t failed_syncs_ = 0;
  int64_t refused_writes_ = 0;
  std::unique_ptr<Registration> registration_;
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_SIM_DISK_H_

#ifndef ROLLCALL_TESTS_SUPPORT_FAULT_VFS_H_
#define ROLLCALL_TESTS_SUPPORT_FAULT_VFS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace rollcall::support {

// An SQLite file system that passes everything on to the ordinary one and fails when told to. Give
// name() to storage::DatabaseOptions::vfs; it must outlive every database that uses it. Faults may be
// set from any thread.
//
// It offers no shared memory, so that opening a database through it also proves that none is needed.
class FaultVfs {
 public:
  enum class File { kAny, kDatabase, kLog };  // kLog: the write-ahead log

  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }

  // From now on every sync of such a file fails with SQLITE_IOERR_FSYNC, after nothing was synced.
  void FailSyncs(File file) { failing_syncs_ = Mask(file); }
  // Every write fails with SQLITE_FULL, as on a full disk.
  void FillDisk() { write_error_ = kFull; }
  // Every write fails with SQLITE_IOERR_WRITE.
  void FailWrites() { write_error_ = kIoError; }
  void Heal() {
    failing_syncs_ = 0;
    write_error_ = 0;
  }

  int64_t syncs() const { return syncs_; }

  // What a power cut at this moment would leave, at worst: every file as of its last sync, by name
  // without folder. Files that were never synced are missing.
  std::map<std::string, std::string> DurableFiles() const;

 private:
  friend struct FaultVfsHooks;
  struct Registration;
  static constexpr int kFull = 1;
  static constexpr int kIoError = 2;
  static int Mask(File file) {
    return file == File::kAny ? 3 : file == File::kDatabase ? 1 : 2;
  }

  std::string name_;
  std::atomic<int> failing_syncs_{0};
  std::atomic<int> write_error_{0};
  std::atomic<int64_t> syncs_{0};
  mutable std::mutex mutex_;
  std::map<std::string, std::string> durable_;  // guarded by mutex_
  std::unique_ptr<Registration> registration_;
};

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_FAULT_VFS_H_

#ifndef ROLLCALL_TESTS_SUPPORT_CRASH_VFS_H_
#define ROLLCALL_TESTS_SUPPORT_CRASH_VFS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

// Power cuts without a power switch: what a program did to its files is written down operation by
// operation, and from that every state is made in which a disk may be found after a power cut.
namespace rollcall::support {

// One thing that was done to a file, in the order in which it was done.
struct DiskOperation {
  enum class Kind {
    kAdopt,       // opened for the first time, and there already with `bytes`
    kCreate,      // made empty
    kWrite,       // `bytes` at `offset`
    kTruncate,    // cut or grown to `offset` bytes
    kSync,        // what was written to this file is on the disk
    kDelete,      // the name is gone
    kSyncFolder,  // the names are on the disk; `file` is empty
  };
  Kind kind = Kind::kWrite;
  std::string file;  // name without folder
  int64_t offset = 0;
  std::string bytes;
};

// An SQLite file system that passes everything on to the ordinary one and writes down what was
// done. Give name() to storage::DatabaseOptions::vfs; it must outlive every database that uses it.
// All files opened through it must lie in one folder. Like FaultVfs it offers no shared memory.
//
// Folders are synced where SQLite's own file system does it: with the first sync of a journal or
// log that it has made, and with a deletion that asks for it.
class CrashVfs {
 public:
  CrashVfs();
  ~CrashVfs();
  CrashVfs(const CrashVfs&) = delete;
  CrashVfs& operator=(const CrashVfs&) = delete;

  const std::string& name() const { return name_; }
  // How many operations there were. From any thread.
  size_t position() const { return position_; }
  // All of them. Only while no database uses this file system.
  const std::vector<DiskOperation>& operations() const { return operations_; }

 private:
  friend struct CrashVfsHooks;
  struct Registration;
  void Add(DiskOperation operation);

  std::string name_;
  std::atomic<size_t> position_{0};
  std::mutex mutex_;
  std::vector<DiskOperation> operations_;  // guarded by mutex_
  std::unique_ptr<Registration> registration_;
};

// What becomes of the writes that no sync covers. A write is taken apart at the 512-byte sectors of
// its file; a name that was made or deleted counts like a sector.
enum class Loss {
  kAll,        // none of them got there
  kNothing,    // all did
  kSome,       // each sector by chance
  kTorn,       // in order up to some sector, of which only the first bytes got there
  kReordered,  // each sector by chance and in any order, so that an older write may be the last
};
constexpr int kLosses = 5;
// "all lost", "nothing lost", "some lost", "torn", "reordered".
const char* NameOf(Loss loss);

// Content by name without folder.
using DiskFiles = std::map<std::string, std::string>;

// A disk with a cache that forgets.
//
// Bytes that a write did not cover are never damaged by it ("power-safe overwrite", which SQLite
// takes for granted on every disk too), and what was synced stays.
class CrashDisk {
 public:
  static constexpr size_t kSector = 512;

  void Apply(const DiskOperation& operation);
  // What a power cut at this moment leaves. Deterministic in the state of `random`. Cost: a copy of
  // all files.
  DiskFiles Cut(Loss loss, std::mt19937_64& random) const;

 private:
  // A sector's part of a write, or a new length (`truncate`).
  struct Piece {
    bool truncate = false;
    size_t offset = 0;
    std::string bytes;
  };
  struct File {
    std::string durable;
    std::vector<Piece> unsynced;  // in order
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;

  static void Put(const Piece& piece, std::string& content);
  static std::string CutFile(const File& file, Loss loss, std::mt19937_64& random);
  File& Current(const std::string& name);

  Names names_;          // as a program sees them
  Names durable_names_;  // as of the last sync of the folder
};

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_CRASH_VFS_H_

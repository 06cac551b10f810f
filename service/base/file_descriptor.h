#ifndef ROLLCALL_BASE_FILE_DESCRIPTOR_H_
#define ROLLCALL_BASE_FILE_DESCRIPTOR_H_

#include <unistd.h>

namespace rollcall::base {

// Closes what it was given when it is destroyed; errors of close are not seen. Thread-safety: that
// of the descriptor.
class FileDescriptor {
 public:
  // What open() returned: a descriptor that is this object's from now on, or negative for none.
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  const int fd_;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_FILE_DESCRIPTOR_H_

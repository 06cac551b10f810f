#ifndef ROLLCALL_HTTP_STATIC_FILES_H_
#define ROLLCALL_HTTP_STATIC_FILES_H_

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/status.h"
#include "http/message.h"

namespace rollcall::http {

// The files of the web pages, read once: what is served is what was there at the start, and no path of a request ever
// reaches the file system. Thread-safe.
class StaticFiles {
 public:
  // Everything below `folder`, at "/" and its path there; a page.html also at "/page", and index.html at "/". Names that
  // begin with a dot are passed over. A file.gz beside a file is what clients get that read gzip.
  //
  // Files below assets/ carry a hash of their content in their names, so that they may be kept for ever; all others are
  // asked for again.
  //
  // NotFound, reason NO_WEB_FILES: there is no such folder, or no index.html in it. InvalidArgument, reason BAD_WEB_FILE: a
  // file that cannot be read, is above 16 MiB or has an ending that no page of ours has; the message names it.
  static absl::StatusOr<StaticFiles> Load(const std::filesystem::path& folder);

  // The answer to a GET or HEAD; 404 where there is no such file, 405 for any other method, 304 where the client has it.
  Response Answer(const Request& request) const;

  size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string type;
    std::string tag;  // of the content, quoted
    bool for_ever = false;
    std::shared_ptr<const std::string> content;
    std::shared_ptr<const std::string> gzip;  // null: none
  };

  std::map<std::string, File, std::less<>> files_;  // by path
};

}  // namespace rollcall::http

#endif  // ROLLCALL_HTTP_STATIC_FILES_H_

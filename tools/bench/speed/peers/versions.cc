#include "bench/speed/peers/versions.h"

#include <sqlite3.h>

#include <cstdio>
// After <cstdio>, which it needs and does not include.
#include <dlib/revision.h>
#include <grpcpp/grpcpp.h>
#include <jpeglib.h>

#include <opencv2/core/version.hpp>

#include "bench/speed/peers/vectors.h"

namespace rollcall::bench {

std::vector<std::pair<std::string, std::string>> PeerVersions(const std::string& ort) {
  const int turbo = LIBJPEG_TURBO_VERSION_NUMBER;
  return {{"OpenCV", std::string(CV_VERSION) + ", one thread"},
          {"ONNX Runtime", ort},
          {"FAISS", FaissVersion()},
          {"hnswlib", HnswVersion()},
          {"dlib", std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION)},
          {"libjpeg-turbo", std::to_string(turbo / 1'000'000) + "." +
                                std::to_string(turbo / 1000 % 1000) + "." +
                                std::to_string(turbo % 1000)},
          {"gRPC", grpc::Version()},
          {"SQLite", sqlite3_libversion()}};
}

}  // namespace rollcall::bench

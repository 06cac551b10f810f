# Everything comes from Debian 12 by package name; tools/setup lists the packages.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenCV 4.6 REQUIRED COMPONENTS core imgproc dnn objdetect)
find_package(dlib CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
find_package(ONNX CONFIG REQUIRED)  # its file format alone, onnx_proto
find_package(hwy CONFIG REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(date CONFIG REQUIRED)  # time zones by name, until the standard library has them
find_package(CLI11 CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto SSL)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
find_package(CURL 7.85 REQUIRED)  # service/webhooks
pkg_check_modules(EXIF REQUIRED IMPORTED_TARGET libexif)
# service/papers: certificates made (Cairo, Pango, libqrencode) and read (poppler, zxing-cpp).
pkg_check_modules(PANGO REQUIRED IMPORTED_TARGET pangocairo pangoft2 cairo-pdf harfbuzz)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(POPPLER REQUIRED IMPORTED_TARGET poppler-cpp)
find_package(ZXing CONFIG REQUIRED)

if(NOT ROLLCALL_CORE_ONLY)
  find_package(gRPC CONFIG REQUIRED)
  find_package(Boost 1.81 REQUIRED)  # service/http; headers alone
  find_package(OpenCV 4.6 REQUIRED COMPONENTS core imgproc dnn objdetect imgcodecs videoio)
endif()

if(ROLLCALL_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
endif()

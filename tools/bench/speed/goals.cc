#include "bench/speed/goals.h"

#include <algorithm>

namespace rollcall::bench {
namespace {

constexpr Goal kGoals[] = {
    {"decode", "decode 1280 x 720 JPEG", "cv::imdecode, same output size", 0.35},
    {"decode_scaled", "decode for detection", "the bare libjpeg loop at that scale", 1.3},
    {"detect_cv", "detect, default net", "cv::dnn, one thread", 0.2},
    {"detect_ort", "detect, default net", "ONNX Runtime, one thread", 0.5},
    {"align", "align", "cv::warpAffine of the same patch", 1.0},
    {"landmark_ort", "landmarks", "ONNX Runtime, one thread", 0.6},
    {"embed_cv", "embed, default net, fast path", "cv::dnn f32", 0.18},
    {"embed_ort", "embed, default net, fast path", "ONNX Runtime f32", 0.25},
    {"embed_f32_ort", "embed, f32 path", "ONNX Runtime f32", 0.5},
    {"embed2_ort", "embed, second opinion", "ONNX Runtime f32 on the same net", 0.7},
    {"search_1m", "exact search, one probe, 1 million x 512", "a bare read of the int8 bytes",
     1.15},
    {"search_1m_faiss", "exact search, one probe, 1 million x 512", "FAISS IndexFlatIP, one probe",
     0.05},
    {"search_64", "exact search, 64 probes at once", "FAISS IndexFlatIP, 64 probes, per core",
     0.25},
    {"request_cv", "whole request, 720p, one face, 100,000 people",
     "cv::imdecode + cv::dnn x 3 + FAISS", 0.15},
    {"request_ort", "the same without the search", "cv::imdecode + ONNX Runtime x 3", 0.35},
    {"rpc", "RPC around the pipeline", "a bare gRPC echo of the same bytes", 1.3},
    {"second_face", "each further face in the frame", "a frame with one face", 0.5},
    {"tracked", "a frame whose face is already recognised and still there", "a full request", 0.35},
    // Beside the table: ratios whose goal is a bound and not a peer.
    {"memory_1m", "resident memory of 1 million templates", "1.25 x raw int8 bytes + 300 MB", 1.0},
    {"search_slope", "log-log slope of search time above the cache, 1 being linear", "1.05", 1.0},
    {"search_enrol_p99", "p99 of searches while people are enrolled", "p99 of searches when idle",
     1.5},
    {"two_cores", "vision of the same frames on two cores", "on one core", 1 / 1.8},
    {"load_p99", "16 kiosks at 5 frames a second: p99 of an answer", "100 ms", 1.0},
    {"load_fair", "0.8 of a kiosk's fair share of answers", "what the worst served kiosk got", 1.0},
    {"load_double", "twice that load, the rest shed: p99 of an answer", "100 ms", 1.0},
    {"load_receipts", "confirmed check-ins under load that are not in the ledger",
     "one in all of them", 0.0},
    // For the reader.
    {"detect_yunet", "detect, default net, whole step", "cv::FaceDetectorYN 320 x 320", {}},
    {"detect_hog", "detect, default net, whole step", "dlib's HOG at 640 x 360", {}},
    {"embed_dlib", "embed, default net, fast path", "dlib's face net", {}},
    {"search_sq8", "exact search, one probe", "FAISS IndexScalarQuantizer, 8 bit, one probe", {}},
    {"search_hnsw", "exact search, one probe", "hnswlib, approximate", {}},
    {"commit", "a check-in, durable, 64 at once, each", "the same row by one SQLite commit", {}},
};

}  // namespace

std::span<const Goal> Goals() { return kGoals; }

const Goal* FindGoal(std::string_view id) {
  const auto* found = std::find_if(std::begin(kGoals), std::end(kGoals),
                                   [id](const Goal& goal) { return goal.id == id; });
  return found == std::end(kGoals) ? nullptr : found;
}

std::string FaultOfId(std::string_view id) {
  if (FindGoal(id) != nullptr) return "";
  std::string fault = "there is no row \"" + std::string(id) + "\"; the rows are";
  for (const Goal& goal : kGoals) fault += std::string(" ") + goal.id;
  return fault;
}

}  // namespace rollcall::bench

#include "cli/finding.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "client/files.h"
#include "client/program.h"
#include "client/text_width.h"

namespace rollcall::cli {
namespace {

struct ReasonText {
  std::string_view reason;
  std::string_view chinese;
};
// The reasons for which a file holds nothing to judge; another one has the general sentence only.
constexpr ReasonText kReasons[] = {
    {"EMPTY_FILE", "文件是空的。"},
    {"UNKNOWN_FILE", "文件既不是 PDF、JSON、VC-JWT，也不是 JPEG 或 PNG 图片。"},
    {"BAD_PDF", "不是可读的 PDF，或文件不完整。"},
    {"NO_QR_CODE", "图中没有读到证书二维码：请靠近、放平、对焦后重拍。"},
    {"SEVERAL_QR_CODES", "图中有两张不同证书的二维码：请分别拍摄。"},
    {"BAD_PICTURE", "图片过大或不可用。"},
    {"PICTURE_TRUNCATED", "图片文件不完整。"},
    {"PICTURE_DAMAGED", "图片文件已损坏。"},
    {"BAD_CERTIFICATE", "不是完整的工时证书。"},
    {"BAD_RECEIPT", "不是完整的账本回执。"},
    {"BAD_NOTE", "不是完整的检查点。"},
    {"BAD_CHECKPOINT", "不是完整的检查点。"},
    {"BAD_UPDATE", "不是完整的检查点更新。"},
};

nlohmann::json ToJson(const std::vector<Sentence>& sentences) {
  nlohmann::json list = nlohmann::json::array();
  for (const Sentence& sentence : sentences) {
    list.push_back({{"en", sentence.english}, {"zh", sentence.chinese}});
  }
  return list;
}

void PrintJson(const Finding& finding) {
  nlohmann::json facts = nlohmann::json::object();
  for (const Fact& fact : finding.facts) {
    std::visit([&](const auto& value) { facts[std::string(fact.key)] = value; }, fact.value);
  }
  const nlohmann::json json = {
      {"genuine", finding.genuine},
      {"verdict", finding.word},
      {"sentence", {{"en", finding.verdict.english}, {"zh", finding.verdict.chinese}}},
      {"meaning", {{"en", finding.meaning.english}, {"zh", finding.meaning.chinese}}},
      {"reason", finding.reason},
      {"message", finding.message},
      // Nobody vouches for the facts of what is not genuine.
      {"facts", facts},
      {"checked", ToJson(finding.checked)},
      {"not_checked", ToJson(finding.not_checked)}};
  std::printf(
      "%s\n",
      json.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace).c_str());
}

void PrintSentences(const char* title, const std::vector<Sentence>& sentences) {
  if (sentences.empty()) return;
  std::printf("\n%s\n", title);
  for (const Sentence& sentence : sentences) {
    std::printf("  - %s\n    %s\n", std::string(sentence.english).c_str(),
                std::string(sentence.chinese).c_str());
  }
}

void PrintFacts(const Finding& finding) {
  if (finding.facts.empty()) return;
  std::printf("\n%s\n", finding.genuine ? "It says  所载内容" : "It claims  自称内容");
  std::vector<std::string> labels;
  size_t width = 0;
  for (const Fact& fact : finding.facts) {
    labels.push_back(std::string(fact.label.english) + "  " + std::string(fact.label.chinese));
    width = std::max(width, client::DisplayWidth(labels.back()));
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto& value = finding.facts[i].value;
    const std::string text = std::holds_alternative<int64_t>(value)
                                 ? std::to_string(std::get<int64_t>(value))
                                 : client::TerminalText(std::get<std::string>(value));
    std::printf("  %s  %s\n", client::PadToWidth(labels[i], width).c_str(), text.c_str());
  }
}

void PrintText(const Finding& finding) {
  std::printf("%s  %s\n%s\n%s\n", std::string(finding.verdict.english).c_str(),
              std::string(finding.verdict.chinese).c_str(),
              std::string(finding.meaning.english).c_str(),
              std::string(finding.meaning.chinese).c_str());
  if (!finding.message.empty()) {
    std::printf("Why: %s [%s]\n", client::TerminalText(finding.message).c_str(),
                finding.reason.c_str());
  }
  PrintFacts(finding);
  PrintSentences("Checked  已核验", finding.checked);
  PrintSentences("Not checked  未核验", finding.not_checked);
}

}  // namespace

Finding NothingToJudge(const absl::Status& status) {
  Finding finding;
  finding.word = "unreadable";
  finding.verdict = {"NOTHING TO VERIFY", "无法核验"};
  finding.meaning = {"This file could not be read as what it should be. Nothing is proven by it.",
                     "无法按所需格式读取此文件，它不能证明任何内容。"};
  finding.reason = base::ErrorReason(status);
  finding.message = base::Message(status);
  for (const ReasonText& text : kReasons) {
    if (text.reason == finding.reason) finding.meaning.chinese = text.chinese;
  }
  return finding;
}

int Report(const client::Program& program, const Finding& finding) {
  if (program.json()) {
    PrintJson(finding);
  } else {
    PrintText(finding);
  }
  return finding.genuine ? client::kExitOk : client::kExitFailure;
}

absl::StatusOr<std::string> ReadInput(const std::string& path, size_t max_bytes) {
  auto bytes = client::ReadFile(path, max_bytes);
  if (!bytes.ok()) return client::UsageError(base::Message(bytes.status()));
  return bytes;
}

}  // namespace rollcall::cli

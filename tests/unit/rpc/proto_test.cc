// The written contract: what the .proto files promise in words, and what may never change.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "rollcall/v1/activity_service.pb.h"
#include "rollcall/v1/admin_service.pb.h"
#include "rollcall/v1/ban_service.pb.h"
#include "rollcall/v1/certificate_service.pb.h"
#include "rollcall/v1/check_in_service.pb.h"
#include "rollcall/v1/correction_service.pb.h"
#include "rollcall/v1/dispute_service.pb.h"
#include "rollcall/v1/enrolment_service.pb.h"
#include "rollcall/v1/errors.pb.h"
#include "rollcall/v1/event_service.pb.h"
#include "rollcall/v1/identity_service.pb.h"
#include "rollcall/v1/irregularity_service.pb.h"
#include "rollcall/v1/ledger_service.pb.h"
#include "rollcall/v1/options.pb.h"
#include "rollcall/v1/privacy_service.pb.h"
#include "rollcall/v1/proof_service.pb.h"
#include "rollcall/v1/resources.pb.h"
#include "rollcall/v1/star_service.pb.h"
#include "rollcall/v1/webhook_service.pb.h"
#include "rpc/unary.h"
#include "support/environment.h"

namespace rollcall {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

fs::path ProtoDir() { return support::SourceDir() / "proto/rollcall/v1"; }

std::vector<const FileDescriptor*> Files() {
  return {v1::CreateOrganisationRequest::descriptor()->file(),
          v1::GetServerInfoRequest::descriptor()->file(),
          v1::IssueCertificateRequest::descriptor()->file(),
          v1::CreateProposalRequest::descriptor()->file(),
          v1::OpenDisputeRequest::descriptor()->file(),
          v1::ApplyForStarRequest::descriptor()->file(),
          v1::OpenBanCaseRequest::descriptor()->file(),
          v1::Frame::descriptor()->file(),
          v1::Photo::descriptor()->file(),
          v1::ErrorInfo::descriptor()->file(),
          v1::CreateIdentityRequest::descriptor()->file(),
          v1::StreamEventsRequest::descriptor()->file(),
          v1::CreateWebhookRequest::descriptor()->file(),
          v1::ListHoursRequest::descriptor()->file(),
          v1::ListIrregularitiesRequest::descriptor()->file(),
          v1::AccessRule::descriptor()->file(),
          v1::PrivacyReport::descriptor()->file(),
          v1::GetCheckpointRequest::descriptor()->file(),
          v1::Volunteer::descriptor()->file()};
}

std::vector<std::string> Lines(const fs::path& path) {
  std::stringstream text(support::ReadFile(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    const size_t start = line.find_first_not_of(' ');
    lines.push_back(start == std::string::npos ? "" : line.substr(start));
  }
  return lines;
}

TEST(Proto, EveryFileOfThePackageIsLookedAt) {
  std::set<std::string> on_disk;
  for (const auto& entry : fs::directory_iterator(ProtoDir())) {
    if (entry.path().extension() == ".proto") on_disk.insert(entry.path().filename());
  }
  std::set<std::string> tested;
  for (const FileDescriptor* file : Files()) tested.insert(fs::path(file->name()).filename());
  EXPECT_EQ(tested, on_disk);
}

// Requests say what must be there, answers what never has to be sent.
TEST(Proto, EveryFieldCommentBeginsWithItsBehaviour) {
  const std::regex field(R"(^(repeated |optional )?[A-Za-z_.0-9]+(<.*>)? [a-z_0-9]+ = \d+[ ;].*)");
  int fields = 0;
  for (const FileDescriptor* file : Files()) {
    if (fs::path(file->name()).filename() == "options.proto") continue;  // read by us, never sent
    const std::vector<std::string> lines = Lines(ProtoDir() / fs::path(file->name()).filename());
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!std::regex_match(lines[i], field) || lines[i].starts_with("option ")) continue;
      ++fields;
      size_t first = i;
      while (first > 0 && lines[first - 1].starts_with("//")) --first;
      const std::string& comment = lines[first];
      EXPECT_TRUE(comment.starts_with("// Required") || comment.starts_with("// Optional.") ||
                  comment.starts_with("// Output only."))
          << file->name() << ":" << i + 1 << ": " << lines[i];
    }
  }
  EXPECT_GT(fields, 200) << "the pattern no longer finds the fields";
}

void CheckEnum(const EnumDescriptor& type, std::vector<std::string>* faults) {
  const std::string& zero = type.FindValueByNumber(0)->name();
  if (!zero.ends_with("_UNSPECIFIED")) faults->push_back(type.full_name());
}

TEST(Proto, ZeroOfEveryEnumMeansNothing) {
  std::vector<std::string> faults;
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->enum_type_count(); ++i) CheckEnum(*file->enum_type(i), &faults);
  }
  EXPECT_EQ(faults, std::vector<std::string>{});
}

void Describe(const Descriptor& message, std::set<std::string>* out) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    std::string type = field.type_name();
    if (field.message_type() != nullptr) type = field.message_type()->full_name();
    if (field.enum_type() != nullptr) type = field.enum_type()->full_name();
    out->insert("field " + field.full_name() + " = " + std::to_string(field.number()) + " " +
                (field.is_repeated() ? "repeated " : "") + type);
  }
  for (int i = 0; i < message.nested_type_count(); ++i) Describe(*message.nested_type(i), out);
}

std::set<std::string> Contract() {
  std::set<std::string> out;
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->message_type_count(); ++i) Describe(*file->message_type(i), &out);
    for (int i = 0; i < file->enum_type_count(); ++i) {
      const EnumDescriptor& type = *file->enum_type(i);
      for (int v = 0; v < type.value_count(); ++v) {
        out.insert("value " + type.full_name() + "." + type.value(v)->name() + " = " +
                   std::to_string(type.value(v)->number()));
      }
    }
    for (int i = 0; i < file->service_count(); ++i) {
      for (int m = 0; m < file->service(i)->method_count(); ++m) {
        const auto& method = *file->service(i)->method(m);
        out.insert("method " + method.full_name() + " (" +
                   (method.client_streaming() ? "stream " : "") + method.input_type()->name() +
                   ") returns (" + (method.server_streaming() ? "stream " : "") +
                   method.output_type()->name() + ")");
      }
    }
  }
  return out;
}

// "Deadline 1 s, at most 5 s." above a method, or "All deadlines: 2 s recommended, at most 5 s."
// above the service.
TEST(Proto, TheServerKeepsTheDeadlinesOfTheComments) {
  const std::regex rpc(R"(^rpc ([A-Za-z]+)\(.*)");
  const std::regex at_most(R"(at most (\d+) s\b)");
  int methods = 0;
  for (const FileDescriptor* file : Files()) {
    if (file->service_count() == 0) continue;
    std::string for_all;
    std::string comment;
    for (const std::string& line : Lines(ProtoDir() / fs::path(file->name()).filename())) {
      std::smatch found;
      if (line.starts_with("//")) {
        comment += line.substr(2);
        continue;
      }
      if (line.starts_with("service ")) for_all = comment;
      if (std::regex_search(line, found, rpc)) {
        const std::string name = file->service(0)->full_name() + "/" + found[1].str();
        std::smatch most;
        const bool streaming = line.find("(stream ") != std::string::npos;
        if (!streaming) {
          ++methods;
          ASSERT_TRUE(std::regex_search(comment, most, at_most) ||
                      std::regex_search(for_all, most, at_most))
              << name << " does not say how long it may take";
          EXPECT_EQ(rpc::DeadlineMax(name), std::chrono::seconds(std::stoi(most[1]))) << name;
        }
      }
      comment.clear();
    }
  }
  EXPECT_GT(methods, 25) << "the pattern no longer finds the methods";
}

// Clients in the field keep their version for years: fields and numbers are added, never changed.
// The list in tests/golden is what has been promised so far.
TEST(Proto, NothingThatWasPromisedHasChanged) {
  const fs::path golden = support::SourceDir() / "tests/golden/rollcall_v1.txt";
  const std::vector<std::string> lines = Lines(golden);
  const std::set<std::string> promised(lines.begin(), lines.end());
  const std::set<std::string> now = Contract();
  std::vector<std::string> broken;
  std::set_difference(promised.begin(), promised.end(), now.begin(), now.end(),
                      std::back_inserter(broken));
  EXPECT_EQ(broken, std::vector<std::string>{}) << "removed or changed: clients break";
  std::vector<std::string> added;
  std::set_difference(now.begin(), now.end(), promised.begin(), promised.end(),
                      std::back_inserter(added));
  std::string list;
  for (const std::string& line : added) list += line + "\n";
  EXPECT_EQ(list, "") << "new: add these lines, sorted, to " << golden.filename();
}

}  // namespace
}  // namespace rollcall

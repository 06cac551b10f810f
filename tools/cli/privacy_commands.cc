// rollcall privacy.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/output.h"
#include "client/connection.h"
#include "client/names.h"
#include "client/program.h"
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/privacy_service.grpc.pb.h"

namespace rollcall::cli {
namespace {

using client::Connection;
using client::Program;
using Stub = v1::PrivacyService::Stub;

std::string InBoth(const std::string& en, const std::string& zh) { return en + " / " + zh; }

std::string Or(const std::string& text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

void PrintHeld(const v1::PrivacyReport& report, bool bold) {
  client::Table table(
      {{"HELD / 保存的数据"}, {"NUMBER / 数量"}, {"SINCE / 起始"}, {"ERASED / 删除"}});
  for (const v1::HeldData& held : report.held()) {
    table.AddRow({held.label(), held.count() > 0 ? std::to_string(held.count()) : "",
                  client::LocalTime(held.since_time()),
                  held.has_erase_time() ? client::LocalTime(held.erase_time()) : held.kept()});
    table.AddRow({held.label_zh(), "", "", held.has_erase_time() ? "" : held.kept_zh()});
  }
  std::printf("%s\n", table.ToText(bold).c_str());
  for (const v1::HeldData& held : report.held()) {
    if (held.data_class() != v1::FACE_TEMPLATE) continue;
    client::Table face({{"FACE TEMPLATE / 人脸模板"}, {""}});
    face.AddRow({"model / 模型", Or(held.model_id(), "not known")});
    face.AddRow({"photos / 照片数", held.count() > 0 ? std::to_string(held.count()) : "not known"});
    face.AddRow({"consent / 同意书", Or(held.consent_reference(), "none")});
    face.AddRow({"wording / 文本版本", held.consent_text_version()});
    face.AddRow({"notice / 告知书版本", Or(held.notice_version(), "none")});
    face.AddRow({"kept / 保存期限", InBoth(held.kept(), held.kept_zh())});
    std::printf("%s\n", face.ToText(bold).c_str());
  }
}

// The lines that `wanted`, a function of the kind, asks for.
template <typename Wanted>
void PrintLines(const Program& program, const v1::PrivacyReport& report, const char* title,
                const char* if_none, Wanted wanted) {
  client::Table table({{title}, {"WHO / 经手人"}, {"WHAT / 事项"}, {"DETAIL / 说明"}});
  for (const v1::ProcessingEntry& entry : report.processing()) {
    if (!wanted(entry.kind())) continue;
    table.AddRow({client::LocalTime(entry.time()), entry.actor(),
                  InBoth(entry.label(), entry.label_zh()), entry.detail()});
  }
  PrintTable(program, table, if_none);
  std::printf("\n");
}

bool IsLook(v1::ProcessingKind kind) { return kind == v1::REPORT || kind == v1::GROUP_PICTURE; }
bool IsErasure(v1::ProcessingKind kind) {
  return kind == v1::ERASURE || kind == v1::PERSON_ERASED;
}

void PrintReport(const Program& program, const v1::PrivacyReport& report) {
  client::Table facts({{"PRIVACY REPORT / 个人数据报告"}, {report.volunteer_id()}});
  if (report.has_erase_time()) {
    facts.AddRow({"erased / 已注销", client::LocalTime(report.erase_time())});
  } else {
    facts.AddRow({"name / 姓名", report.name()});
  }
  facts.AddRow({"time / 时间", client::LocalTime(report.report_time())});
  facts.AddRow({"operator / 处理者", Or(report.notice().operator_name(), "not entered")});
  facts.AddRow(
      {"impact assessment / 影响评估", Or(report.notice().impact_assessment(), "not entered")});
  std::printf("%s\n", facts.ToText(program.colour()).c_str());
  PrintHeld(report, program.colour());
  PrintLines(program, report, "DONE WITH FACE DATA / 人脸数据处理", "Nothing. / 无",
             [](v1::ProcessingKind kind) { return !IsLook(kind) && !IsErasure(kind); });
  PrintLines(program, report, "WHO LOOKED / 查阅", "Nobody. / 无", IsLook);
  PrintLines(program, report, "ERASED / 已删除", "Nothing. / 无", IsErasure);
  std::printf(
      "Check-ins: rollcall events list, each with its evidence. / 签到记录见 rollcall events "
      "list。\n");
}

void AddReport(Program& program, CLI::App& group) {
  auto request = std::make_shared<v1::GetPrivacyReportRequest>();
  CLI::App* command = group.add_subcommand(
      "report",
      "What is held about a person, since when and until when, who looked, what was erased.\n"
      "Reading it leaves a line in it");
  command->add_option("--volunteer", *request->mutable_volunteer_id(), "Volunteer number")
      ->required();
  program.OnRun(*command, [=, &program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::PrivacyService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::PrivacyReport report,
                     client::Call(*stub, &Stub::GetPrivacyReport, *request, client::kQuickCall));
    Print(program, report, [&] { PrintReport(program, report); });
    return client::kExitOk;
  });
}

void AddNotice(Program& program, CLI::App& group) {
  CLI::App* command =
      group.add_subcommand("notice", "What people are told before their faces are used");
  program.OnRun(*command, [&program](Connection& connection) -> absl::StatusOr<int> {
    const auto stub = v1::PrivacyService::NewStub(connection.channel());
    ASSIGN_OR_RETURN(const v1::PrivacyNotice notice,
                     client::Call(*stub, &Stub::GetPrivacyNotice, v1::GetPrivacyNoticeRequest(),
                                  client::kQuickCall));
    Print(program, notice, [&] {
      if (notice.text().empty() && notice.text_zh().empty()) {
        std::printf("No notice is entered: faces are used in practice only, or not at all.\n");
        return;
      }
      std::printf("%s (%s)\n\n%s\n\n%s\n", client::TerminalText(notice.operator_name()).c_str(),
                  notice.version().c_str(), client::TerminalText(notice.text()).c_str(),
                  client::TerminalText(notice.text_zh()).c_str());
    });
    return client::kExitOk;
  });
}

}  // namespace

void AddPrivacyCommands(Program& program) {
  CLI::App* group = program.app().add_subcommand(
      "privacy", "What is held about people, and what they are told: report, notice");
  group->require_subcommand(1);
  AddReport(program, *group);
  AddNotice(program, *group);
}

}  // namespace rollcall::cli

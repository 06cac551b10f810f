// rollcall verify certificate: is this hour certificate good? Without a network.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/finding.h"
#include "cli/key_file.h"
#include "cli/paper_file.h"
#include "cli/verify_commands.h"
#include "client/program.h"
#include "client/when.h"
#include "papers/revocations.h"
#include "papers/verify.h"

namespace rollcall::cli {
namespace {

using client::Program;
using papers::Verdict;
using papers::Verification;

constexpr size_t kMaxRevocationBytes = size_t{16} << 20;

struct Arguments {
  std::string file;
  std::string key;
  std::string revocations;
  std::string at;
};

absl::StatusOr<papers::Trust> ReadTrust(const Arguments& arguments) {
  papers::Trust trust;
  const base::Time now = base::SystemClock().Now();
  trust.now = now;
  if (!arguments.at.empty()) {
    const auto at = client::ParseWhen(arguments.at, now, now);
    if (!at.ok()) return client::UsageError("--at: " + base::Message(at.status()));
    trust.now = *at;
  }
  ASSIGN_OR_RETURN(KnownKeys keys, ReadKeys(arguments.key));
  trust.keys = std::move(keys.certificates);
  if (arguments.revocations.empty()) return trust;
  ASSIGN_OR_RETURN(const std::string text, ReadInput(arguments.revocations, kMaxRevocationBytes));
  auto list = papers::ReadRevocations(text, trust.keys, nullptr);
  if (!list.ok()) {
    return client::UsageError(arguments.revocations + ": " + base::Message(list.status()));
  }
  trust.revocations = *std::move(list);
  return trust;
}

// Verdict, what follows from it, and the reason for programs.
void AddVerdict(const Verification& verification, Finding& finding) {
  finding.word = papers::VerdictWord(verification.verdict);
  switch (verification.verdict) {
    case Verdict::kValid:
      finding.genuine = true;
      finding.verdict = {"GENUINE", "证书有效"};
      finding.meaning = {"The holder of the key signed exactly this, and it is final.",
                         "内容与签发机构的签名一致，且已过公示期。"};
      return;
    case Verdict::kNotYetFinal:
      finding.verdict = {"NOT FINAL YET", "尚在公示期"};
      finding.meaning = {
          "Signed, but its publicity period is not over: objections may still undo it. "
          "Ask again from the date below.",
          "签名一致，但公示期未满，仍可能因异议而撤销。请在下列日期之后再次核验。"};
      finding.reason = "NOT_YET_FINAL";
      return;
    case Verdict::kRevoked:
      finding.verdict = {"REVOKED", "证书已撤销"};
      finding.meaning = {"It was signed, and has been taken back since. It is no longer good.",
                         "此证书曾经签发，但已被撤销，不再有效。"};
      finding.reason = "REVOKED";
      return;
    case Verdict::kAltered:
      finding.verdict = {"NOT GENUINE: altered", "证书不实：内容被改动"};
      finding.meaning = {
          "This is not what the holder of the key signed. Believe nothing that it says.",
          "内容与签名不符，所载内容均不可信。"};
      finding.reason = "ALTERED";
      return;
    case Verdict::kUnknownKey:
      finding.verdict = {"NOT GENUINE by these keys", "不是所给密钥签发的证书"};
      finding.meaning = {
          "It names another key than those given. Either it is another operator's, whose "
          "key you need from that operator, or it is made up.",
          "证书所用密钥不在所给密钥之中：可能由其他机构签发（请向该机构索取密钥），也可能是"
          "伪造的。"};
      finding.reason = "UNKNOWN_KEY";
      return;
  }
}

std::string DayText(std::chrono::year_month_day day) {
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

void AddFacts(const papers::Summary& summary, Finding& finding) {
  const auto day = [&](base::Time time) {
    return DayText(papers::LocalDate(time, summary.utc_offset_minutes));
  };
  auto& facts = finding.facts;
  facts.push_back({"number", {"number", "编号"}, summary.number});
  facts.push_back({"holder_name", {"holder", "姓名"}, summary.holder_name});
  facts.push_back({"volunteer_id", {"volunteer", "志愿者编号"}, summary.volunteer_id});
  facts.push_back({"organisation_name", {"organisation", "签发机构"}, summary.organisation_name});
  facts.push_back({"organisation_id", {"organisation id", "机构编号"}, summary.organisation_id});
  facts.push_back({"first_day", {"from", "起"}, DayText(summary.first_day)});
  facts.push_back({"last_day", {"to", "止"}, DayText(summary.last_day)});
  const papers::Minutes& minutes = summary.minutes;
  facts.push_back({"minutes", {"minutes in all", "合计分钟"}, int64_t{minutes.Total()}});
  facts.push_back({"minutes_witnessed",
                   {"  witnessed on site", "现场见证"},
                   int64_t{minutes.witnessed_on_site}});
  facts.push_back({"minutes_attested",
                   {"  attested by staff", "工作人员证明"},
                   int64_t{minutes.attested_by_staff}});
  facts.push_back({"minutes_entered_afterwards",
                   {"  entered afterwards", "事后补录"},
                   int64_t{minutes.entered_afterwards}});
  facts.push_back({"issued", {"issued", "签发日期"}, day(summary.issued)});
  facts.push_back({"final_from", {"final from", "公示期满"}, day(summary.final_from)});
  facts.push_back({"key_id", {"key", "密钥"}, papers::ToBase64Url(summary.key_id)});
}

void AddStatementFacts(const papers::Statement& statement, Finding& finding) {
  finding.facts.push_back(
      {"person_in_charge", {"in charge", "负责人"}, statement.person_in_charge});
  finding.facts.push_back(
      {"activities", {"activities", "活动数"}, static_cast<int64_t>(statement.activities.size())});
  finding.facts.push_back(
      {"ledger",
       {"ledger", "账本"},
       statement.checkpoint.origin + " at row " + std::to_string(statement.checkpoint.size)});
}

void AddScope(PaperForm form, const Verification& verification, Finding& finding) {
  const bool judged = verification.verdict != Verdict::kUnknownKey;
  if (!judged) {
    finding.not_checked.push_back({"the signature: its key is not known here", "签名：密钥未知"});
    return;
  }
  if (verification.statement.has_value()) {
    finding.checked.push_back(
        {"the signature over the whole statement: holder, period, minutes and every activity",
         "对全部内容（姓名、期间、分钟数及每项活动）的签名"});
  } else {
    finding.checked.push_back(
        {"the signature over what the QR code holds: holder, period, totals by class, dates",
         "对二维码所载内容（姓名、期间、各类合计、日期）的签名"});
    finding.not_checked.push_back(
        {form == PaperForm::kQrText
             ? "any paper: compare holder, period and minutes above with what is printed"
             : "the words printed around the QR code, the list of activities included: compare "
               "holder, "
               "period and minutes above with them, or verify the JSON or VC-JWT form",
         "二维码以外的印刷文字（包括活动清单）：请将上列姓名、期间、分钟数与纸面核对，或核验 JSON、"
         "VC-JWT 文件"});
  }
  if (verification.verdict == Verdict::kAltered) return;
  if (!verification.revocations_as_of.has_value()) {
    finding.not_checked.push_back(
        {"whether it has been revoked: get the operator's list and give it with --revocations",
         "是否已撤销：请取得签发机构的撤销名单，并用 --revocations 指定"});
  } else if (verification.verdict != Verdict::kRevoked) {
    if (*verification.revocations_as_of < verification.summary.issued) {
      finding.not_checked.push_back(
          {"whether it has been revoked: the list is older than the certificate, get a newer one",
           "是否已撤销：撤销名单早于证书签发时间，请取得新名单"});
    } else {
      finding.checked.push_back({"it is not in the revocation list (whose date stands above)",
                                 "不在撤销名单之中（名单日期见上）"});
      finding.not_checked.push_back({"revocations after that list", "该名单之后的撤销"});
    }
  }
  if (verification.verdict != Verdict::kRevoked) {
    finding.checked.push_back({"the end of the publicity period, by this computer's clock or --at",
                               "公示期是否届满（按本机时钟或 --at）"});
  }
  finding.not_checked.push_back(
      {"that whoever shows it is the holder, and that the key is the operator's: get it from them",
       "出示者是否为本人；密钥是否确属签发机构（请直接向其索取）"});
}

Finding MakeFinding(PaperForm form, const Verification& verification) {
  Finding finding;
  AddVerdict(verification, finding);
  finding.facts.push_back({"form", {"file", "文件形式"}, std::string(FormWord(form))});
  AddFacts(verification.summary, finding);
  if (verification.statement.has_value()) AddStatementFacts(*verification.statement, finding);
  if (verification.revocation.has_value()) {
    finding.facts.push_back(
        {"revoked", {"revoked", "撤销时间"}, base::FormatTime(verification.revocation->revoked)});
    finding.facts.push_back({"revocation_reason",
                             {"because", "撤销原因"},
                             std::string(papers::ReasonWord(verification.revocation->reason))});
  }
  if (verification.revocations_as_of.has_value()) {
    finding.facts.push_back({"revocations_as_of",
                             {"list of", "撤销名单日期"},
                             base::FormatTime(*verification.revocations_as_of)});
  }
  AddScope(form, verification, finding);
  return finding;
}

absl::StatusOr<int> Verify(const Program& program, const Arguments& arguments) {
  ASSIGN_OR_RETURN(const papers::Trust trust, ReadTrust(arguments));
  ASSIGN_OR_RETURN(const std::string bytes, ReadInput(arguments.file, kMaxPaperBytes));
  const auto form = FormOf(bytes);
  if (!form.ok()) return Report(program, NothingToJudge(form.status()));
  const auto verification = VerifyPaper(*form, bytes, trust);
  if (!verification.ok()) return Report(program, NothingToJudge(verification.status()));
  return Report(program, MakeFinding(*form, *verification));
}

}  // namespace

void AddVerifyCertificate(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      group.add_subcommand("certificate",
                           "Is this hour certificate good? Without a network: from the PDF, the "
                           "JSON, the VC-JWT, a photo\n"
                           "or scan (JPEG, PNG) of the QR code, or the code's text");
  command->add_option("FILE", arguments->file, "The certificate; its content decides what it is")
      ->required();
  command
      ->add_option(
          "--key", arguments->key,
          "File with the operator's public key, a line each for today's and earlier ones:\n"
          "the ledger's verifier key, a JWK or a did:jwk")
      ->required();
  command->add_option(
      "--revocations", arguments->revocations,
      "File with the operator's newest revocation list; without one nothing is found\n"
      "revoked");
  command->add_option("--at", arguments->at, "Judge the publicity period as of this time [now]");
  program.SetFooter(
      *command,
      "Exit codes here: 0 genuine and final; 1 not so, or no certificate in the file; 2\n"
      "nothing was checked: wrong usage, or a file, key or list that cannot be used.\n"
      "Example: rollcall verify certificate photo.jpg --key ledger.key --revocations "
      "revoked.txt");
  program.OnRunOffline(*command, [=, &program] { return Verify(program, *arguments); });
}

}  // namespace rollcall::cli

// `rollcall verify certificate|receipt|checkpoint`: the real program on files that the libraries
// made, with no server and no network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "ledger/row.h"
#include "papers/forms.h"
#include "papers/paper.h"
#include "papers/pdf_reader.h"
#include "papers/revocations.h"
#include "proof/merkle.h"
#include "proof/receipt.h"
#include "proof/witness.h"
#include "sample.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/program.h"

namespace rollcall {
namespace {

using support::ProgramResult;
using testing::HasSubstr;
using testing::Not;

constexpr char kLater[] = "2027-01-01T00:00:00Z";  // than the end of the publicity period
constexpr char kOrigin[] = "hall.example.org/rollcall";

// Has no network: an address that would be tried fails the run.
ProgramResult Rollcall(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), (support::BinaryDir() / "bin/rollcall").string());
  return support::RunProgram(arguments,
                             {"ROLLCALL_SERVER=@/nowhere", "ROLLCALL_IDENTITY=/nowhere"});
}

class OfflineTest : public testing::Test {
 protected:
  std::string Put(const std::string& name, const std::string& content) {
    const auto path = folder_.path() / name;
    support::WriteFile(path, content);
    return path.string();
  }
  std::string Put(const std::string& name, const base::Bytes& content) {
    return Put(name, std::string(content.begin(), content.end()));
  }
  // The one key of a data folder: MakeSigner's seed with the ledger's name.
  static proof::SigningKey LedgerKey(uint8_t seed = 7) {
    std::array<uint8_t, 32> bytes;
    bytes.fill(seed);
    return proof::SigningKey::FromSeed(kOrigin, bytes).value();
  }
  std::string KeyFile(uint8_t seed = 7) {
    return Put("ledger" + std::to_string(seed) + ".key",
               LedgerKey(seed).verifier().ToText() + "\n");
  }

  // Made once: a PDF takes a while.
  static const base::Bytes& Pdf() {
    static const base::Bytes pdf = papers::MakePdf(papers::MakeCertificate()).value();
    return pdf;
  }

  ProgramResult Certificate(const std::string& file, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"verify", "certificate", file, "--key", KeyFile()};
    if (std::find(more.begin(), more.end(), "--at") == more.end()) {
      more.insert(more.end(), {"--at", kLater});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Rollcall(arguments);
  }

  support::TempDir folder_;
};

nlohmann::json Json(const ProgramResult& result) {
  auto json = nlohmann::json::parse(result.output, nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(json.is_object()) << result.output << result.errors;
  return json.is_object() ? json : nlohmann::json::object();
}

std::string Verdict(const ProgramResult& result) { return Json(result).value("verdict", ""); }
std::string Reason(const ProgramResult& result) { return Json(result).value("reason", ""); }

// Page 1 as a phone sees it: turned, uneven light, blur, noise, JPEG.
base::Bytes Photograph(const base::Bytes& pdf, double degrees) {
  const papers::RenderedPage page = papers::RenderFirstPage(pdf).value();
  cv::Mat image(page.height, page.width, CV_8UC1, const_cast<uint8_t*>(page.pixels.data()));
  const cv::Point2f centre(static_cast<float>(image.cols) / 2, static_cast<float>(image.rows) / 2);
  cv::Mat turned;
  cv::warpAffine(image, turned, cv::getRotationMatrix2D(centre, degrees, 0.7), image.size(),
                 cv::INTER_LINEAR, cv::BORDER_CONSTANT, 200);
  cv::Mat picture;
  turned.convertTo(picture, CV_32F, 0.62, 40);
  for (int y = 0; y < picture.rows; ++y) picture.row(y) *= 0.75 + 0.35 * y / picture.rows;
  cv::GaussianBlur(picture, picture, {}, 1.0);
  cv::RNG random(1);
  cv::Mat noise(picture.size(), CV_32F);
  random.fill(noise, cv::RNG::NORMAL, 0, 8);
  picture += noise;
  picture.convertTo(picture, CV_8U);
  recognition::Picture colour{picture.cols, picture.rows, {}};
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      const uint8_t grey = picture.at<uint8_t>(y, x);
      // Warm light.
      colour.bgr.insert(colour.bgr.end(), {static_cast<uint8_t>(grey * 0.8), grey, grey});
    }
  }
  return support::EncodeJpeg(colour, 80);
}

TEST_F(OfflineTest, EveryFormOfACertificateIsGenuine) {
  const auto signer = papers::MakeSigner();
  const auto certificate = papers::MakeCertificate();
  const std::vector<std::pair<std::string, std::string>> forms = {
      {"json", Put("c.json", papers::MakeJson(certificate))},
      {"vc-jwt", Put("c.jwt", papers::MakeVcJwt(certificate.statement, signer).value() + "\n")},
      {"qr-text", Put("c.txt", papers::MakeQrText(certificate) + "\n")},
      {"pdf", Put("c.pdf", Pdf())},
      {"picture", Put("c.jpg", Photograph(Pdf(), 7))}};
  for (const auto& [form, file] : forms) {
    SCOPED_TRACE(form);
    const auto result = Certificate(file, {"--json"});
    EXPECT_EQ(result.code, 0) << result.output << result.errors;
    const auto json = Json(result);
    EXPECT_EQ(json["verdict"], "valid");
    EXPECT_EQ(json["genuine"], true);
    EXPECT_EQ(json["facts"]["form"], form);
    EXPECT_EQ(json["facts"]["holder_name"], "欧阳晓雯");
    EXPECT_EQ(json["facts"]["minutes"], 460);
    EXPECT_EQ(json["facts"]["minutes_entered_afterwards"], 120);
    // The name of the file says nothing.
    const bool whole = form == "json" || form == "vc-jwt";
    EXPECT_EQ(json["facts"].contains("activities"), whole);
    EXPECT_EQ(json["not_checked"].dump().find("printed") == std::string::npos, whole);
  }
}

TEST_F(OfflineTest, PeopleReadTheVerdictInTwoLanguagesAndWhatWasNotChecked) {
  const auto result = Certificate(Put("c.pdf", Pdf()));
  EXPECT_EQ(result.code, 0) << result.output << result.errors;
  EXPECT_THAT(result.output, HasSubstr("GENUINE  证书有效"));
  EXPECT_THAT(result.output, HasSubstr("Not checked  未核验"));
  EXPECT_THAT(result.output, HasSubstr("the words printed around the QR code"));
  EXPECT_THAT(result.output, HasSubstr("whether it has been revoked"));
  EXPECT_THAT(result.output, HasSubstr("欧阳晓雯"));
}

TEST_F(OfflineTest, APhotographAtAnyAngleIsRead) {
  for (const double degrees : {0.0, -12.0, 90.0, 180.0}) {
    const auto result = Certificate(Put("c.jpg", Photograph(Pdf(), degrees)), {"--json"});
    EXPECT_EQ(Verdict(result), "valid") << degrees << result.output << result.errors;
  }
}

TEST_F(OfflineTest, AKeyInEachOfItsForms) {
  const std::string file = Put("c.json", papers::MakeJson(papers::MakeCertificate()));
  const auto key = papers::MakeSigner().public_key();
  for (const std::string& text :
       {LedgerKey().verifier().ToText(), papers::Jwk(key), papers::DidJwk(key),
        "# earlier\n" + LedgerKey(9).verifier().ToText() + "\n\n# today\r\n" +
            LedgerKey().verifier().ToText() + "\r\n"}) {
    const auto result = Rollcall(
        {"verify", "certificate", file, "--key", Put("k", text), "--json", "--at", kLater});
    EXPECT_EQ(result.code, 0) << text << result.output << result.errors;
  }
}

TEST_F(OfflineTest, WithoutAUsableKeyNothingIsChecked) {
  const std::string file = Put("c.json", papers::MakeJson(papers::MakeCertificate()));
  const std::string good = LedgerKey().verifier().ToText();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "holds no key"},
      {"# nothing\n", "holds no key"},
      {"hello\n", "looks like NAME"},
      {good + "\n" + good.substr(0, good.size() - 2) + "\n", "line 2"},
      {LedgerKey().ToSecretText(), "SECRET key"},
      {"{\"crv\":\"Ed25519\"}", "not the Ed25519 key"},
      {"did:jwk:abc", "not the Ed25519 key"}};
  for (const auto& [text, message] : cases) {
    const auto result = Rollcall({"verify", "certificate", file, "--key", Put("k", text)});
    EXPECT_EQ(result.code, 2) << text;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(message));
    EXPECT_THAT(result.errors, Not(HasSubstr("PRIVATE")));
  }
  EXPECT_EQ(Rollcall({"verify", "certificate", file, "--key", "/nowhere/key"}).code, 2);
  EXPECT_EQ(Rollcall({"verify", "certificate", file}).code, 2);
  EXPECT_EQ(Certificate("/nowhere/file").code, 2);
}

TEST_F(OfflineTest, AnotherOperatorsKeyIsSaidSo) {
  const std::string file = Put("c.json", papers::MakeJson(papers::MakeCertificate()));
  const auto result = Rollcall({"verify", "certificate", file, "--key", KeyFile(8), "--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(Verdict(result), "unknown key");
}

TEST_F(OfflineTest, NoChangedBitPasses) {
  const auto signer = papers::MakeSigner();
  const auto certificate = papers::MakeCertificate();
  const std::vector<std::string> forms = {papers::MakeJson(certificate),
                                          papers::MakeVcJwt(certificate.statement, signer).value(),
                                          papers::MakeQrText(certificate)};
  int step = 0;
  for (const std::string& form : forms) {
    for (size_t at = 0; at < form.size(); at += 1 + form.size() / 24) {
      if (std::isspace(static_cast<unsigned char>(form[at])) != 0)
        continue;  // of no meaning in JSON
      std::string changed = form;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (step++ % 7)));
      const auto result = Certificate(Put("c", changed), {"--json"});
      EXPECT_EQ(result.code, 1) << at << result.output << result.errors;
    }
  }
}

TEST_F(OfflineTest, AnHourMoreIsNoticedInEveryForm) {
  papers::Certificate forged = papers::MakeCertificate();
  forged.statement.minutes.witnessed_on_site += 60;
  forged.statement.activities[0].minutes.witnessed_on_site += 60;
  for (const std::string& file :
       {Put("c.json", papers::MakeJson(forged)), Put("c.txt", papers::MakeQrText(forged)),
        Put("c.pdf", papers::MakePdf(forged).value())}) {
    const auto result = Certificate(file, {"--json"});
    EXPECT_EQ(result.code, 1);
    EXPECT_EQ(Verdict(result), "altered");
    EXPECT_EQ(Reason(result), "ALTERED");
  }
  EXPECT_THAT(Certificate(Put("c.json", papers::MakeJson(forged))).output,
              HasSubstr("It claims  自称内容"));
}

TEST_F(OfflineTest, BeforeTheEndOfThePublicityPeriodItIsNotFinal) {
  const std::string file = Put("c.json", papers::MakeJson(papers::MakeCertificate()));
  const auto early = Certificate(file, {"--json", "--at", "2026-12-01T07:59:59Z"});
  EXPECT_EQ(early.code, 1);
  EXPECT_EQ(Verdict(early), "not yet final");
  EXPECT_EQ(Certificate(file, {"--json", "--at", "2026-12-01T08:00:00Z"}).code, 0);
  EXPECT_EQ(Certificate(file, {"--at", "soon"}).code, 2);
}

TEST_F(OfflineTest, ARevokedOneIsRevokedAndTheListIsHeldToTheSameKey) {
  const auto certificate = papers::MakeCertificate();
  const std::string file = Put("c.json", papers::MakeJson(certificate));
  papers::RevocationList list;
  list.version = 3;
  list.issued = certificate.statement.issued + std::chrono::hours(24);
  list.revocations = {{certificate.statement.number, certificate.statement.issued,
                       papers::RevocationReason::kFraud}};
  const std::string text = papers::MakeRevocations(list, papers::MakeSigner()).value();
  const std::string path = Put("revoked.txt", text);
  const auto result = Certificate(file, {"--json", "--revocations", path});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(Verdict(result), "revoked");
  EXPECT_EQ(Json(result)["facts"]["revocation_reason"], "fraud");

  list.revocations[0].number = "somebody-else";
  const std::string other =
      Put("others.txt", papers::MakeRevocations(list, papers::MakeSigner()).value());
  EXPECT_EQ(Certificate(file, {"--revocations", other}).code, 0);
  // A list that nobody may believe is no list: nothing was checked.
  const std::string foreign =
      Put("foreign.txt", papers::MakeRevocations(list, papers::MakeSigner(8)).value());
  EXPECT_EQ(Certificate(file, {"--revocations", foreign}).code, 2);
  EXPECT_EQ(Certificate(file, {"--revocations", Put("cut.txt", text.substr(0, 60))}).code, 2);
  // Older than the certificate, it says nothing about it.
  list.issued = certificate.statement.issued - std::chrono::hours(1);
  list.revocations.clear();
  const std::string old =
      Put("old.txt", papers::MakeRevocations(list, papers::MakeSigner()).value());
  EXPECT_THAT(Certificate(file, {"--revocations", old}).output,
              HasSubstr("the list is older than the certificate"));
}

TEST_F(OfflineTest, WhatIsNoCertificateIsSaidSo) {
  const std::string pdf(Pdf().begin(), Pdf().end());
  const std::string json = papers::MakeJson(papers::MakeCertificate());
  const base::Bytes jpeg = support::EncodeJpeg(support::WavyPicture(640, 480));
  const base::Bytes png = support::EncodePng(support::WavyPicture(64, 48));
  const std::string cut_png(png.begin(), png.begin() + 200);
  struct Case {
    const char* what;
    std::string content;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {"nothing", "", "EMPTY_FILE"},
      {"a text", "Dear Sir or Madam", "UNKNOWN_FILE"},
      {"a phone's own format", std::string("\0\0\0\x18", 4) + "ftypheic", "UNKNOWN_FILE"},
      {"a PDF that is none", "%PDF-1.7\nnothing more\n", "BAD_PDF"},
      {"a PDF cut off", pdf.substr(0, 400), "BAD_PDF"},
      {"a picture of something else", {jpeg.begin(), jpeg.end()}, "NO_QR_CODE"},
      {"a picture cut off", cut_png, "PICTURE_TRUNCATED"},
      {"JSON cut off", json.substr(0, json.size() / 2), "BAD_CERTIFICATE"},
      {"other JSON", "{\"name\": 1}", "BAD_CERTIFICATE"},
      {"a JWT cut off", "eyJhbGciOiJFZERTQSJ9.e30", "BAD_CERTIFICATE"},
      {"another QR code's text", "ROLLCALL1:ABC", "BAD_CERTIFICATE"}};
  for (const Case& c : cases) {
    const auto result = Certificate(Put("c", c.content), {"--json"});
    EXPECT_EQ(result.code, 1) << c.what << result.output << result.errors;
    EXPECT_EQ(Verdict(result), "unreadable") << c.what;
    EXPECT_EQ(Reason(result), c.reason) << c.what;
    EXPECT_EQ(Json(result)["facts"].size(), 0u) << c.what;
  }
  EXPECT_THAT(Certificate(Put("c", cases[2].content)).output,
              HasSubstr("save the picture as JPEG"));
}

// A small ledger with an entry of 95 minutes in it.
class LedgerProofsTest : public OfflineTest {
 protected:
  LedgerProofsTest() {
    for (uint64_t i = 1; i <= 12; ++i) {
      proof::Row row{i, 1, {}, {}};
      row.salt.fill(static_cast<uint8_t>(i));
      ledger::EntryRow entry;
      entry.entry_id = Id(i);
      entry.session = {domain::OrganisationId("qinghe"), domain::ActivityId("tea-house"),
                       domain::SessionId("morning")};
      entry.volunteer_key = Id(100);
      entry.record_time = base::ParseTime("2026-11-24T08:00:00Z").value();
      entry.in_event = Id(200 + i);
      entry.out_event = Id(300 + i);
      entry.minutes = 95;
      entry.policy_name = "default";
      entry.policy_version = 1;
      row.body = ledger::Encode(entry);
      tree_.Append(proof::RowLeafHash(row));
      rows_.push_back(row);
    }
  }

  static base::Uuid Id(uint64_t number) {
    char text[40];
    std::snprintf(text, sizeof(text), "00000000-0000-4000-8000-%012x",
                  static_cast<unsigned>(number));
    return base::Uuid::Parse(text).value();
  }
  std::string Checkpoint(uint64_t size, uint8_t seed = 7) {
    return proof::SignCheckpoint({kOrigin, size, proof::RootOf(size, tree_).value(), {}},
                                 LedgerKey(seed))
        .value();
  }
  std::string Receipt(uint64_t seq, uint64_t size, uint8_t seed = 7) {
    return proof::FormatReceipt({rows_[seq - 1],
                                 proof::ProveInclusion(seq - 1, size, tree_).value(),
                                 Checkpoint(size, seed)})
        .value();
  }
  std::string Update(uint64_t from, uint64_t to) {
    return proof::FormatUpdate(
        {from, proof::ProveConsistency(from, to, tree_).value(), Checkpoint(to)});
  }
  ProgramResult Verify(const std::string& what, const std::string& file,
                       std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"verify", what, file, "--key", KeyFile(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Rollcall(arguments);
  }

  proof::MemoryTree tree_;
  std::vector<proof::Row> rows_;
};

TEST_F(LedgerProofsTest, AReceiptProvesItsRow) {
  const auto result = Verify("receipt", Put("r", Receipt(5, 11)));
  EXPECT_EQ(result.code, 0) << result.output << result.errors;
  const auto json = Json(result);
  EXPECT_EQ(json["verdict"], "valid");
  EXPECT_EQ(json["facts"]["seq"], "5");
  EXPECT_EQ(json["facts"]["minutes"], 95);
  EXPECT_EQ(json["facts"]["ledger"], kOrigin);
  const auto text = Rollcall({"verify", "receipt", Put("r", Receipt(5, 11)), "--key", KeyFile()});
  EXPECT_THAT(text.output, HasSubstr("GENUINE  回执有效"));
  EXPECT_THAT(text.output, HasSubstr("whether a later row takes it back"));
}

TEST_F(LedgerProofsTest, NoChangedBitOfAReceiptPasses) {
  const std::string good = Receipt(5, 11);
  for (size_t at = 0; at < good.size(); at += 1 + good.size() / 60) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 7)));
    EXPECT_EQ(Verify("receipt", Put("r", changed)).code, 1) << at;
  }
}

TEST_F(LedgerProofsTest, OtherKeysCutFilesAndOtherFilesAreSaidSo) {
  EXPECT_EQ(Verdict(Verify("receipt", Put("r", Receipt(5, 11, 8)))), "unknown key");
  EXPECT_EQ(Reason(Verify("receipt", Put("r", Receipt(5, 11).substr(0, 90)))), "BAD_RECEIPT");
  EXPECT_EQ(Verdict(Verify("receipt", Put("r", Checkpoint(11)))), "unreadable");
  EXPECT_EQ(Verdict(Verify("checkpoint", Put("c", Checkpoint(11, 8)))), "unknown key");
  EXPECT_EQ(Verdict(Verify("checkpoint", Put("c", Checkpoint(11).substr(0, 50)))), "unreadable");
  // A certificate's key alone cannot open a ledger's signature.
  const auto result = Rollcall({"verify", "receipt", Put("r", Receipt(5, 11)), "--key",
                                Put("k", papers::Jwk(papers::MakeSigner().public_key()))});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.errors, HasSubstr("verifier key"));
}

TEST_F(LedgerProofsTest, ALedgerThatGrewIsProven) {
  const std::string old = Put("old", Checkpoint(5));
  EXPECT_EQ(Verify("checkpoint", Put("c", Checkpoint(11))).code, 0);
  const auto grown = Verify("checkpoint", Put("c", Update(5, 11)), {"--old", old});
  EXPECT_EQ(grown.code, 0) << grown.output << grown.errors;
  EXPECT_EQ(Json(grown)["facts"]["old_size"], "5");
  EXPECT_EQ(Verify("checkpoint", old, {"--old", old}).code, 0) << "the same again";
  // What a kiosk keeps is as good.
  auto decision = proof::Witness(LedgerKey().verifier()).Decide(Checkpoint(5), {});
  const std::string witness = Put("witness", decision.next->ToText());
  EXPECT_EQ(Verify("checkpoint", Put("c", Update(5, 11)), {"--old", witness}).code, 0);
}

TEST_F(LedgerProofsTest, ALedgerThatContradictsItselfIsFoundOut) {
  const std::string old = Put("old", Checkpoint(5));
  const auto without = Verify("checkpoint", Put("c", Checkpoint(11)), {"--old", old});
  EXPECT_EQ(without.code, 1);
  EXPECT_EQ(Reason(without), "NO_PROOF");
  EXPECT_EQ(Reason(Verify("checkpoint", Put("c", Update(4, 11)), {"--old", old})), "NO_PROOF");
  const auto shorter = Verify("checkpoint", Put("c", Checkpoint(3)), {"--old", old});
  EXPECT_EQ(Reason(shorter), "ROLLED_BACK");
  // Another row 2 under the same key.
  proof::MemoryTree honest = tree_;
  tree_ = proof::MemoryTree();
  for (size_t i = 0; i < rows_.size(); ++i) {
    proof::Row row = rows_[i];
    if (i == 1) row.body.back() ^= 1;
    tree_.Append(proof::RowLeafHash(row));
  }
  const auto forked = Verify("checkpoint", Put("c", Update(5, 11)), {"--old", old});
  EXPECT_EQ(forked.code, 1);
  EXPECT_EQ(Verdict(forked), "contradiction");
  EXPECT_EQ(Reason(forked), "FORKED");
  EXPECT_EQ(Reason(Verify("checkpoint", Put("c", Checkpoint(5)), {"--old", old})), "FORKED");
}

TEST_F(LedgerProofsTest, ACheckpointThatIsNoneBeforeIsAnErrorOfUsage) {
  EXPECT_EQ(Verify("checkpoint", Put("c", Checkpoint(5)), {"--old", Put("old", "hello")}).code, 2);
}

}  // namespace
}  // namespace rollcall

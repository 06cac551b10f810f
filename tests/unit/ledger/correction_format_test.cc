// The bytes of FORMAT.md for what two people agree on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ledger/row.h"
#include "support/status_matchers.h"

namespace rollcall::ledger {
namespace {

using support::HasReason;
using support::IsOk;

// Written by another encoder, a few lines of a script made from FORMAT.md alone. These bytes lie in
// people's ledgers: a change here is a new format number, never an edit.
const char kDisputeBytes[] =
    "01010000000800000000000000060202000000036f7267030300000010010101010101010101010101010101"
    "01050200000007636c65616e75700602000000076d6f726e696e670703000000100202020202020202020202"
    "02020202020a010000000800060a3835f5a0000f02000000066465736b2d3113030000001004040404040404"
    "040404040404040404140300000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
    "1d1e1f340300000010050505050505050505050505050505053a0200000016492073746179656420756e7469"
    "6c2074686520656e643c0300000010070707070707070707070707070707073e010000000800000000000000"
    "02400100000008000000000000000141010000000800060b65f5944000";
const char kAnswerBytes[] =
    "01010000000800000000000000070202000000036f7267030300000010080808080808080808080808080808"
    "080a010000000800060a4c53cd00000f020000000a617070726f7665722d311303000000100a0a0a0a0a0a0a"
    "0a0a0a0a0a0a0a0a0a140300000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
    "1d1e1f330300000010030303030303030303030303030303033a0200000010746865206c6973742073617973"
    "20736f3d03000000200c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c3e0100"
    "0000080000000000000004420300000010010101010101010101010101010101014301000000080000000000"
    "000001";
const char kBatchBytes[] =
    "01010000000800000000000000040202000000036f7267030300000010010101010101010101010101010101"
    "01050200000007636c65616e75700602000000076d6f726e696e670a010000000800060a3835f5a0000f0200"
    "00000b6f7267616e697365722d31100100000008000000000000000013030000001004040404040404040404"
    "040404040404140300000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "16010000000800060a24181e400017010000000800060a25c545880019010000000800000001ad2748002001"
    "00000008000000000000003c21020000000764656661756c7422010000000800000000000000022303000000"
    "20f0661dbc8e0335daf7d97f39bebc19a89b46fd4144677ff2cf46585b0912be4d2401000000080000000000"
    "0000052501000000080000000000000005320100000008000000000000000535010000000800060a24836812"
    "0036010000000800060a2559fbb6003704000000340000001601030000001002020202020202020202020202"
    "0202020000001601030000001003030303030303030303030303030303380100000008000000000000000339"
    "010000000800000000000000063a0200000013612063726f77642061742074686520676174653b0100000008"
    "00060b51d7bce0003c0300000010070707070707070707070707070707073d03000000200b0b0b0b0b0b0b0b"
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b3e01000000080000000000000003";
const char kCancellationBytes[] =
    "01010000000800000000000000040202000000036f7267030300000010010101010101010101010101010101"
    "01050200000007636c65616e75700602000000076d6f726e696e670703000000100202020202020202020202"
    "02020202020a010000000800060a3835f5a0000f020000000b6f7267616e697365722d311001000000080000"
    "0000000000011303000000100404040404040404040404040404040414030000002000010203040506070809"
    "0a0b0c0d0e0f101112131415161718191a1b1c1d1e1f16010000000800060a24181e40001701000000080006"
    "0a25c545880019010000000800000001ad274800200100000008000000000000000021020000000764656661"
    "756c742201000000080000000000000002230300000020f0661dbc8e0335daf7d97f39bebc19a89b46fd4144"
    "677ff2cf46585b0912be4d240100000008000000000000000625010000000800000000000000063201000000"
    "0800000000000000043403000000100505050505050505050505050505050539010000000800000000000000"
    "053a0200000009e4b88de59ca8e59cba3b010000000800060b51d7bce0003e01000000080000000000000003";
const char kConsentBytes[] =
    "01010000000800000000000000050202000000036f7267030300000010080808080808080808080808080808"
    "08070300000010020202020202020202020202020202020a010000000800060a4c53cd00000b010000000800"
    "000000000000030f02000000076b696f736b2d31110300000010090909090909090909090909090909091303"
    "000000100a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a140300000020000102030405060708090a0b0c0d0e0f1011"
    "12131415161718191a1b1c1d1e1f330300000010010101010101010101010101010101013d03000000200c0c"
    "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c3e01000000080000000000000001"
    "3f01000000080000000000000001";
const char kRefusalBytes[] =
    "01010000000800000000000000050202000000036f7267030300000010080808080808080808080808080808"
    "080a010000000800060a4c53cd00000f020000000a617070726f7665722d311303000000100a0a0a0a0a0a0a"
    "0a0a0a0a0a0a0a0a0a140300000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
    "1d1e1f330300000010010101010101010101010101010101013a020000000e6e6f626f647920736177206865"
    "723c0300000010060606060606060606060606060606063e010000000800000000000000043f010000000800"
    "00000000000002";
const char kAgreedEntryBytes[] =
    "01010000000800000000000000020202000000036f7267030300000010050505050505050505050505050505"
    "05050200000007636c65616e75700602000000076d6f726e696e670703000000100202020202020202020202"
    "02020202020a010000000800060a4c53cd000010010000000800000000000000001e03000000100707070707"
    "0707070707070707070707200100000008000000000000003c21020000000764656661756c74220100000008"
    "0000000000000002230300000020f0661dbc8e0335daf7d97f39bebc19a89b46fd4144677ff2cf46585b0912"
    "be4d240100000008000000000000000125010000000800000000000000063303000000100101010101010101"
    "010101010101010135010000000800060a248368120036010000000800060a2559fbb600";

constexpr const char* kAll[] = {kBatchBytes,       kCancellationBytes, kConsentBytes, kRefusalBytes,
                                kAgreedEntryBytes, kDisputeBytes,      kAnswerBytes};

base::Uuid Filled(uint8_t byte) {
  base::Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

base::Time AtMinute(int64_t minute) {
  return base::FromUnixMicros(1'700'000'000'000'000) + std::chrono::minutes(minute);
}

constexpr int64_t kDay = 24 * 60;

template <typename RowType>
void Fill(RowType& row) {
  for (size_t i = 0; i < 32; ++i) row.payload_hash[i] = static_cast<uint8_t>(i);
}

domain::SessionKey Morning() {
  return {domain::OrganisationId("org"), domain::ActivityId("cleanup"),
          domain::SessionId("morning")};
}

ProposalRow SampleProposal() {
  const hours::Policy& policy = *hours::DefaultPolicy();
  ProposalRow row;
  row.proposal_id = Filled(1);
  row.session = Morning();
  row.session_starts = AtMinute(0);
  row.session_ends = AtMinute(120);
  row.activity_length = std::chrono::hours(2);
  row.policy_name = policy.name;
  row.policy_version = policy.version;
  row.policy_hash = policy.hash;
  row.proposer = {"organiser-1", domain::Role::kOrganiser, {}, std::nullopt};
  row.record_time = AtMinute(kDay);
  row.expires = AtMinute(15 * kDay);
  row.request_id = Filled(4);
  Fill(row);
  return row;
}

ProposalRow SampleBatch() {
  ProposalRow row = SampleProposal();
  row.kind = domain::ProposalKind::kBatch;
  row.people = {Filled(2), Filled(3)};
  row.headcount = 3;
  row.in = AtMinute(30);
  row.out = AtMinute(90);
  row.minutes = 60;
  row.in_evidence = row.out_evidence = domain::EvidenceClass::kStaff;
  row.reason = domain::ReasonCode::kCrowd;
  row.reason_text = "a crowd at the gate";
  row.proposer.person = Filled(7);
  row.proposer.key.emplace().fill(11);
  return row;
}

ProposalRow SampleCancellation() {
  ProposalRow row = SampleProposal();
  row.kind = domain::ProposalKind::kCancellation;
  row.practice = true;
  row.volunteer_key = Filled(2);
  row.corrects = Filled(5);
  row.reason = domain::ReasonCode::kNotServed;
  row.reason_text = "\xe4\xb8\x8d\xe5\x9c\xa8\xe5\x9c\xba";
  return row;
}

ResolutionRow SampleConsent() {
  ResolutionRow row;
  row.resolution_id = Filled(8);
  row.organisation = domain::OrganisationId("org");
  row.proposal = Filled(1);
  row.outcome = domain::Outcome::kApproved;
  row.decider = {"kiosk-1", domain::Role::kKiosk, {}, std::nullopt};
  row.decider.key.emplace().fill(12);
  row.record_time = AtMinute(2 * kDay);
  row.request_id = Filled(10);
  Fill(row);
  row.token_id = Filled(9);
  row.evidence = domain::EvidenceClass::kPin;
  row.volunteer_key = Filled(2);
  return row;
}

ResolutionRow SampleRefusal() {
  ResolutionRow row = SampleConsent();
  row.outcome = domain::Outcome::kRefused;
  row.reason_text = "nobody saw her";
  row.decider = {"approver-1", domain::Role::kApprover, Filled(6), std::nullopt};
  row.token_id = row.volunteer_key = {};
  return row;
}

DisputeRow SampleDispute() {
  DisputeRow row;
  row.dispute_id = Filled(1);
  row.session = Morning();
  row.volunteer_key = Filled(2);
  row.entry = Filled(5);
  row.reason_text = "I stayed until the end";
  row.opener = {"desk-1", domain::Role::kDesk, Filled(7), std::nullopt};
  row.record_time = AtMinute(kDay);
  row.due = AtMinute(16 * kDay);
  row.request_id = Filled(4);
  Fill(row);
  return row;
}

AnswerRow SampleAnswer() {
  AnswerRow row;
  row.answer_id = Filled(8);
  row.organisation = domain::OrganisationId("org");
  row.dispute = Filled(1);
  row.verdict = domain::Verdict::kUpheld;
  row.proposal = Filled(3);
  row.reason_text = "the list says so";
  row.answerer = {"approver-1", domain::Role::kApprover, {}, std::nullopt};
  row.answerer.key.emplace().fill(12);
  row.record_time = AtMinute(2 * kDay);
  row.request_id = Filled(10);
  Fill(row);
  return row;
}

EntryRow SampleAgreedEntry() {
  const hours::Policy& policy = *hours::DefaultPolicy();
  EntryRow row;
  row.entry_id = Filled(5);
  row.session = Morning();
  row.volunteer_key = Filled(2);
  row.record_time = AtMinute(2 * kDay);
  row.in_event = Filled(7);
  row.minutes = 60;
  row.policy_name = policy.name;
  row.policy_version = policy.version;
  row.policy_hash = policy.hash;
  row.in_evidence = domain::EvidenceClass::kFace;
  row.out_evidence = domain::EvidenceClass::kBackEntry;
  row.proposal = Filled(1);
  row.in = AtMinute(30);
  row.out = AtMinute(90);
  return row;
}

TEST(CorrectionFormatTest, TheBytesAreThoseOfFormat2) {
  EXPECT_EQ(base::ToHex(Encode(SampleBatch())), kBatchBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleCancellation())), kCancellationBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleConsent())), kConsentBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleRefusal())), kRefusalBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleAgreedEntry())), kAgreedEntryBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleDispute())), kDisputeBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleAnswer())), kAnswerBytes);
}

TEST(CorrectionFormatTest, DecodingGivesTheRowBack) {
  for (const char* hex : kAll) {
    const auto row = Decode(*base::FromHex(hex));
    ASSERT_THAT(row, IsOk());
    EXPECT_EQ(base::ToHex(Encode(*row)), hex);
  }
}

TEST(CorrectionFormatTest, WhateverIsCutOrAddedIsRefused) {
  for (const char* hex : kAll) {
    const auto bytes = *base::FromHex(hex);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THAT(Decode(std::span(bytes).first(size)), HasReason("BAD_ROW")) << size;
    }
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_THAT(Decode(longer), HasReason("BAD_ROW"));
  }
}

TEST(CorrectionFormatTest, NoTwoEncodingsOfOneRow) {
  int accepted = 0;
  for (const char* hex : kAll) {
    const auto bytes = *base::FromHex(hex);
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        auto changed = bytes;
        changed[at] = static_cast<uint8_t>(changed[at] ^ (1 << bit));
        const auto row = Decode(changed);
        if (!row.ok()) continue;
        ++accepted;
        ASSERT_EQ(Encode(*row), changed) << at;
      }
    }
  }
  EXPECT_GT(accepted, 0);
}

TEST(CorrectionFormatTest, CombinationsThatMakeNoSenseAreFaults) {
  EXPECT_EQ(Fault(SampleBatch()), "");
  EXPECT_EQ(Fault(SampleCancellation()), "");
  EXPECT_EQ(Fault(SampleConsent()), "");
  const auto expect_fault = [](auto row, auto change) {
    change(row);
    EXPECT_NE(Fault(row), "");
  };
  expect_fault(SampleBatch(), [](ProposalRow& r) { std::swap(r.people[0], r.people[1]); });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.people[1] = r.people[0]; });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.headcount = 1; });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.volunteer_key = Filled(2); });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.proposer.person = Filled(3); });
  expect_fault(SampleBatch(),
               [](ProposalRow& r) { r.out = r.session_ends + std::chrono::minutes(1); });
  expect_fault(SampleBatch(),
               [](ProposalRow& r) { r.in = r.session_starts - std::chrono::minutes(1); });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.minutes = 0; });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.record_time = AtMinute(119); });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.expires = r.record_time; });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.reason_text.clear(); });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.in_evidence = domain::EvidenceClass::kFace; });
  expect_fault(SampleBatch(), [](ProposalRow& r) { r.proposer.identity.clear(); });
  expect_fault(SampleCancellation(), [](ProposalRow& r) { r.minutes = 1; });
  expect_fault(SampleCancellation(), [](ProposalRow& r) { r.corrects = {}; });
  expect_fault(SampleCancellation(), [](ProposalRow& r) { r.in_event = Filled(9); });
  expect_fault(SampleCancellation(), [](ProposalRow& r) { r.headcount = 1; });
  expect_fault(SampleConsent(), [](ResolutionRow& r) { r.volunteer_key = {}; });
  expect_fault(SampleConsent(),
               [](ResolutionRow& r) { r.evidence = domain::EvidenceClass::kStaff; });
  expect_fault(SampleConsent(), [](ResolutionRow& r) { r.outcome = domain::Outcome::kWithdrawn; });
  expect_fault(SampleRefusal(), [](ResolutionRow& r) { r.reason_text.clear(); });
  expect_fault(SampleAgreedEntry(), [](EntryRow& r) { r.out = r.in - std::chrono::minutes(1); });
  expect_fault(SampleAgreedEntry(), [](EntryRow& r) { r.out_event = Filled(9); });
  expect_fault(SampleAgreedEntry(), [](EntryRow& r) { r.reversal_event = Filled(9); });
  expect_fault(SampleAgreedEntry(), [](EntryRow& r) { r.proposal = {}; });
  expect_fault(SampleDispute(), [](DisputeRow& r) { r.kind = domain::DisputeKind::kMissing; });
  expect_fault(SampleDispute(), [](DisputeRow& r) { r.due = r.record_time; });
  expect_fault(SampleAnswer(), [](AnswerRow& r) { r.verdict = domain::Verdict::kRejected; });
  expect_fault(SampleAnswer(), [](AnswerRow& r) { r.dispute = {}; });
}

// A server's clock may be set to anything.
TEST(CorrectionFormatTest, NoRowHasATimeBefore1970OrAfter2199) {
  const base::Time before = base::Time() - base::Duration(1);
  const base::Time after{std::chrono::sys_days(std::chrono::year(2200) / 1 / 1)};
  for (const base::Time time : {before, after}) {
    const auto expect_fault = [](const Row& row) { EXPECT_NE(Fault(row), ""); };
    for (auto row : {SampleConsent(), SampleRefusal()}) {
      row.record_time = time;
      expect_fault(row);
    }
    auto dispute = SampleDispute();
    dispute.record_time = time;
    expect_fault(dispute);
    auto answer = SampleAnswer();
    answer.record_time = time;
    expect_fault(answer);
    expect_fault(PolicyRow{domain::OrganisationId("org"), time, hours::DefaultPolicy()});
  }
  auto dispute = SampleDispute();
  dispute.due = after;
  EXPECT_NE(Fault(dispute), "");
}

}  // namespace
}  // namespace rollcall::ledger

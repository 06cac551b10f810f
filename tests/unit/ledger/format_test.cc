// The bytes of FORMAT.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "ledger/canonical.h"
#include "ledger/row.h"
#include "support/status_matchers.h"

namespace rollcall::ledger {
namespace {

using support::HasReason;
using support::IsOk;

// Written by another encoder, a few lines of a script made from FORMAT.md alone. These bytes lie in
// people's ledgers: a change here is a new format number, never an edit.
const char kEventBytes[] =
    "01010000000800000000000000010202000000036f7267030300000010010101010101010101010101010101"
    "010401000000080000000000000002050200000007636c65616e75700602000000076d6f726e696e67070300"
    "00001002020202020202020202020202020202080200000005726976657209010000000800060a24181e4001"
    "0a010000000800060a24181e40020b010000000800000000000000010c040000003e00000028010100000008"
    "000000000000000102020000001474656d706c617465206f6620332070686f746f730000000e010100000008"
    "00000000000000030d010000000800000000000000010e0200000006646f6f722d310f0200000003e5bca010"
    "0100000008000000000000000011030000001003030303030303030303030303030303120300000010090909"
    "0909090909090909090909090913030000001004040404040404040404040404040404140300000020000102"
    "030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f16010000000800060a24180efdc017"
    "010000000800060a24188c1d0018040000002e0000002a010100000008000000000000000202010000000800"
    "060a24180efdc003010000000800060a24181e40001901000000080000000023c34600";
const char kEntryBytes[] =
    "01010000000800000000000000020202000000036f7267030300000010050505050505050505050505050505"
    "05050200000007636c65616e75700602000000076d6f726e696e670703000000100202020202020202020202"
    "02020202020a010000000800060a24181e400210010000000800000000000000001503000000100606060606"
    "06060606060606060606061e0300000010070707070707070707070707070707071f03000000100101010101"
    "0101010101010101010101200100000008ffffffffffffffbf21020000000764656661756c74220100000008"
    "0000000000000002230300000020f0661dbc8e0335daf7d97f39bebc19a89b46fd4144677ff2cf46585b0912"
    "be4d240100000008000000000000000325010000000800000000000000012603000000100808080808080808"
    "0808080808080808";
const char kAdjustmentBytes[] =
    "01010000000800000000000000020202000000036f7267030300000010050505050505050505050505050505"
    "05050200000007636c65616e75700602000000076d6f726e696e670703000000100202020202020202020202"
    "02020202020a010000000800060a24181e400210010000000800000000000000001a03000000100909090909"
    "09090909090909090909091b010000000800000000000000f01c010000000800000000000000011e03000000"
    "10070707070707070707070707070707071f0300000010010101010101010101010101010101012001000000"
    "0800000000000001e021020000000764656661756c742201000000080000000000000002230300000020f066"
    "1dbc8e0335daf7d97f39bebc19a89b46fd4144677ff2cf46585b0912be4d2401000000080000000000000003"
    "2501000000080000000000000001";
const char kTierApprovalBytes[] =
    "01010000000800000000000000080202000000036f72670303000000100a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
    "0a070300000010020202020202020202020202020202020a010000000800060a24181e40020f020000000a61"
    "7070726f7665722d311001000000080000000000000000130300000010040404040404040404040404040404"
    "0414030000002000000000000000000000000000000000000000000000000000000000000000003a02000000"
    "0974686520666c6f6f643c0300000010060606060606060606060606060606063e0100000008000000000000"
    "00044801000000080000000000004cdb49010000000800000000000000024a020000000870726f76696e6365";
// Up to the text of the policy, which is that of default.toml.
const char kPolicyHead[] =
    "01010000000800000000000000030202000000036f72670a0100000008000000000000000521020000000764"
    "656661756c742201000000080000000000000002230300000020f0661dbc8e0335daf7d97f39bebc19a89b46"
    "fd4144677ff2cf46585b0912be4d2802000007d6";

base::Uuid Filled(uint8_t byte) {
  base::Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

domain::SessionKey Morning() {
  return {domain::OrganisationId("org"), domain::ActivityId("cleanup"),
          domain::SessionId("morning")};
}

EventRow SampleEvent() {
  EventRow row;
  domain::AttendanceEvent& e = row.event;
  e.event_id = Filled(1);
  e.kind = domain::EventKind::kCheckOut;
  e.session = Morning();
  e.volunteer_key = Filled(2);
  e.post = domain::PostId("river");
  e.capture_time = base::FromUnixMicros(1'700'000'000'000'001);
  e.record_time = base::FromUnixMicros(1'700'000'000'000'002);
  e.evidence = domain::EvidenceClass::kFace;
  e.proofs = {{domain::EvidenceClass::kFace, "template of 3 photos"},
              {domain::EvidenceClass::kPin, ""}};
  e.source = domain::SourceKind::kCamera;
  e.kiosk = domain::KioskId("door-1");
  e.recorder = "\xe5\xbc\xa0";
  e.token_id = Filled(3);
  e.request_id = Filled(4);
  for (size_t i = 0; i < 32; ++i) row.payload_hash[i] = static_cast<uint8_t>(i);
  row.session_starts = base::FromUnixMicros(1'699'999'999'000'000);
  row.session_ends = base::FromUnixMicros(1'700'000'007'200'000);
  row.activity_length = std::chrono::minutes(10);
  row.breaks = {{domain::BreakKind::kTravel, row.session_starts,
                 row.session_starts + std::chrono::seconds(1)}};
  e.second_token_id = Filled(9);
  return row;
}

EntryRow SampleEntry() {
  const hours::Policy& policy = *hours::DefaultPolicy();
  EntryRow row;
  row.entry_id = Filled(5);
  row.session = Morning();
  row.volunteer_key = Filled(2);
  row.record_time = base::FromUnixMicros(1'700'000'000'000'002);
  row.reverses = Filled(6);
  row.in_event = Filled(7);
  row.out_event = Filled(1);
  row.minutes = -65;
  row.policy_name = policy.name;
  row.policy_version = policy.version;
  row.policy_hash = policy.hash;
  row.in_evidence = domain::EvidenceClass::kPin;
  row.out_evidence = domain::EvidenceClass::kFace;
  row.reversal_event = Filled(8);
  return row;
}

// Taken back and made anew because of another visit.
EntryRow SampleAdjustment() {
  EntryRow row = SampleEntry();
  row.reverses = row.reversal_event = {};
  row.adjusted_by = Filled(9);
  row.minutes = 480;
  row.awaiting_parent = 240;
  row.awaiting_province = 1;
  return row;
}

TierApprovalRow SampleTierApproval() {
  TierApprovalRow row;
  row.approval_id = Filled(10);
  row.organisation = domain::OrganisationId("org");
  row.volunteer_key = Filled(2);
  row.record_time = base::FromUnixMicros(1'700'000'000'000'002);
  row.day = hours::Day(std::chrono::year(2023) / 11 / 14);
  row.tier = hours::Tier::kProvince;
  row.approving = domain::OrganisationId("province");
  row.reason_text = "the flood";
  row.approver = {"approver-1", domain::Role::kApprover, Filled(6), std::nullopt};
  row.request_id = Filled(4);
  return row;
}

PolicyRow SamplePolicy() {
  return {domain::OrganisationId("org"), base::FromUnixMicros(5), hours::DefaultPolicy()};
}

std::string PolicyBytes() {
  return kPolicyHead + base::ToHex(base::AsBytes(hours::DefaultPolicyText()));
}

std::vector<std::string> All() {
  return {kEventBytes, kEntryBytes, kAdjustmentBytes, kTierApprovalBytes, PolicyBytes()};
}

TEST(FormatTest, TheBytesAreThoseOfFormat2) {
  EXPECT_EQ(base::ToHex(Encode(SampleEvent())), kEventBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleEntry())), kEntryBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleAdjustment())), kAdjustmentBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleTierApproval())), kTierApprovalBytes);
  EXPECT_EQ(base::ToHex(Encode(SamplePolicy())), PolicyBytes());
}

TEST(FormatTest, DecodingGivesTheRowBack) {
  for (const std::string& hex : All()) {
    const auto bytes = base::FromHex(hex);
    ASSERT_THAT(bytes, IsOk());
    const auto row = Decode(*bytes);
    ASSERT_THAT(row, IsOk());
    EXPECT_EQ(base::ToHex(Encode(*row)), hex);
  }
  const auto event = Decode(Encode(SampleEvent()));
  ASSERT_THAT(event, IsOk());
  const auto& e = std::get<EventRow>(*event).event;
  EXPECT_EQ(e.recorder, "\xe5\xbc\xa0");
  EXPECT_EQ(e.proofs.size(), 2u);
  EXPECT_EQ(e.proofs[1].kind, domain::EvidenceClass::kPin);
  EXPECT_EQ(e.post.value, "river");
}

TEST(FormatTest, WhateverIsCutOrAddedIsRefused) {
  for (const std::string& hex : All()) {
    const auto bytes = *base::FromHex(hex);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THAT(Decode(std::span(bytes).first(size)), HasReason("BAD_ROW")) << size;
    }
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_THAT(Decode(longer), HasReason("BAD_ROW"));
  }
}

// One value, one encoding: bytes that decode are exactly those that encoding gives.
TEST(FormatTest, NoTwoEncodingsOfOneRow) {
  int accepted = 0;
  for (const std::string& hex : All()) {
    const auto bytes = *base::FromHex(hex);
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        auto changed = bytes;
        changed[at] = static_cast<uint8_t>(changed[at] ^ (1 << bit));
        const auto row = Decode(changed);
        if (!row.ok()) continue;
        ++accepted;  // a different but well-formed row: another time, another id
        ASSERT_EQ(Encode(*row), changed) << at;
      }
    }
  }
  EXPECT_GT(accepted, 0);
}

TEST(FormatTest, ADecoderSurvivesAnyBytes) {
  EXPECT_TRUE(rc::check("random bytes", [](const std::vector<uint8_t>& bytes) {
    const auto row = Decode(bytes);
    if (row.ok()) RC_ASSERT(Encode(*row) == bytes);
  }));
  EXPECT_TRUE(rc::check("a sound row with a piece of it replaced", [] {
    auto bytes = *base::FromHex(kEventBytes);
    const auto piece = *rc::gen::arbitrary<std::vector<uint8_t>>();
    const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
    const auto end = at + *rc::gen::inRange<size_t>(0, bytes.size() - at + 1);
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                bytes.begin() + static_cast<std::ptrdiff_t>(end));
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
    const auto row = Decode(bytes);
    if (row.ok()) RC_ASSERT(Encode(*row) == bytes);
  }));
}

TEST(FormatTest, FieldsOutOfOrderDoubledOrUnknownAreRefused) {
  FieldWriter writer;
  writer.Integer(1, 3);
  const base::Bytes kind = writer.Take();
  const auto policy = Encode(SamplePolicy());
  auto doubled = kind;
  doubled.insert(doubled.end(), policy.begin(), policy.end());
  EXPECT_THAT(Decode(doubled), HasReason("BAD_ROW"));

  auto moved = base::Bytes(policy.begin() + static_cast<std::ptrdiff_t>(kind.size()), policy.end());
  moved.insert(moved.end(), kind.begin(), kind.end());
  EXPECT_THAT(Decode(moved), HasReason("BAD_ROW"));

  FieldWriter unknown;
  unknown.Integer(41, 1);
  auto extended = policy;
  const base::Bytes field = unknown.Take();
  extended.insert(extended.end(), field.begin(), field.end());
  EXPECT_THAT(Decode(extended), HasReason("BAD_ROW"));
}

TEST(FormatTest, CombinationsThatMakeNoSenseAreFaults) {
  EXPECT_EQ(Fault(SampleEvent()), "");
  EventRow reversal = SampleEvent();
  reversal.event.kind = domain::EventKind::kReversal;
  EXPECT_NE(Fault(reversal), "") << "with a token, and nothing reversed";
  EventRow no_token = SampleEvent();
  no_token.event.token_id = {};
  EXPECT_NE(Fault(no_token), "");
  EventRow same_twice = SampleEvent();
  same_twice.event.second_token_id = same_twice.event.token_id;
  EXPECT_NE(Fault(same_twice), "");
  EventRow backwards = SampleEvent();
  std::swap(backwards.session_starts, backwards.session_ends);
  EXPECT_NE(Fault(backwards), "");
  EntryRow positive = SampleEntry();
  positive.minutes = 65;
  EXPECT_NE(Fault(positive), "") << "taking back adds minutes";
  EntryRow negative = SampleEntry();
  negative.reverses = negative.reversal_event = {};
  EXPECT_NE(Fault(negative), "") << "crediting less than nothing";
  PolicyRow none = SamplePolicy();
  none.policy = nullptr;
  EXPECT_NE(Fault(none), "");
  EventRow long_break = SampleEvent();
  long_break.breaks[0].ends = long_break.session_ends + std::chrono::seconds(1);
  EXPECT_NE(Fault(long_break), "");
  EventRow short_activity = SampleEvent();
  short_activity.activity_length = std::chrono::seconds(1);
  EXPECT_NE(Fault(short_activity), "");
  EventRow far_away = SampleEvent();
  far_away.event.record_time = base::Time::max();
  EXPECT_NE(Fault(far_away), "");
  EntryRow waiting = SampleEntry();
  waiting.awaiting_parent = 1;
  EXPECT_NE(Fault(waiting), "") << "taking back adds what waits";
  EntryRow two_causes = SampleEntry();
  two_causes.adjusted_by = Filled(9);
  EXPECT_NE(Fault(two_causes), "");
  TierApprovalRow tomorrow = SampleTierApproval();
  tomorrow.day += std::chrono::days(3);
  EXPECT_NE(Fault(tomorrow), "");
  TierApprovalRow own = SampleTierApproval();
  own.approver.person = own.volunteer_key;
  EXPECT_NE(Fault(own), "");
  TierApprovalRow no_tier = SampleTierApproval();
  no_tier.tier = hours::Tier::kFinal;
  EXPECT_NE(Fault(no_tier), "");
}

}  // namespace
}  // namespace rollcall::ledger

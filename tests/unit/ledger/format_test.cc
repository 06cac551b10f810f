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
    "010000000800060a24188c1d00";
const char kEntryBytes[] =
    "01010000000800000000000000020202000000036f7267030300000010050505050505050505050505050505"
    "05050200000007636c65616e75700602000000076d6f726e696e670703000000100202020202020202020202"
    "02020202020a010000000800060a24181e400210010000000800000000000000001503000000100606060606"
    "06060606060606060606061e0300000010070707070707070707070707070707071f03000000100101010101"
    "0101010101010101010101200100000008ffffffffffffffbf21020000000764656661756c74220100000008"
    "000000000000000123030000002030d87f64920ecb0a43403643004e7f47629e00521c4c8626c9d08b7e37eb"
    "bb9d240100000008000000000000000325010000000800000000000000012603000000100808080808080808"
    "0808080808080808";
const char kPolicyBytes[] =
    "01010000000800000000000000030202000000036f72670a0100000008000000000000000521020000000764"
    "656661756c74220100000008000000000000000123030000002030d87f64920ecb0a43403643004e7f47629e"
    "00521c4c8626c9d08b7e37ebbb9d2802000000806e616d653d64656661756c740a76657273696f6e3d310a63"
    "6c69705f746f5f73657373696f6e3d747275650a6d61785f70616972735f7065725f73657373696f6e3d330a"
    "6175746f5f636865636b6f75745f67756172643d3330300a756e646f5f77696e646f773d3330300a70656e64"
    "696e675f61667465723d31343430300a";

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
  e.second_token_id = Filled(9);
  return row;
}

EntryRow SampleEntry() {
  const domain::HoursPolicy policy;
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
  row.policy_hash = policy.Hash();
  row.in_evidence = domain::EvidenceClass::kPin;
  row.out_evidence = domain::EvidenceClass::kFace;
  row.reversal_event = Filled(8);
  return row;
}

PolicyRow SamplePolicy() {
  return {domain::OrganisationId("org"), base::FromUnixMicros(5), domain::HoursPolicy{}};
}

TEST(FormatTest, TheBytesAreThoseOfFormat1) {
  EXPECT_EQ(base::ToHex(Encode(SampleEvent())), kEventBytes);
  EXPECT_EQ(base::ToHex(Encode(SampleEntry())), kEntryBytes);
  EXPECT_EQ(base::ToHex(Encode(SamplePolicy())), kPolicyBytes);
}

TEST(FormatTest, DecodingGivesTheRowBack) {
  for (const char* hex : {kEventBytes, kEntryBytes, kPolicyBytes}) {
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
  for (const char* hex : {kEventBytes, kEntryBytes, kPolicyBytes}) {
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
  for (const char* hex : {kEventBytes, kEntryBytes, kPolicyBytes}) {
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
  PolicyRow spaced = SamplePolicy();
  spaced.policy.name = "two words";
  EXPECT_NE(Fault(spaced), "");
}

TEST(PolicyTextTest, ComesBackAsItWas) {
  EXPECT_TRUE(rc::check("any policy", [] {
    domain::HoursPolicy policy;
    policy.name = "p" + std::to_string(*rc::gen::inRange(0, 1000));
    policy.version = *rc::gen::arbitrary<int32_t>();
    policy.clip_to_session = *rc::gen::arbitrary<bool>();
    policy.max_pairs_per_session = *rc::gen::arbitrary<int32_t>();
    policy.auto_checkout_guard = std::chrono::seconds(*rc::gen::inRange(0, 1'000'000));
    policy.undo_window = std::chrono::seconds(*rc::gen::inRange(0, 1'000'000));
    policy.pending_after = std::chrono::seconds(*rc::gen::inRange(0, 1'000'000));
    const auto parsed = ParsePolicy(policy.Canonical());
    if (!parsed.ok()) RC_FAIL("not parsed");
    RC_ASSERT(parsed->Hash() == policy.Hash());
    RC_ASSERT(parsed->clip_to_session == policy.clip_to_session);
    RC_ASSERT(parsed->pending_after == policy.pending_after);
  }));
}

TEST(PolicyTextTest, RefusesEverythingElse) {
  const std::string sound = domain::HoursPolicy{}.Canonical();
  for (const std::string& text :
       {std::string(), std::string("name=default\n"), sound + "more=1\n", sound + sound,
        sound.substr(0, sound.size() - 1), " " + sound}) {
    EXPECT_THAT(ParsePolicy(text), HasReason("BAD_POLICY"));
  }
}

}  // namespace
}  // namespace rollcall::ledger

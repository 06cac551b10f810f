#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_FORMAT_FIELDS_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_FORMAT_FIELDS_H_

namespace rollcall::simulator {

// The field numbers of FORMAT.md that the simulator looks at.
constexpr int kFieldRowKind = 1;
constexpr int kFieldOrganisation = 2;
constexpr int kFieldId = 3;
constexpr int kFieldEventKind = 4;
constexpr int kFieldActivity = 5;
constexpr int kFieldSession = 6;
constexpr int kFieldVolunteer = 7;
constexpr int kFieldRecordTime = 10;
constexpr int kFieldEvidence = 11;
constexpr int kFieldPractice = 16;
constexpr int kFieldRequestId = 19;
constexpr int kFieldReverses = 21;
constexpr int kFieldSessionStarts = 22;
constexpr int kFieldSessionEnds = 23;
constexpr int kFieldAdjustedBy = 26;
constexpr int kFieldAwaitingParent = 27;
constexpr int kFieldAwaitingProvince = 28;
constexpr int kFieldInEvent = 30;
constexpr int kFieldOutEvent = 31;
constexpr int kFieldMinutes = 32;
constexpr int kFieldInEvidence = 36;
constexpr int kFieldOutEvidence = 37;
constexpr int kFieldReversalEvent = 38;
constexpr int kFieldProposalKind = 50;
constexpr int kFieldProposal = 51;
constexpr int kFieldCorrects = 52;
constexpr int kFieldIn = 53;
constexpr int kFieldOut = 54;
constexpr int kFieldHeadcount = 56;
constexpr int kFieldExpires = 59;
constexpr int kFieldOutcome = 63;
constexpr int kFieldDisputeKind = 64;
constexpr int kFieldDue = 65;
constexpr int kFieldDispute = 66;
constexpr int kFieldVerdict = 67;
constexpr int kFieldDay = 72;
constexpr int kFieldTier = 73;

// Row kinds.
constexpr int kRowEvent = 1;
constexpr int kRowEntry = 2;
constexpr int kRowPolicy = 3;
constexpr int kRowProposal = 4;
constexpr int kRowResolution = 5;
constexpr int kRowDispute = 6;
constexpr int kRowAnswer = 7;
constexpr int kRowTierApproval = 8;

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_FORMAT_FIELDS_H_

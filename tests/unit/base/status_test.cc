#include "base/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/cord.h"
#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::Pointee;

absl::Status NoSuch() { return MakeError(absl::StatusCode::kNotFound, "NO_SUCH", "nothing there"); }

TEST(StatusTest, AnErrorHasItsCodeReasonAndMessage) {
  const absl::Status error = NoSuch();
  EXPECT_EQ(error.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(error), "NO_SUCH");
  EXPECT_EQ(Message(error), "nothing there");
}

TEST(StatusTest, ReasonSurvivesACopy) {
  const absl::StatusOr<int> or_error = NoSuch();
  EXPECT_EQ(ErrorReason(or_error.status()), "NO_SUCH");
}

TEST(StatusTest, WhereNoneWasGivenTheReasonIsEmpty) {
  EXPECT_EQ(ErrorReason(absl::OkStatus()), "");
  EXPECT_EQ(ErrorReason(absl::InternalError("from somewhere else")), "");
}

TEST(StatusTest, ReasonSurvivesAnnotate) {
  const auto error = MakeError(absl::StatusCode::kNotFound, "NO_SUCH", "nothing there");
  const auto annotated = Annotate(error, "while looking");
  EXPECT_EQ(ErrorReason(annotated), "NO_SUCH");
  EXPECT_EQ(annotated.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Message(annotated), "while looking: nothing there");
}

TEST(StatusTest, AnnotatingAgainPutsTheOuterContextFirst) {
  EXPECT_EQ(Message(Annotate(Annotate(NoSuch(), "inner"), "outer")), "outer: inner: nothing there");
}

TEST(StatusTest, OtherPayloadsSurviveAnnotate) {
  absl::Status error = absl::AbortedError("stopped");
  error.SetPayload("test/other", absl::Cord("kept"));
  EXPECT_EQ(Annotate(error, "then").GetPayload("test/other"), absl::Cord("kept"));
}

TEST(StatusTest, AnnotateLeavesTheOriginal) {
  const absl::Status error = NoSuch();
  Annotate(error, "while looking").IgnoreError();
  EXPECT_EQ(Message(error), "nothing there");
}

TEST(StatusTest, AnnotatedOkIsOk) {
  EXPECT_EQ(Annotate(absl::OkStatus(), "while looking"), absl::OkStatus());
}

TEST(StatusTest, ViewsConvertBothWaysWithEveryByte) {
  const std::string_view text("a\0b", 3);
  EXPECT_EQ(FromAbsl(ToAbsl(text)), text);
  EXPECT_EQ(FromAbsl(ToAbsl({})), "");
}

TEST(StatusTest, ReturnIfErrorReturnsTheErrorAsItIs) {
  const auto run = [](int* reached) -> absl::Status {
    RETURN_IF_ERROR(NoSuch());
    ++*reached;
    return absl::OkStatus();
  };
  int reached = 0;
  EXPECT_EQ(run(&reached), NoSuch());
  EXPECT_EQ(reached, 0);
}

TEST(StatusTest, ReturnIfErrorGoesOnWhereAllIsWell) {
  int evaluated = 0;
  const auto run = [&evaluated]() -> absl::Status {
    const auto step = [&evaluated] { return ++evaluated, absl::OkStatus(); };
    RETURN_IF_ERROR(step());
    return absl::AlreadyExistsError("reached");
  };
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(evaluated, 1);
}

TEST(StatusTest, AssignOrReturnReturnsTheErrorAsItIs) {
  int value = 1;
  const auto run = [&value]() -> absl::Status {
    ASSIGN_OR_RETURN(value, absl::StatusOr<int>(NoSuch()));
    return absl::OkStatus();
  };
  EXPECT_EQ(run(), NoSuch());
  EXPECT_EQ(value, 1);
}

TEST(StatusTest, AssignOrReturnMovesTheValueOut) {
  int evaluated = 0;
  const auto make = [&evaluated](int value) -> absl::StatusOr<std::unique_ptr<int>> {
    ++evaluated;
    return std::make_unique<int>(value);
  };
  const auto run = [&make]() -> absl::StatusOr<std::unique_ptr<int>> {
    ASSIGN_OR_RETURN(const auto one, make(1));
    ASSIGN_OR_RETURN(auto two, make(2));
    *two += *one;
    return two;
  };
  const auto made = run();
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT(*made, Pointee(3));
  EXPECT_EQ(evaluated, 2);
}

TEST(StatusTest, ReasonsCrossTheTwoMacros) {
  const auto inner = []() -> absl::StatusOr<int> {
    RETURN_IF_ERROR(NoSuch());
    return 1;
  };
  const auto outer = [&inner]() -> absl::Status {
    ASSIGN_OR_RETURN([[maybe_unused]] const int value, inner());
    return absl::OkStatus();
  };
  EXPECT_THAT(outer(), HasReason("NO_SUCH"));
}

TEST(StatusTest, ACheckThatHoldsIsEvaluatedOnce) {
  int evaluated = 0;
  ROLLCALL_CHECK(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

TEST(StatusDeathTest, ABrokenInvariantIsNamedWithItsPlace) {
  EXPECT_DEATH(ROLLCALL_CHECK(1 + 1 == 3),
               "status_test\\.cc:[0-9]+: internal invariant broken: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace rollcall::base

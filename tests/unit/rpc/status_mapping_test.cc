#include "rpc/status_mapping.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "rollcall/v1/errors.pb.h"

namespace rollcall::rpc {
namespace {

// Reads a status as a client with the standard google.rpc details would.
struct Answer {
  v1::ErrorStatus status;
  v1::ErrorInfo info;
  std::optional<v1::RetryInfo> retry;
  std::optional<v1::BadRequest> bad;
};

Answer Read(const grpc::Status& status) {
  Answer answer;
  EXPECT_TRUE(answer.status.ParseFromString(status.error_details()));
  int infos = 0;
  for (const google::protobuf::Any& any : answer.status.details()) {
    if (any.type_url() == "type.googleapis.com/google.rpc.ErrorInfo") {
      EXPECT_TRUE(answer.info.ParseFromString(any.value()));
      ++infos;
    } else if (any.type_url() == "type.googleapis.com/google.rpc.RetryInfo") {
      EXPECT_TRUE(answer.retry.emplace().ParseFromString(any.value()));
    } else if (any.type_url() == "type.googleapis.com/google.rpc.BadRequest") {
      EXPECT_TRUE(answer.bad.emplace().ParseFromString(any.value()));
    } else {
      ADD_FAILURE() << "unexpected detail " << any.type_url();
    }
  }
  EXPECT_EQ(infos, 1);
  EXPECT_EQ(answer.status.code(), status.error_code());
  EXPECT_EQ(answer.status.message(), status.error_message());
  return answer;
}

TEST(StatusMapping, OkHasNoDetails) {
  const grpc::Status status = ToGrpcStatus(absl::OkStatus());
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(status.error_details().empty());
}

TEST(StatusMapping, TheReasonTravelsInTheErrorInfo) {
  const grpc::Status status =
      ToGrpcStatus(base::MakeError(absl::StatusCode::kFailedPrecondition, "REQUEST_ID_REUSED",
                                   "this request_id was used for something else"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "this request_id was used for something else");
  const Answer answer = Read(status);
  EXPECT_EQ(answer.info.reason(), "REQUEST_ID_REUSED");
  EXPECT_EQ(answer.info.domain(), "rollcall.v1");
  EXPECT_FALSE(answer.retry.has_value());
  EXPECT_FALSE(answer.bad.has_value());
}

TEST(StatusMapping, AFieldErrorNamesTheField) {
  const Answer answer = Read(ToGrpcStatus(FieldError("session.activity_id", "BAD_ID", "is empty")));
  EXPECT_EQ(answer.status.code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(answer.info.reason(), "BAD_ID");
  ASSERT_TRUE(answer.bad.has_value());
  ASSERT_EQ(answer.bad->field_violations_size(), 1);
  EXPECT_EQ(answer.bad->field_violations(0).field(), "session.activity_id");
  EXPECT_EQ(answer.status.message(), "session.activity_id: is empty");
}

TEST(StatusMapping, AFullQueueSaysWhenToTryAgain) {
  const Answer answer = Read(
      ToGrpcStatus(base::MakeError(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "64 wait")));
  EXPECT_EQ(answer.status.code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  ASSERT_TRUE(answer.retry.has_value());
  EXPECT_EQ(answer.retry->retry_delay().seconds(), 0);
  EXPECT_EQ(answer.retry->retry_delay().nanos(), 500'000'000);
}

TEST(StatusMapping, ARosterThatIsFullStaysFull) {
  const Answer answer = Read(ToGrpcStatus(
      base::MakeError(absl::StatusCode::kResourceExhausted, "ROSTER_FULL", "at most 10000")));
  EXPECT_FALSE(answer.retry.has_value());
}

TEST(StatusMapping, UnavailableIsRetried) {
  const Answer answer = Read(ToGrpcStatus(absl::UnavailableError("draining")));
  ASSERT_TRUE(answer.retry.has_value());
  EXPECT_EQ(answer.info.reason(), "UNAVAILABLE");
}

TEST(StatusMapping, WhatOnlyTheOperatorMayReadNeverPasses) {
  const struct {
    absl::StatusCode code;
    const char* reason;
  } cases[] = {{absl::StatusCode::kInternal, "SQL"},
               {absl::StatusCode::kInternal, "MODEL_OUTPUT"},
               {absl::StatusCode::kUnknown, ""},
               {absl::StatusCode::kDataLoss, "DATABASE_DAMAGED"},
               {absl::StatusCode::kResourceExhausted, "DISK_FULL"},
               {absl::StatusCode::kFailedPrecondition, "CONSTRAINT"},
               {absl::StatusCode::kAlreadyExists, "UNIQUE_VIOLATION"},
               {absl::StatusCode::kFailedPrecondition, "DATA_READ_ONLY"},
               {absl::StatusCode::kUnavailable, "CANNOT_OPEN"}};
  for (const auto& c : cases) {
    const absl::Status status =
        base::MakeError(c.code, c.reason, "INSERT INTO secret; /var/lib/rollcall; 0.4712");
    EXPECT_TRUE(IsMachineryFault(status)) << c.reason;
    const grpc::Status answer = ToGrpcStatus(status);
    for (const char* leak : {"INSERT", "/var", "0.47"}) {
      EXPECT_EQ(answer.error_message().find(leak), std::string::npos) << c.reason;
      EXPECT_EQ(answer.error_details().find(leak), std::string::npos) << c.reason;
    }
  }
}

TEST(StatusMapping, AnUnforeseenConstraintIsABugOfOurs) {
  const grpc::Status status =
      ToGrpcStatus(base::MakeError(absl::StatusCode::kAlreadyExists, "UNIQUE_VIOLATION", "x"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
}

}  // namespace
}  // namespace rollcall::rpc

#include "recognition/quality.h"

#include <gtest/gtest.h>

#include <limits>

namespace rollcall::recognition {
namespace {

// An ordinary face at a doorway: the medians over public portraits.
FaceQuality Ordinary() {
  FaceQuality q;
  q.side_px = 160;
  q.sharpness = 70;
  q.brightness = 115;
  q.contrast = 50;
  q.embedding_length = 3.6f;
  q.lower_face_contrast = 0.6f;
  return q;
}

QualityFault CheckIn(const FaceQuality& q) { return JudgeQuality(q, QualityPolicy::ForCheckIn()); }
QualityFault Enrol(const FaceQuality& q) { return JudgeQuality(q, QualityPolicy::ForEnrolment()); }

TEST(QualityTest, OrdinaryFacePassesBoth) {
  EXPECT_EQ(CheckIn(Ordinary()), QualityFault::kGood);
  EXPECT_EQ(Enrol(Ordinary()), QualityFault::kGood);
}

TEST(QualityTest, EachFaultHasItsReason) {
  const auto with = [](float FaceQuality::*member, float value) {
    FaceQuality q = Ordinary();
    q.*member = value;
    return CheckIn(q);
  };
  EXPECT_EQ(with(&FaceQuality::side_px, 47), QualityFault::kTooSmall);
  EXPECT_EQ(with(&FaceQuality::brightness, 12), QualityFault::kTooDark);
  EXPECT_EQ(with(&FaceQuality::brightness, 240), QualityFault::kTooBright);
  EXPECT_EQ(with(&FaceQuality::sharpness, 3), QualityFault::kBlurred);
  for (const float sign : {-1.0f, 1.0f}) {
    EXPECT_EQ(with(&FaceQuality::yaw_degrees, sign * 60), QualityFault::kTurnedAway);
    EXPECT_EQ(with(&FaceQuality::pitch_degrees, sign * 50), QualityFault::kTurnedAway);
    EXPECT_EQ(with(&FaceQuality::roll_degrees, sign * 50), QualityFault::kTilted);
  }
  EXPECT_EQ(with(&FaceQuality::lower_face_contrast, 0.05f), QualityFault::kFaceCovered);
  EXPECT_EQ(with(&FaceQuality::contrast, 5), QualityFault::kUnclear);
  EXPECT_EQ(with(&FaceQuality::embedding_length, 1.5f), QualityFault::kUnclear);
}

TEST(QualityTest, EnrolmentIsStricter) {
  FaceQuality q = Ordinary();
  q.side_px = 60;
  EXPECT_EQ(CheckIn(q), QualityFault::kGood);
  EXPECT_EQ(Enrol(q), QualityFault::kTooSmall);
}

TEST(QualityTest, NotYetEmbeddedIsNotJudgedByLength) {
  FaceQuality q = Ordinary();
  q.embedding_length = 0;
  EXPECT_EQ(CheckIn(q), QualityFault::kGood);
}

// Blind people and drooping lids exist, and the liveness net errs: neither refuses by itself.
TEST(QualityTest, EyesAndLivenessNeverRefuse) {
  FaceQuality q = Ordinary();
  q.eyes_open_probability = 0;
  q.live_probability = 0;
  EXPECT_EQ(CheckIn(q), QualityFault::kGood);
  EXPECT_EQ(Enrol(q), QualityFault::kGood);
}

TEST(QualityTest, NotANumberIsNeverGood) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (float FaceQuality::*member :
       {&FaceQuality::side_px, &FaceQuality::sharpness, &FaceQuality::brightness,
        &FaceQuality::contrast, &FaceQuality::yaw_degrees, &FaceQuality::pitch_degrees,
        &FaceQuality::roll_degrees, &FaceQuality::embedding_length,
        &FaceQuality::lower_face_contrast}) {
    FaceQuality q = Ordinary();
    q.*member = nan;
    EXPECT_NE(CheckIn(q), QualityFault::kGood);
  }
}

// The numbers are in audit records.
TEST(QualityTest, FaultNumbersAreFixed) {
  EXPECT_EQ(static_cast<int>(QualityFault::kGood), 0);
  EXPECT_EQ(static_cast<int>(QualityFault::kTooSmall), 1);
  EXPECT_EQ(static_cast<int>(QualityFault::kTooDark), 2);
  EXPECT_EQ(static_cast<int>(QualityFault::kTooBright), 3);
  EXPECT_EQ(static_cast<int>(QualityFault::kBlurred), 4);
  EXPECT_EQ(static_cast<int>(QualityFault::kTurnedAway), 5);
  EXPECT_EQ(static_cast<int>(QualityFault::kTilted), 6);
  EXPECT_EQ(static_cast<int>(QualityFault::kFaceCovered), 7);
  EXPECT_EQ(static_cast<int>(QualityFault::kUnclear), 8);
}

}  // namespace
}  // namespace rollcall::recognition

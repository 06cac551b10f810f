#include "papers/qr_code.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "papers/forms.h"
#include "papers/paper.h"
#include "papers/pdf_reader.h"
#include "sample.h"
#include "support/status_matchers.h"

namespace rollcall::papers {
namespace {

using support::HasReason;
using support::IsOk;

GreyPicture View(const cv::Mat& image) {
  return {{image.data, image.step[0] * static_cast<size_t>(image.rows)},
          image.cols,
          image.rows,
          static_cast<int>(image.step[0])};
}

// The code with its quiet zone, `module` pixels a module.
cv::Mat Draw(const QrCode& code, int module) {
  cv::Mat image(code.side, code.side, CV_8UC1);
  for (int y = 0; y < code.side; ++y) {
    for (int x = 0; x < code.side; ++x) image.at<uint8_t>(y, x) = code.At(x, y) ? 0 : 255;
  }
  cv::copyMakeBorder(image, image, kQrQuietZone, kQrQuietZone, kQrQuietZone, kQrQuietZone,
                     cv::BORDER_CONSTANT, 255);
  cv::resize(image, image, {}, module, module, cv::INTER_NEAREST);
  return image;
}

cv::Mat Turned(const cv::Mat& image, double degrees, double scale) {
  const cv::Point2f centre(static_cast<float>(image.cols) / 2, static_cast<float>(image.rows) / 2);
  cv::Mat turned;
  cv::warpAffine(image, turned, cv::getRotationMatrix2D(centre, degrees, scale), image.size(),
                 cv::INTER_LINEAR, cv::BORDER_CONSTANT, 255);
  return turned;
}

// What a phone does to a page: less contrast, light from one side, blur, noise.
cv::Mat Photographed(const cv::Mat& image, double sigma) {
  cv::Mat picture;
  image.convertTo(picture, CV_32F, 0.62, 40);
  for (int y = 0; y < picture.rows; ++y) {
    picture.row(y) *= 0.75 + 0.35 * y / picture.rows;
  }
  cv::GaussianBlur(picture, picture, {}, sigma);
  cv::RNG random(1);
  cv::Mat noise(picture.size(), CV_32F);
  random.fill(noise, cv::RNG::NORMAL, 0, 8);
  picture += noise;
  picture.convertTo(picture, CV_8U);
  return picture;
}

cv::Mat FirstPage(const Statement& statement) {
  const base::Bytes pdf = MakePdf(MakeCertificate(statement)).value();
  const RenderedPage page = RenderFirstPage(pdf).value();
  return cv::Mat(page.height, page.width, CV_8UC1, const_cast<uint8_t*>(page.pixels.data()))
      .clone();
}

TEST(QrCodeTest, ACodeIsReadBack) {
  const std::string text = MakeQrText(MakeCertificate());
  const QrCode code = MakeQrCode(text).value();
  EXPECT_LE(code.side, 17 + 4 * 13) << "an ordinary certificate has a code that reads well";
  EXPECT_EQ(ReadQrCode(View(Draw(code, 3)), kQrPrefix).value(), text);
}

TEST(QrCodeTest, TheLongestCertificateFits) {
  const std::string text = MakeQrText(MakeCertificate(MakeLongestStatement()));
  const auto code = MakeQrCode(text);
  ASSERT_THAT(code, IsOk());
  EXPECT_LE(code->side, 17 + 4 * kMaxQrVersion);
  EXPECT_EQ(ReadQrCode(View(Draw(*code, 4)), kQrPrefix).value(), text);
}

TEST(QrCodeTest, WhatDoesNotFitIsRefused) {
  EXPECT_THAT(MakeQrCode(std::string(1452, 'A')), HasReason("QR_TOO_LONG"));
  EXPECT_THAT(MakeQrCode("lower case"), HasReason("QR_TOO_LONG"));
  EXPECT_THAT(MakeQrCode(""), HasReason("QR_TOO_LONG"));
}

TEST(QrCodeTest, ThePrintedPageIsReadAtEveryAngle) {
  const std::string text = MakeQrText(MakeCertificate());
  const cv::Mat page = FirstPage(MakeStatement());
  for (const double degrees : {0.0, 3.0, -7.0, 45.0, 90.0, 180.0}) {
    EXPECT_EQ(ReadQrCode(View(Turned(page, degrees, 0.7)), kQrPrefix).value_or("not read"), text)
        << degrees;
  }
}

TEST(QrCodeTest, ADegradedPictureOfThePageIsRead) {
  const std::string text = MakeQrText(MakeCertificate());
  const cv::Mat page = FirstPage(MakeStatement());
  for (const double scale : {1.0, 0.6}) {
    for (const double degrees : {0.0, 4.0, -6.0}) {
      const cv::Mat picture = Photographed(Turned(page, degrees, scale), 1.0);
      EXPECT_EQ(ReadQrCode(View(picture), kQrPrefix).value_or("not read"), text)
          << scale << " " << degrees;
    }
  }
}

TEST(QrCodeTest, TheFinestCodeIsReadFromAScan) {
  const std::string text = MakeQrText(MakeCertificate(MakeLongestStatement()));
  const cv::Mat page = FirstPage(MakeLongestStatement());
  EXPECT_EQ(ReadQrCode(View(page), kQrPrefix).value_or("not read"), text);
  EXPECT_EQ(ReadQrCode(View(Turned(page, 2, 1)), kQrPrefix).value_or("not read"), text);
}

TEST(QrCodeTest, AnotherCodeBesideItDoesNotMatter) {
  const std::string text = MakeQrText(MakeCertificate());
  const cv::Mat first = Draw(MakeQrCode("HTTPS://EXAMPLE.ORG/").value(), 4);
  const cv::Mat second = Draw(MakeQrCode(text).value(), 4);
  cv::Mat both(std::max(first.rows, second.rows), first.cols + second.cols, CV_8UC1,
               cv::Scalar(255));
  first.copyTo(both(cv::Rect(0, 0, first.cols, first.rows)));
  second.copyTo(both(cv::Rect(first.cols, 0, second.cols, second.rows)));
  EXPECT_EQ(ReadQrCode(View(both), kQrPrefix).value_or("not read"), text);
  EXPECT_THAT(ReadQrCode(View(first), kQrPrefix), HasReason("NO_QR_CODE"));
}

TEST(QrCodeTest, OfTwoCertificatesInOnePictureNeitherIsTaken) {
  Statement other = MakeStatement();
  other.number = "QH-2026-000124";
  const cv::Mat first = Draw(MakeQrCode(MakeQrText(MakeCertificate())).value(), 4);
  const cv::Mat second = Draw(MakeQrCode(MakeQrText(MakeCertificate(other))).value(), 4);
  cv::Mat both(std::max(first.rows, second.rows), first.cols + second.cols, CV_8UC1,
               cv::Scalar(255));
  first.copyTo(both(cv::Rect(0, 0, first.cols, first.rows)));
  second.copyTo(both(cv::Rect(first.cols, 0, second.cols, second.rows)));
  EXPECT_THAT(ReadQrCode(View(both), kQrPrefix), HasReason("SEVERAL_QR_CODES"));
}

TEST(QrCodeTest, RowsMayBeLongerThanThePicture) {
  const std::string text = MakeQrText(MakeCertificate());
  const cv::Mat code = Draw(MakeQrCode(text).value(), 4);
  cv::Mat wide(code.rows, code.cols + 13, CV_8UC1, cv::Scalar(77));
  code.copyTo(wide(cv::Rect(0, 0, code.cols, code.rows)));
  EXPECT_EQ(
      ReadQrCode(View(wide(cv::Rect(0, 0, code.cols, code.rows))), kQrPrefix).value_or("not read"),
      text);
}

TEST(QrCodeTest, PicturesThatAreNoneAreRefused) {
  const std::vector<uint8_t> pixels(100, 255);
  EXPECT_THAT(ReadQrCode({pixels, 10, 10, 10}, kQrPrefix), HasReason("NO_QR_CODE"));
  EXPECT_THAT(ReadQrCode({pixels, 1, 1, 1}, kQrPrefix), HasReason("NO_QR_CODE"));
  EXPECT_THAT(ReadQrCode({pixels, 0, 10, 10}, kQrPrefix), HasReason("BAD_PICTURE"));
  EXPECT_THAT(ReadQrCode({pixels, 10, -1, 10}, kQrPrefix), HasReason("BAD_PICTURE"));
  EXPECT_THAT(ReadQrCode({pixels, 10, 10, 9}, kQrPrefix), HasReason("BAD_PICTURE"));
  EXPECT_THAT(ReadQrCode({pixels, 10, 11, 10}, kQrPrefix), HasReason("BAD_PICTURE"));
  EXPECT_THAT(ReadQrCode({pixels, 8193, 1, 8193}, kQrPrefix), HasReason("BAD_PICTURE"));
  EXPECT_THAT(ReadQrCode({pixels, 8000, 8000, 8000}, kQrPrefix), HasReason("BAD_PICTURE"));
}

}  // namespace
}  // namespace rollcall::papers

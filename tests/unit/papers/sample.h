#ifndef ROLLCALL_TESTS_UNIT_PAPERS_SAMPLE_H_
#define ROLLCALL_TESTS_UNIT_PAPERS_SAMPLE_H_

#include <string>

#include "papers/certificate.h"
#include "papers/verify.h"

// A made-up volunteer and her certificate, for the tests of this folder.
namespace rollcall::papers {

// A key from a seed of equal bytes.
SeedSigner MakeSigner(uint8_t seed = 7);

// Issued 2026-11-24T08:00:00Z, final a week later; 3 activities, all three classes.
Statement MakeStatement();

// The same with `count` activities of two hours each on different days.
Statement MakeLongStatement(int count);

// The same with every text as long as Validate allows, of four-byte characters.
Statement MakeLongestStatement();

// Fails the test where the statement cannot be issued.
Certificate MakeCertificate(const Statement& statement = MakeStatement());

// Trusts MakeSigner()'s key, a month after the certificate has become final.
Trust MakeTrust();

// `text`, `times` times.
std::string Repeat(const std::string& text, int times);

}  // namespace rollcall::papers

#endif  // ROLLCALL_TESTS_UNIT_PAPERS_SAMPLE_H_

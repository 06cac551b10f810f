// What strangers hand in as proof. The first byte chooses:
//   'R' a receipt; 'N' a signed note; 'U' a checkpoint with its consistency proof; 'S' what a kiosk
//   keeps; 'K' a verifier key; 'C' the text of a checkpoint, signed here with a key of our own, so
//   that what is behind the signature is reached too.
#include <array>
#include <string>

#include "fuzz.h"
#include "proof/checkpoint.h"
#include "proof/note.h"
#include "proof/receipt.h"
#include "proof/witness.h"

namespace {

using namespace rollcall;  // NOLINT: a program of its own
using fuzz::Promise;

// The ledger of the corpus, tests/golden/proof: a log of 11 rows. Nobody here can sign for it.
const proof::VerifierKey& Ledger() {
  static const proof::VerifierKey key =
      proof::VerifierKey::Parse(
          "rollcall.example/hall+14d2eaf6+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
          .value();
  return key;
}

const proof::SigningKey& OurKey() {
  static const proof::SigningKey key = [] {
    std::array<uint8_t, 32> seed;
    seed.fill(7);
    return proof::SigningKey::FromSeed("fuzz.example", seed).value();
  }();
  return key;
}

void TryReceipt(std::string_view text) {
  const auto verified = proof::VerifyReceipt(text, Ledger());
  if (verified.ok()) {
    Promise(verified->checkpoint.size == 11 && verified->row.seq >= 1 && verified->row.seq <= 11,
            "a receipt verifies that the ledger did not sign");
  } else {
    fuzz::PromiseAPlainRefusal(verified.status());
  }
  const auto receipt = proof::ParseReceipt(text);
  if (!receipt.ok()) return fuzz::PromiseAPlainRefusal(receipt.status());
  const auto again = proof::FormatReceipt(*receipt);
  Promise(!again.ok() || *again == text, "a receipt has two forms");
}

void TryNote(std::string_view text) {
  const auto note = proof::ParseNote(text);
  if (!note.ok()) return fuzz::PromiseAPlainRefusal(note.status());
  Promise(proof::FormatNote(*note) == text, "a note has two forms");
  const std::array<proof::VerifierKey, 1> known = {Ledger()};
  const auto opened = proof::OpenNote(text, known);
  if (!opened.ok()) return fuzz::PromiseAPlainRefusal(opened.status());
  Promise(opened->starts_with("rollcall.example/hall\n11\n"), "a note opens that nobody signed");
}

void TryUpdate(std::string_view text) {
  const auto update = proof::ParseUpdate(text);
  if (!update.ok()) return fuzz::PromiseAPlainRefusal(update.status());
  Promise(proof::FormatUpdate(*update) == text, "an update has two forms");
  const auto decision = proof::Witness(Ledger()).Decide(update->checkpoint, update->proof);
  Promise(decision.next.has_value() == (decision.outcome == proof::WitnessOutcome::kAccepted),
          "a witness goes on without having accepted");
  Promise(!decision.next.has_value() || decision.next->size() == 11,
          "a witness accepts what the ledger did not sign");
}

void TryState(std::string_view text) {
  const auto witness = proof::Witness::Restore(text, Ledger());
  if (!witness.ok()) return fuzz::PromiseAPlainRefusal(witness.status());
  Promise(witness->ToText() == text, "the state of a witness has two forms");
  Promise(witness->size() == 0 || witness->size() == 11, "a witness remembers what was not signed");
}

void TryKey(std::string_view text) {
  const auto key = proof::VerifierKey::Parse(text);
  if (!key.ok()) return fuzz::PromiseAPlainRefusal(key.status());
  Promise(key->ToText() == text, "a key has two forms");
}

void TryCheckpoint(std::string_view text) {
  const auto checkpoint = proof::ParseCheckpoint(text);
  if (!checkpoint.ok()) return fuzz::PromiseAPlainRefusal(checkpoint.status());
  Promise(proof::FormatCheckpoint(*checkpoint) == text, "a checkpoint has two forms");
  const auto note = proof::SignCheckpoint(*checkpoint, OurKey());
  if (!note.ok()) return fuzz::PromiseAPlainRefusal(note.status());
  const auto opened = proof::OpenCheckpoint(*note, OurKey().verifier());
  Promise(opened.ok() && *opened == *checkpoint, "a checkpoint changes when it is signed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::Text(data + 1, size - 1);
  switch (data[0]) {
    case 'R':
      TryReceipt(text);
      break;
    case 'N':
      TryNote(text);
      break;
    case 'U':
      TryUpdate(text);
      break;
    case 'S':
      TryState(text);
      break;
    case 'K':
      TryKey(text);
      break;
    case 'C':
      TryCheckpoint(text);
      break;
    default:
      break;
  }
  return 0;
}

#include "domain/source_statement.h"

#include <string_view>

namespace rollcall::domain {
namespace {

constexpr std::string_view kPurpose = "rollcall source statement 1\n";

void AppendNumber(uint64_t value, base::Bytes& out) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

void AppendText(std::string_view text, base::Bytes& out) {
  AppendNumber(text.size(), out);
  out.insert(out.end(), text.begin(), text.end());
}

}  // namespace

base::Bytes Canonical(const SourceStatement& statement) {
  base::Bytes out(kPurpose.begin(), kPurpose.end());
  out.insert(out.end(), statement.nonce.bytes.begin(), statement.nonce.bytes.end());
  AppendText(statement.session.organisation.value, out);
  AppendText(statement.session.activity.value, out);
  AppendText(statement.session.session.value, out);
  AppendNumber(static_cast<uint64_t>(statement.source), out);
  AppendText(statement.device, out);
  AppendNumber(static_cast<uint64_t>(base::ToUnixMicros(statement.time)), out);
  out.insert(out.end(), statement.certificate.begin(), statement.certificate.end());
  return out;
}

}  // namespace rollcall::domain

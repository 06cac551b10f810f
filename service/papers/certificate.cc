#include "papers/certificate.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace rollcall::papers {
namespace {

// With their NUL. The statement's is hashed, the summary's is signed.
constexpr std::string_view kStatementDomain("rollcall hour statement 1", 26);
constexpr std::string_view kSummaryDomain("rollcall hour certificate 1", 28);

class Writer {
 public:
  void Raw(std::span<const uint8_t> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void Unsigned(uint64_t value, int size) {
    for (int i = size; i-- > 0;) out_.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
  void Text(const std::string& text) {
    Unsigned(text.size(), 2);
    Raw(base::AsBytes(text));
  }
  void Minute(int32_t minutes) { Unsigned(static_cast<uint32_t>(minutes), 4); }
  void Offset(int32_t minutes) { Unsigned(static_cast<uint16_t>(minutes), 2); }
  void Size(uint64_t size) { Unsigned(size, 8); }
  void Count(const std::vector<Activity>& list) { Unsigned(list.size(), 2); }
  void Day(std::chrono::year_month_day day) {
    Unsigned(static_cast<uint16_t>(static_cast<int>(day.year())), 2);
    Unsigned(static_cast<unsigned>(day.month()), 1);
    Unsigned(static_cast<unsigned>(day.day()), 1);
  }
  void Second(base::Time time) {
    Unsigned(static_cast<uint64_t>(
                 std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()),
             8);
  }
  base::Bytes Take() { return std::move(out_); }

 private:
  base::Bytes out_;
};

// Reads what Writer wrote. After the first failure nothing more is read and every value is empty.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  void Raw(std::span<uint8_t> out) {
    const auto bytes = Next(out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
  }
  void Text(std::string& text) { text = base::AsText(Next(Unsigned(2))); }
  // Beyond int32_t: below 0, which Validate refuses.
  void Minute(int32_t& minutes) { minutes = static_cast<int32_t>(Unsigned(4)); }
  void Offset(int32_t& minutes) { minutes = static_cast<int16_t>(Unsigned(2)); }
  void Size(uint64_t& size) { size = Unsigned(8); }
  void Count(std::vector<Activity>& list) {
    const uint64_t count = Unsigned(2);
    if (count > kMaxActivities) return Fail();
    list.resize(count);
  }
  void Day(std::chrono::year_month_day& day) {
    const auto year = static_cast<int>(Unsigned(2));
    const auto month = static_cast<unsigned>(Unsigned(1));
    day = {std::chrono::year(year), std::chrono::month(month),
           std::chrono::day(static_cast<unsigned>(Unsigned(1)))};
  }
  void Second(base::Time& time) {
    const uint64_t seconds = Unsigned(8);
    if (seconds > kMaxSeconds) return Fail();
    time = base::Time(std::chrono::seconds(seconds));
  }
  // Whether all of it was read, and nothing was left.
  bool Done() const { return ok_ && rest_.empty(); }

 private:
  static constexpr uint64_t kMaxSeconds = 253402300799;  // 9999-12-31T23:59:59Z

  void Fail() {
    ok_ = false;
    rest_ = {};
  }
  std::span<const uint8_t> Next(uint64_t size) {
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const auto bytes = rest_.first(size);
    rest_ = rest_.subspan(size);
    return bytes;
  }
  uint64_t Unsigned(int size) {
    uint64_t value = 0;
    for (const uint8_t byte : Next(static_cast<uint64_t>(size))) value = (value << 8) | byte;
    return value;
  }

  std::span<const uint8_t> rest_;
  bool ok_ = true;
};

// The order of the fields, said once for both directions. Codec is Writer (values const) or Reader.
template <typename Codec, typename M>
void MinutesFields(Codec& codec, M& minutes) {
  codec.Minute(minutes.witnessed_on_site);
  codec.Minute(minutes.attested_by_staff);
  codec.Minute(minutes.entered_afterwards);
}

template <typename Codec, typename S>
void CommonFields(Codec& codec, S& s) {
  codec.Text(s.number);
  codec.Text(s.holder_name);
  codec.Text(s.volunteer_id);
  codec.Text(s.organisation_id);
  codec.Text(s.organisation_name);
  codec.Day(s.first_day);
  codec.Day(s.last_day);
  MinutesFields(codec, s.minutes);
  codec.Second(s.issued);
  codec.Second(s.final_from);
  codec.Offset(s.utc_offset_minutes);
}

template <typename Codec, typename S>
void SummaryFields(Codec& codec, S& summary) {
  CommonFields(codec, summary);
  codec.Raw(summary.key_id);
  codec.Raw(summary.statement_hash);
}

template <typename Codec, typename S>
void StatementFields(Codec& codec, S& statement) {
  CommonFields(codec, statement);
  codec.Text(statement.person_in_charge);
  codec.Count(statement.activities);
  for (auto& activity : statement.activities) {
    codec.Text(activity.name);
    codec.Day(activity.date);
    codec.Text(activity.place);
    codec.Text(activity.content);
    codec.Text(activity.organiser);
    codec.Text(activity.person_in_charge);
    MinutesFields(codec, activity.minutes);
  }
  codec.Text(statement.checkpoint.origin);
  codec.Size(statement.checkpoint.size);
  codec.Raw(statement.checkpoint.root);
  codec.Text(statement.key_id);
}

absl::Status Malformed(std::string_view reason) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason,
                         "these are not the bytes of an hour certificate of form 1");
}

}  // namespace

base::Bytes EncodeStatement(const Statement& statement) {
  Writer writer;
  writer.Raw(base::AsBytes(kStatementDomain));
  StatementFields(writer, statement);
  return writer.Take();
}

absl::StatusOr<Statement> DecodeStatement(std::span<const uint8_t> bytes) {
  if (!base::AsText(bytes).starts_with(kStatementDomain)) return Malformed("BAD_STATEMENT");
  Reader reader(bytes.subspan(kStatementDomain.size()));
  Statement statement;
  StatementFields(reader, statement);
  if (!reader.Done()) return Malformed("BAD_STATEMENT");
  RETURN_IF_ERROR(Validate(statement));
  return statement;
}

Summary Summarise(const Statement& statement) {
  Summary summary;
  summary.number = statement.number;
  summary.holder_name = statement.holder_name;
  summary.volunteer_id = statement.volunteer_id;
  summary.organisation_id = statement.organisation_id;
  summary.organisation_name = statement.organisation_name;
  summary.first_day = statement.first_day;
  summary.last_day = statement.last_day;
  summary.minutes = statement.minutes;
  summary.issued = statement.issued;
  summary.final_from = statement.final_from;
  summary.utc_offset_minutes = statement.utc_offset_minutes;
  summary.key_id = FromBase64Url(statement.key_id).value_or(base::Bytes());
  summary.statement_hash = base::Sha256(EncodeStatement(statement));
  return summary;
}

base::Bytes EncodeSummary(const Summary& summary) {
  Writer writer;
  SummaryFields(writer, summary);
  return writer.Take();
}

absl::StatusOr<Summary> DecodeSummary(std::span<const uint8_t> bytes) {
  Reader reader(bytes);
  Summary summary;
  summary.key_id.resize(summary.statement_hash.size());
  SummaryFields(reader, summary);
  if (!reader.Done()) return Malformed("BAD_SUMMARY");
  RETURN_IF_ERROR(Validate(summary));
  return summary;
}

base::Bytes SignedBytes(const Summary& summary) {
  Writer writer;
  writer.Raw(base::AsBytes(kSummaryDomain));
  SummaryFields(writer, summary);
  return writer.Take();
}

absl::StatusOr<Certificate> Issue(Statement statement, const Signer& signer) {
  statement.key_id = KeyId(signer.public_key());
  RETURN_IF_ERROR(Validate(statement));
  const Signature signature = signer.Sign(SignedBytes(Summarise(statement)));
  return Certificate{std::move(statement), signature};
}

}  // namespace rollcall::papers

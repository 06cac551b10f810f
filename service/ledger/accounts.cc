#include "ledger/accounts.h"

namespace rollcall::ledger {
namespace {

Book BookOf(const EntryRow& entry) { return entry.practice ? Book::kPractice : Book::kHours; }

absl::Status Add(storage::Connection& connection, const Balance& change) {
  return connection
      .Execute(
          "INSERT INTO ledger_account (book, account, minutes, seq) VALUES ($1, $2, $3, $4)"
          " ON CONFLICT (book, account) DO UPDATE"
          " SET minutes = ledger_account.minutes + excluded.minutes, seq = excluded.seq",
          {static_cast<int32_t>(change.book), change.account, change.minutes, change.sequence})
      .status();
}

}  // namespace

std::string AccountOf(const domain::SessionKey& session) {
  return "session " + session.organisation.value + "/" + session.activity.value + "/" +
         session.session.value;
}

std::string AccountOf(const base::Uuid& volunteer_key) {
  return "volunteer " + volunteer_key.ToString();
}

absl::Status Move(storage::Connection& connection, int64_t sequence, const EntryRow& entry) {
  const Book book = BookOf(entry);
  RETURN_IF_ERROR(Add(connection, {book, AccountOf(entry.session), -entry.minutes, sequence}));
  return Add(connection, {book, AccountOf(entry.volunteer_key), entry.minutes, sequence});
}

absl::StatusOr<int64_t> BalanceOf(storage::Connection& connection, Book book,
                                  const std::string& account) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT minutes FROM ledger_account"
                                                     " WHERE book = $1 AND account = $2",
                                                     {static_cast<int32_t>(book), account}));
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  return found ? rows->Int64(0) : 0;
}

absl::StatusOr<std::vector<Balance>> ReadBalances(storage::Connection& connection, Book book,
                                                  const std::string& after, int32_t limit) {
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query("SELECT book, account, minutes, seq FROM ledger_account"
                       " WHERE (book, account) > ($1, $2) ORDER BY book, account LIMIT $3",
                       {static_cast<int32_t>(book), after, limit}));
  std::vector<Balance> balances;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return balances;
    // A number that is no book must not be cut to one.
    const int64_t stored = rows->Int64(0);
    const bool known = stored == static_cast<int64_t>(Book::kHours) ||
                       stored == static_cast<int64_t>(Book::kPractice);
    balances.push_back({known ? static_cast<Book>(stored) : Book{0}, rows->Text(1), rows->Int64(2),
                        rows->Int64(3)});
  }
}

absl::StatusOr<int64_t> SumOfBalances(storage::Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT SUM(minutes) FROM ledger_account"));
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  return found ? rows->Int64(0) : 0;  // NULL in an empty table
}

void Accounts::Move(int64_t sequence, const EntryRow& entry) {
  const Book book = BookOf(entry);
  Add(book, AccountOf(entry.session), -entry.minutes, sequence);
  Add(book, AccountOf(entry.volunteer_key), entry.minutes, sequence);
}

void Accounts::Add(Book book, std::string account, int64_t minutes, int64_t sequence) {
  const Derived fresh{balances_.size(), 0, 0};
  Derived& balance =
      balances_.try_emplace(std::pair(book, std::move(account)), fresh).first->second;
  balance.minutes += minutes;
  balance.sequence = sequence;
}

const Accounts::Derived* Accounts::Find(Book book, const std::string& account) const {
  const auto found = balances_.find(std::pair(book, account));
  return found == balances_.end() ? nullptr : &found->second;
}

}  // namespace rollcall::ledger

#ifndef ROLLCALL_LEDGER_ACCOUNTS_H_
#define ROLLCALL_LEDGER_ACCOUNTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "base/uuid.h"
#include "ledger/row.h"
#include "storage/database.h"

// Double entry: an entry moves its minutes from the account of its session to that of its
// volunteer, so that all accounts of a book sum to zero at any time, and no minute can appear in
// one place without missing in another. Balances stand in the table ledger_account, written with
// the entry in one transaction; `verify` derives them anew.
namespace rollcall::ledger {

// Numbers are stored: never renumber. Practice has a book of its own and can never reach the other.
enum class Book : int32_t { kHours = 1, kPractice = 2 };

// "session ORG/ACTIVITY/SESSION" and "volunteer KEY" (no id holds a space or a slash).
std::string AccountOf(const domain::SessionKey& session);
std::string AccountOf(const base::Uuid& volunteer_key);

struct Balance {
  Book book = Book::kHours;
  std::string account;
  int64_t minutes = 0;
  int64_t sequence = 0;  // of the row that moved it last
};

// Moves the minutes of the entry in row `sequence`. Cost: two rows of the table.
absl::Status Move(storage::Connection& connection, int64_t sequence, const EntryRow& entry);

// Minutes of one account; 0 where nothing was ever moved. Cost: one index lookup.
absl::StatusOr<int64_t> BalanceOf(storage::Connection& connection, Book book,
                                  const std::string& account);

// Balances in the order (book, account) behind the given one, at most `limit`. Book 0: the stored number
// is no book.
absl::StatusOr<std::vector<Balance>> ReadBalances(storage::Connection& connection, Book book,
                                                  const std::string& after, int32_t limit);

// The sum over all accounts of both books; 0 in every state. Cost: the whole table.
absl::StatusOr<int64_t> SumOfBalances(storage::Connection& connection);

// The same balances, derived from the rows alone. A plain value.
class Accounts {
 public:
  struct Derived {
    size_t number = 0;  // of the account, from 0, in the order in which they were moved first
    int64_t minutes = 0;
    int64_t sequence = 0;
  };

  void Move(int64_t sequence, const EntryRow& entry);
  // Null: no entry has moved it. Lives until the next Move.
  const Derived* Find(Book book, const std::string& account) const;
  size_t size() const { return balances_.size(); }

 private:
  void Add(Book book, std::string account, int64_t minutes, int64_t sequence);

  absl::flat_hash_map<std::pair<Book, std::string>, Derived> balances_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_ACCOUNTS_H_

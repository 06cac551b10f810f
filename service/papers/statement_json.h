#ifndef ROLLCALL_PAPERS_STATEMENT_JSON_H_
#define ROLLCALL_PAPERS_STATEMENT_JSON_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "papers/statement.h"

// For the .cc files of this folder only: nlohmann's header is slow to compile.
namespace rollcall::papers {

// The "statement" of both JSON forms; times and dates in RFC 3339's forms, minutes whole.
nlohmann::json StatementToJson(const Statement& statement);

// Back. Throws nlohmann::json::exception where a member is missing or of another type, and
// std::invalid_argument, naming the member, where its text means nothing. Unknown members are not
// noticed: compare with StatementToJson.
Statement StatementFromJson(const nlohmann::json& json);

// Nothing: not JSON (RFC 8259), or a member stands twice in one object.
std::optional<nlohmann::json> ParseJson(std::string_view text);

std::string DateText(std::chrono::year_month_day date);  // 2026-11-24

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_STATEMENT_JSON_H_

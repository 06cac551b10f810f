#include "client/names.h"

#include <array>
#include <cctype>
#include <utility>

namespace rollcall::client {
namespace {

template <typename T>
using WordOf = std::pair<std::string_view, T>;

constexpr std::array<WordOf<v1::AgeBand>, 3> kAgeBands = {{
    {"adult", v1::ADULT},
    {"14-17", v1::FROM_14_TO_17},
    {"under-14", v1::UNDER_14},
}};
constexpr std::array<WordOf<v1::OrganisationLevel>, 4> kLevels = {{
    {"county-centre", v1::COUNTY_CENTRE},
    {"township-institute", v1::TOWNSHIP_INSTITUTE},
    {"village-station", v1::VILLAGE_STATION},
    {"association", v1::ASSOCIATION},
}};
constexpr std::array<WordOf<v1::ConsentItem>, 3> kConsentItems = {{
    {"recognition", v1::RECOGNITION},
    {"kiosk-copies", v1::KIOSK_COPIES},
    {"network-transfer", v1::NETWORK_TRANSFER},
}};
constexpr std::array<WordOf<v1::Action>, 3> kActions = {{
    {"in", v1::IN},
    {"out", v1::OUT},
    {"auto", v1::AUTO},
}};

template <typename Words>
std::vector<std::string> AllWords(const Words& words) {
  std::vector<std::string> all;
  for (const auto& [word, value] : words) all.emplace_back(word);
  return all;
}

template <typename T, size_t N>
T Parse(const std::array<WordOf<T>, N>& words, std::string_view text) {
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  return static_cast<T>(0);
}

template <typename T, size_t N>
std::string_view Find(const std::array<WordOf<T>, N>& words, T wanted) {
  for (const auto& [word, value] : words) {
    if (value == wanted) return word;
  }
  return "";
}

// "CHECKED_IN" -> "checked in".
std::string InWords(std::string name, char gap) {
  for (char& c : name) {
    c = c == '_' ? gap : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace

std::vector<std::string> AgeBandWords() { return AllWords(kAgeBands); }
std::vector<std::string> LevelWords() { return AllWords(kLevels); }
std::vector<std::string> ConsentItemWords() { return AllWords(kConsentItems); }
std::vector<std::string> ActionWords() { return AllWords(kActions); }

v1::AgeBand ParseAgeBand(std::string_view word) { return Parse(kAgeBands, word); }
v1::OrganisationLevel ParseLevel(std::string_view word) { return Parse(kLevels, word); }
v1::ConsentItem ParseConsentItem(std::string_view word) { return Parse(kConsentItems, word); }
v1::Action ParseAction(std::string_view word) { return Parse(kActions, word); }

std::string_view Word(v1::AgeBand value) { return Find(kAgeBands, value); }
std::string_view Word(v1::OrganisationLevel value) { return Find(kLevels, value); }

std::string Phrase(v1::Decision decision) {
  return decision == 0 ? "" : InWords(v1::Decision_Name(decision), ' ');
}
std::string Phrase(v1::ConsentItem item) {
  return item == 0 ? "" : InWords(v1::ConsentItem_Name(item), ' ');
}
std::string Phrase(v1::EventKind kind) {
  return kind == 0 ? "" : InWords(v1::EventKind_Name(kind), '-');
}
std::string Phrase(v1::EvidenceClass evidence) {
  return evidence == 0 ? "" : InWords(v1::EvidenceClass_Name(evidence), ' ');
}

std::string SessionName(const v1::SessionRef& session) {
  return session.activity_id() + "/" + session.session_id();
}

}  // namespace rollcall::client

#ifndef ROLLCALL_CLIENT_NAMES_H_
#define ROLLCALL_CLIENT_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

#include "rollcall/v1/resources.pb.h"

// How the values of the contract's enums are written on the command line and in tables.
namespace rollcall::client {

// The words that `--age-band`, `--level`, `--item` and `--action` accept, for CLI11's checks.
std::vector<std::string> AgeBandWords();  // adult, 14-17, under-14
std::vector<std::string> LevelWords();    // county-centre, township-institute, ...
std::vector<std::string> ConsentItemWords();  // recognition, kiosk-copies, network-transfer
std::vector<std::string> ActionWords();   // in, out, auto

// ..._UNSPECIFIED for any other word, "" included.
v1::AgeBand ParseAgeBand(std::string_view word);
v1::OrganisationLevel ParseLevel(std::string_view word);
v1::ConsentItem ParseConsentItem(std::string_view word);
v1::Action ParseAction(std::string_view word);

// The word for a value; "" for ..._UNSPECIFIED.
std::string_view Word(v1::AgeBand value);
std::string_view Word(v1::OrganisationLevel value);

// "checked in", "too small", "check-out", "face", ...: for tables; "" for ..._UNSPECIFIED.
std::string Phrase(v1::Decision decision);
std::string Phrase(v1::ConsentItem item);
std::string Phrase(v1::EventKind kind);
std::string Phrase(v1::EvidenceClass evidence);

// "tea-house/morning". Without the organisation: listings are of one.
std::string SessionName(const v1::SessionRef& session);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_NAMES_H_

#ifndef ROLLCALL_TESTS_RIGS_YEAR_LIFE_H_
#define ROLLCALL_TESTS_RIGS_YEAR_LIFE_H_

#include <array>
#include <cstdint>
#include <vector>

#include "dice.h"
#include "year.h"

namespace rollcall::year {

constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 86'400;

struct Organisation {
  enum class Kind { kVillage, kAssociation, kCentre, kSchool };
  Kind kind = Kind::kVillage;
  int32_t number = 0;
  int32_t staff = 1;
  int32_t kiosks = 1;
  std::vector<int32_t> members;
  std::vector<int64_t> kiosk_error;  // seconds that each kiosk's clock is behind
  std::vector<int32_t> sessions;     // of the whole year
};

// Lays out honest life; fraud.cc adds to it. What is odd in it, and how often:
// docs/irregularities.md.
class Life {
 public:
  Life(const Options& options, Dice& dice, Year& year)
      : options_(options), dice_(dice), year_(year) {}

  void Live();

  std::vector<Organisation>& organisations() { return organisations_; }
  int32_t NewPerson();
  int32_t NewSession(Organisation& organisation, int64_t starts, int64_t length, bool practice);
  int64_t NewProposal() { return ++proposals_; }
  void Add(Punch punch) { year_.punches.push_back(punch); }

 private:
  struct Person {
    bool refuses = false;  // face, PIN and QR alike
    int32_t family = -1;
    int64_t joins = 0;
    int64_t busy_until = 0;
  };
  // How a session goes.
  struct Door {
    bool kiosk_broken = false;
    bool paper_only = false;
    bool crowd = false;          // a class that arrives at once
    int64_t flood_at = 0;        // when the outbox delivers; 0: online
    // When each member of staff can look at the next person: arrivals, departures.
    std::array<int64_t, 6> free_in{};
    std::array<int64_t, 6> free_out{};
  };

  void MakeOrganisations();
  void AddOrganisation(Organisation::Kind kind);
  void Day(Organisation& organisation, int64_t day);
  void Session(Organisation& organisation, int64_t day, int64_t people);
  std::vector<int32_t> Choose(const Organisation& organisation, int64_t starts, int64_t people,
                              bool guests);
  void Visit(Organisation& organisation, int32_t session, int32_t person, Door& door);
  void Pass(Organisation& organisation, Punch punch, int64_t when, Door& door);
  void Forgotten(Organisation& organisation, int32_t session, int32_t person, int64_t from);
  void PaperList(Organisation& organisation, int32_t session, const std::vector<int32_t>& people);

  const Options& options_;
  Dice& dice_;
  Year& year_;
  std::vector<Organisation> organisations_;
  std::vector<Person> people_;
  std::vector<std::vector<int32_t>> families_;
  int64_t entries_ = 0;
  int64_t proposals_ = 0;
  int64_t organisers_evening_ = 0;  // when the next forgotten check-out is entered
};

}  // namespace rollcall::year

#endif  // ROLLCALL_TESTS_RIGS_YEAR_LIFE_H_

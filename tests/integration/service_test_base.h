#ifndef ROLLCALL_TESTS_INTEGRATION_SERVICE_TEST_BASE_H_
#define ROLLCALL_TESTS_INTEGRATION_SERVICE_TEST_BASE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app_testing/fake_pipeline.h"
#include "base/clock.h"
#include "integration/client.h"
#include "server/server.h"
#include "support/environment.h"

namespace rollcall::testing {

// The whole service in this process on a free port and a folder of its own, with a client. Faces
// are read out of made-up pictures (app_testing/fake_pipeline.h) and the clock is moved by hand; it
// starts at 09:10 UTC on 24 November 2026.
class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest();
  ~ServiceTest() override;

  using Change = std::function<void(server::ServerOptions&)>;
  // Starts, or stops and starts again on the same folder, with options changed by `change`.
  void Start(const Change& change = {});
  void Stop();
  // What Start would start with.
  server::ServerOptions Options();

  const Client& client() const { return *client_; }
  base::Time At(int hour, int minute) const;

  // Activity `id` with the session "s" from 09:00 to 12:00.
  void MakeActivity(const std::string& id = "a", bool practice = false);
  void MakeActivityAt(const Client& where, const std::string& id, bool practice = false);
  // Stops, writes `count` volunteers `prefix`0, `prefix`1, ... into the stores, and starts again:
  // much quicker than one call each.
  void RegisterManyBehindTheServersBack(const std::string& prefix, int count);
  // Person `person` of the fake pictures with three photos, on the roster of `activity`.
  void Enrol(const std::string& id, int person, const std::string& activity = "a");
  // Without photos or consent.
  void Register(const std::string& id, const std::string& activity = "a");

  static std::string Picture(int person, int variant = 0);
  // A frame of now.
  v1::Frame Frame(int64_t id, const std::string& content) const;
  // Shows three frames of `person` in a stream of its own, half a second apart; the last decision.
  v1::FrameDecision See(int person, const std::string& activity = "a",
                        v1::SourceKind source = v1::CAMERA);
  v1::CheckInRequest CheckInRequest(int person, const std::string& activity = "a");
  std::string StaffToken(const std::string& id, const std::string& activity = "a");
  Answer<v1::RecordAttendanceResponse> Record(const std::string& token, v1::Action action,
                                              const std::string& request_id = NewRequestId());

  // Rows of the ledger, having seen that it verifies.
  int64_t LedgerRows();

  support::TempDir folder_;
  base::ManualClock clock_;
  FakeControl control_;
  std::unique_ptr<server::Server> server_;

 private:
  std::unique_ptr<Client> client_;
};

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_INTEGRATION_SERVICE_TEST_BASE_H_

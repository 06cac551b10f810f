#ifndef ROLLCALL_TESTS_INTEGRATION_SECURE_SERVICE_TEST_H_
#define ROLLCALL_TESTS_INTEGRATION_SECURE_SERVICE_TEST_H_

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "certificates/authority.h"
#include "certificates/bundle.h"
#include "domain/caller.h"
#include "integration/service_test_base.h"
#include "registry/registry.h"

namespace rollcall::testing {

// The value, or a failed test and the end of the program: without it nothing that follows makes
// sense.
template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    ADD_FAILURE() << value.status();
    std::abort();
  }
  return *std::move(value);
}

// The service behind mutual TLS, on a folder that server::Init made four days ago (so that a
// certificate can have expired).
class SecureServiceTest : public ServiceTest {
 protected:
  // Init and Start; `before` runs between the two, when nobody has the databases open.
  void SetUp() override { SetUpSite({}); }
  void SetUpSite(const std::function<void()>& before);

  Client As(const certificates::Bundle& bundle) const;
  Client Administrator() const { return As(administrator_); }

  // A new identity, made as the command line makes it. Kiosks stand at the site "hall".
  certificates::Bundle Identity(const std::string& id, v1::Role role,
                                const std::string& organisation = "home");
  // Another certificate for an identity that is there.
  certificates::Bundle Renewed(const std::string& id);
  // An administrator's certificate of `authority` that the server was never told of.
  certificates::Bundle Forged(const certificates::Authority& authority, base::Time now,
                              base::Duration lifetime);
  void MakeOrganisation(const std::string& id, const std::string& parent = "");
  grpc::Status Revoke(const std::string& id);
  // Opens a stream of a camera and signs for it, as a kiosk does; nothing when it was refused.
  static std::unique_ptr<KioskStream> OpenCamera(const Client& client,
                                                 const certificates::Bundle& bundle,
                                                 const std::string& activity);
  static grpc::Status ListActivities(const Client& client, const std::string& organisation);
  // "/rollcall.v1.LedgerService/ListHours" and so on, all of the contract.
  static std::vector<std::string> Methods();
  // What nobody could do through the service: writes to the registry while it does not run.
  void WithRegistry(const std::function<void(registry::Registry&)>& change);
  // Makes the identity `caller` with `certificate_pem` as its certificate, good until `expires` by
  // the record. Its organisation and, for a kiosk, its site are made where they are missing.
  static void Record(registry::Registry& registry, const domain::Caller& caller,
                     const std::string& certificate_pem, base::Time expires);
  // Lines of the audit trail so far.
  int64_t AuditLines();

  base::SystemClock machine_clock_;
  certificates::Bundle administrator_;
  std::unique_ptr<certificates::Authority> authority_;
};

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_INTEGRATION_SECURE_SERVICE_TEST_H_

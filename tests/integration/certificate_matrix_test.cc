// Every kind of certificate that somebody might come with, against every method: only the right
// ones pass, each of the others is refused for its own reason and leaves its line in the audit
// trail.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "access/identity_book.h"
#include "base/random.h"
#include "integration/made_certificate.h"
#include "integration/secure_service_test.h"
#include "integration/tls_client.h"
#include "rpc/access_table.h"
#include "server/site_authority.h"

namespace rollcall::testing {
namespace {

using domain::Role;
using std::chrono::hours;

// What becomes of everybody who comes with it.
struct Case {
  std::string name;
  // "HANDSHAKE": TLS refuses it. "": it is the certificate of `role`. Else the reason of
  // UNAUTHENTICATED, which every method answers.
  std::string refused;
  std::vector<Certificate> chain;
  Key key;
  Role role = Role::kUnspecified;
};

constexpr char kHandshake[] = "HANDSHAKE";
constexpr char kUnknown[] = "UNKNOWN_CERTIFICATE";
constexpr char kChanged[] = "CERTIFICATE_CHANGED";

class CertificateTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SetUpSite([this] {
      site_ = CertificateFromPem(authority_->certificate_pem());
      site_key_ = KeyFromPem(authority_->key_pem());
      WithRegistry([this](registry::Registry& registry) {
        registry_ = &registry;
        AddWhatIsRight();
        AddForeigners();
        AddTimes();
        AddUnrecorded();
        AddChanged();
        AddUsages();
        AddKeysAndSignatures();
        AddChains();
        registry_ = nullptr;
      });
    });
  }

  base::Time now() const { return machine_clock_.Now(); }

  static domain::Caller Caller(const std::string& id, Role role = Role::kAdministrator) {
    domain::Caller caller;
    caller.identity = id;
    caller.role = role;
    caller.organisation = domain::OrganisationId("home");
    if (role == Role::kKiosk) caller.site = domain::SiteId("hall");
    return caller;
  }
  // What this server would issue to `caller`.
  Recipe Right(const domain::Caller& caller) const {
    Recipe recipe;
    recipe.key = MakeKey();
    recipe.common_name = caller.identity;
    recipe.names = "URI:" + access::IdentityUri(caller);
    recipe.from = now() - hours(1);
    recipe.to = now() + hours(1000);
    return recipe;
  }
  Case& Add(const std::string& name, const std::string& refused, const Recipe& recipe,
            std::vector<Certificate> chain) {
    return cases_.emplace_back(Case{name, refused, std::move(chain), recipe.key});
  }
  // Signed by the site's authority and, so that nothing else stands in its way, recorded as the
  // first certificate of an administrator of its own. `change` makes it wrong.
  template <typename Change>
  void Recorded(const std::string& name, const std::string& refused, const Change& change) {
    const domain::Caller caller = Caller("t-" + std::to_string(cases_.size()));
    Recipe recipe = Right(caller);
    change(recipe);
    const Certificate made = Make(recipe, site_, site_key_);
    Add(name, refused, recipe, {made}).role = caller.role;
    Record(*registry_, caller, ToPem(made), now() + hours(1000));
  }
  // The same with a right signature that nobody has recorded, in the name of the administrator.
  template <typename Change>
  void Unrecorded(const std::string& name, const Change& change,
                  const std::string& refused = kUnknown) {
    Recipe recipe = Right(Caller("administrator"));
    change(recipe);
    Add(name, refused, recipe, {Make(recipe, site_, site_key_)});
  }
  // Recorded as that of a kiosk, while its text says `names`.
  void Changed(const std::string& name, const std::string& names) {
    const domain::Caller caller = Caller("t-" + std::to_string(cases_.size()), Role::kKiosk);
    Recipe recipe = Right(caller);
    recipe.names = names == "as it is" ? recipe.names : names;
    const Certificate made = Make(recipe, site_, site_key_);
    Add(name, kChanged, recipe, {made});
    Record(*registry_, caller, ToPem(made), now() + hours(1000));
  }

  void AddWhatIsRight();
  void AddForeigners();
  void AddTimes();
  void AddUnrecorded();
  void AddChanged();
  void AddUsages();
  void AddKeysAndSignatures();
  void AddChains();
  // Those that the service itself has to make.
  void AddIssued();

  // Calls every method with an empty request and judges the answers.
  void TryEveryMethod(const Case& one);
  void TryHandshake(const Case& one) {
    TlsTry attempt;
    attempt.address = server_->address();
    attempt.chain = one.chain;
    attempt.key = one.key;
    EXPECT_EQ(IsServed(attempt), one.refused != kHandshake);
  }

  const access::Rules rules_ = Must(rpc::ReadAccessRules());
  Certificate site_;
  Key site_key_;
  std::vector<Case> cases_;
  registry::Registry* registry_ = nullptr;
};

void CertificateTest::AddWhatIsRight() {
  for (const Role role : {Role::kKiosk, Role::kDesk, Role::kOrganiser, Role::kApprover,
                          Role::kAuditor, Role::kAdministrator}) {
    const domain::Caller caller = Caller("right-" + std::to_string(static_cast<int>(role)), role);
    const Recipe recipe = Right(caller);
    const Certificate made = Make(recipe, site_, site_key_);
    Add("right, " + caller.identity, "", recipe, {made}).role = role;
    Record(*registry_, caller, ToPem(made), now() + hours(1000));
  }
  // The control of all the others: what they are made from passes.
  Recorded("unchanged", "", [](Recipe&) {});
  Recorded("an unknown extension that is not critical", "",
           [](Recipe& recipe) { recipe.unknown = "plain"; });
}

void CertificateTest::AddForeigners() {
  Add("no certificate", kHandshake, {}, {});
  const Recipe own = Right(Caller("administrator"));
  Add("signed by itself", kHandshake, own, {Make(own, nullptr, own.key)});

  Recipe authority;
  authority.key = MakeKey();
  authority.from = now() - hours(1);
  authority.to = now() + hours(1000);
  authority.constraints = "critical,CA:TRUE,pathlen:0";
  authority.usage = "critical,keyCertSign,cRLSign";
  authority.purpose = "";
  for (const char* name : {"Another authority", "Rollcall site authority"}) {
    authority.common_name = name;
    const Certificate foreign = Make(authority, nullptr, authority.key);
    const Recipe leaf = Right(Caller("administrator"));
    const Certificate made = Make(leaf, foreign, authority.key);
    Add(std::string("of ") + name, kHandshake, leaf, {made});
    Add(std::string("of ") + name + ", which comes with it", kHandshake, leaf, {made, foreign});
  }
  // Names the right authority and its key identifier, but for the key.
  const Recipe stolen_name = Right(Caller("administrator"));
  Add("the right issuer and another key", kHandshake, stolen_name,
      {Make(stolen_name, site_, MakeKey())});

  // Another installation of this program, with an authority of the same name.
  server::InitOptions options;
  options.data = folder_.path() / "elsewhere";
  base::SystemRandom random;
  const auto report = Must(server::Init(options, base::SystemClock(), random));
  const auto bundle = Must(certificates::ReadBundle(report.bundle));
  Case& other = cases_.emplace_back();
  other.name = "administrator of another installation";
  other.refused = kHandshake;
  other.chain = {CertificateFromPem(bundle.certificate_pem)};
  other.key = KeyFromPem(bundle.key_pem);
  Recipe authority_itself;
  authority_itself.key = site_key_;
  Add("the authority itself", kHandshake, authority_itself, {site_});
}

void CertificateTest::AddTimes() {
  const auto lasting = [this](base::Duration from, base::Duration to) {
    return [this, from, to](Recipe& recipe) {
      recipe.from = now() + from;
      recipe.to = now() + to;
    };
  };
  Recorded("expired a minute ago", kHandshake, lasting(-hours(90), -std::chrono::minutes(1)));
  Recorded("expired years ago", kHandshake, lasting(-hours(90'000), -hours(80'000)));
  Recorded("not valid before the hour is over", kHandshake, lasting(hours(1), hours(2)));
  Recorded("not valid before next year", kHandshake, lasting(hours(8'760), hours(9'000)));
  Recorded("ends before it begins", kHandshake, lasting(hours(2), -hours(2)));
  Recorded("from 1970 to 1980", kHandshake, [](Recipe& recipe) {
    recipe.from = base::Time();
    recipe.to = base::Time() + hours(87'600);
  });
  Recorded("a signature until the year 9999", "",
           [](Recipe& recipe) { recipe.to = *base::ParseTime("9999-12-31T23:59:59Z"); });
  Unrecorded("until the year 9999, unrecorded",
             [](Recipe& recipe) { recipe.to = *base::ParseTime("9999-12-31T23:59:59Z"); });
  // TLS lets it in, by the times that stand in it; the record has ended.
  const domain::Caller caller = Caller("over");
  const Recipe recipe = Right(caller);
  const Certificate made = Make(recipe, site_, site_key_);
  Add("expired by the record", "CERTIFICATE_EXPIRED", recipe, {made});
  Record(*registry_, caller, ToPem(made), now() - hours(1));
}

void CertificateTest::AddUnrecorded() {
  const auto named = [](const std::string& names) {
    return [names](Recipe& recipe) { recipe.names = names; };
  };
  Unrecorded("the administrator's name, never recorded", [](Recipe&) {});
  Unrecorded("a kiosk's name", named("URI:rollcall:KIOSK/home/hall/door-1"));
  Unrecorded("the name of nobody", named("URI:rollcall:ADMINISTRATOR/home//nobody"));
  Unrecorded("the local administrator's name", named("URI:rollcall:LOCAL_ADMINISTRATOR///local"));
  Unrecorded("no name", named(""));
  Unrecorded("a DNS name", named("DNS:localhost"));
  Unrecorded("an address", named("IP:127.0.0.1"));
  Unrecorded("two names", named("URI:rollcall:DESK/home//x,URI:rollcall:ADMINISTRATOR/home//x"));
  Unrecorded("a name of 3,000 bytes", named("URI:rollcall:" + std::string(3'000, 'a')));
  // Read by us only after TLS has let it in.
  Unrecorded("a name with a tab", named("URI:rollcall:ADMINISTRATOR/home//\tx"), "BAD_CERTIFICATE");
}

void CertificateTest::AddChanged() {
  Changed("another role", "URI:rollcall:ADMINISTRATOR/home/hall/x");
  Changed("another role, spelt as a person", "URI:rollcall:ADMINISTRATOR/home//administrator");
  Changed("another organisation", "URI:rollcall:KIOSK/elsewhere/hall/x");
  Changed("another site", "URI:rollcall:KIOSK/home/cellar/x");
  Changed("another id", "URI:rollcall:KIOSK/home/hall/another");
  Changed("no URI", "");
  Changed("a DNS name in place of a URI", "DNS:door.example.org");
  Changed("a mail address in place of a URI", "email:door@example.org");
  Changed("two URIs", "URI:rollcall:KIOSK/home/hall/x,URI:rollcall:ADMINISTRATOR/home//x");
  Changed("small letters", "URI:rollcall:kiosk/home/hall/x");
  Changed("another scheme", "URI:spiffe:KIOSK/home/hall/x");
  Changed("more behind it", "URI:rollcall:KIOSK/home/hall/x/y");
}

void CertificateTest::AddUsages() {
  const auto purpose = [](const char* value) {
    return [value](Recipe& recipe) { recipe.purpose = value; };
  };
  const auto usage = [](const char* value) {
    return [value](Recipe& recipe) { recipe.usage = value; };
  };
  Recorded("for servers", kHandshake, purpose("serverAuth"));
  Recorded("for signing code", kHandshake, purpose("codeSigning"));
  Recorded("for anything", kHandshake, purpose("anyExtendedKeyUsage"));
  Recorded("for time stamps, critical", kHandshake, purpose("critical,timeStamping"));
  Recorded("a key for encipherment", kHandshake, usage("critical,keyEncipherment"));
  Recorded("a key for signing certificates", kHandshake, usage("critical,keyCertSign"));
  Recorded("a critical extension that nobody knows", kHandshake,
           [](Recipe& recipe) { recipe.unknown = "critical"; });
  Unrecorded("no purpose", purpose(""));
  Unrecorded("no key usage", usage(""));
  Unrecorded("no basic constraints", [](Recipe& recipe) { recipe.constraints = ""; });
  Unrecorded("an authority below ours", [](Recipe& recipe) {
    recipe.constraints = "critical,CA:TRUE";
    recipe.usage = "critical,digitalSignature,keyCertSign";
  });
  Unrecorded("version 1", [](Recipe& recipe) { recipe.version = X509_VERSION_1; });
  const auto keys = Options().data / "keys";
  Case& server = cases_.emplace_back();
  server.name = "the server's own";
  server.refused = kHandshake;
  server.chain = {CertificateFromPem(support::ReadFile(keys / "server.crt"))};
  server.key = KeyFromPem(support::ReadFile(keys / "server.key"));
}

void CertificateTest::AddKeysAndSignatures() {
  const auto keyed = [](const char* kind) {
    return [kind](Recipe& recipe) { recipe.key = MakeKey(kind); };
  };
  Recorded("RSA of 1024 bits", kHandshake, keyed("RSA-1024"));
  Unrecorded("RSA of 2048 bits", keyed("RSA-2048"));
  Recorded("P-224", kHandshake, keyed("P-224"));
  Recorded("secp256k1", kHandshake, keyed("secp256k1"));
  Unrecorded("P-384", keyed("P-384"));
  Unrecorded("Ed25519", keyed("ED25519"));
  Recorded("signed over SHA-1", kHandshake, [](Recipe& recipe) { recipe.digest = "SHA1"; });
  Unrecorded("signed over SHA-512", [](Recipe& recipe) { recipe.digest = "SHA512"; });
  Recorded("a bit of the signature flipped", kHandshake,
           [](Recipe& recipe) { recipe.broken_signature = true; });
  Recorded("another issuer's name", kHandshake,
           [](Recipe& recipe) { recipe.issuer_name = "Somebody else"; });
  // Everything right but for whoever presents it: the secret is not that of the certificate.
  Recorded("somebody else's certificate", kHandshake, [](Recipe&) {});
  cases_.back().key = KeyWithForeignSecret(cases_.back().key, MakeKey());
}

void CertificateTest::AddChains() {
  Recipe between;
  between.key = MakeKey();
  between.common_name = "Intermediate authority";
  between.from = now() - hours(1);
  between.to = now() + hours(1000);
  between.constraints = "critical,CA:TRUE,pathlen:0";
  between.usage = "critical,keyCertSign";
  between.purpose = "";
  const Certificate intermediate = Make(between, site_, site_key_);
  const Recipe leaf = Right(Caller("administrator"));
  const Certificate below = Make(leaf, intermediate, between.key);
  Add("of an authority below ours", kHandshake, leaf, {below, intermediate});
  Add("of an authority below ours, which does not come with it", kHandshake, leaf, {below});
  // The holder of a client's certificate issues another with it.
  const Recipe client = Right(Caller("right-1", Role::kKiosk));
  const Certificate issuer = Make(client, site_, site_key_);
  const Recipe made_by_client = Right(Caller("administrator"));
  Add("issued with a client's key", kHandshake, made_by_client,
      {Make(made_by_client, issuer, client.key), issuer});
}

void CertificateTest::AddIssued() {
  const auto add = [this](const std::string& name, const std::string& refused,
                          const certificates::Bundle& bundle, Role role) {
    cases_.push_back({name,
                      refused,
                      {CertificateFromPem(bundle.certificate_pem)},
                      KeyFromPem(bundle.key_pem),
                      role});
  };
  add("the first administrator", "", administrator_, Role::kAdministrator);
  const certificates::Bundle first = Identity("dora", v1::DESK);
  add("after its renewal", "", Renewed("dora"), Role::kDesk);
  add("renewed since, and still good", "", first, Role::kDesk);
  const certificates::Bundle before = Identity("otto", v1::ORGANISER);
  const certificates::Bundle after = Renewed("otto");
  ASSERT_TRUE(Revoke("otto").ok());
  add("revoked", "IDENTITY_REVOKED", after, Role::kOrganiser);
  add("revoked, the certificate before", "IDENTITY_REVOKED", before, Role::kOrganiser);
}

void CertificateTest::TryEveryMethod(const Case& one) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority_->certificate_pem();
  if (!one.chain.empty()) {
    options.pem_private_key = ToPem(one.key);
    for (const Certificate& certificate : one.chain) options.pem_cert_chain += ToPem(certificate);
  }
  const Client client(server_->address(), grpc::SslCredentials(options));
  domain::Caller caller;
  caller.role = one.role;
  const int64_t before = AuditLines();
  int64_t lines = 0;
  for (const std::string& method : Methods()) {
    const auto answer = RawCall(client, method, "");
    if (one.refused == kHandshake) {
      EXPECT_FALSE(answer.ok()) << method;
      EXPECT_EQ(answer.reason(), "") << method << ": the service has answered";
    } else if (!one.refused.empty()) {
      EXPECT_EQ(answer.code(), grpc::StatusCode::UNAUTHENTICATED) << method;
      EXPECT_EQ(answer.reason(), one.refused) << method;
      ++lines;
    } else if (rules_.Authorise(caller, method.substr(1)).ok()) {
      EXPECT_NE(answer.code(), grpc::StatusCode::UNAUTHENTICATED) << method << answer.reason();
      EXPECT_NE(answer.code(), grpc::StatusCode::UNAVAILABLE) << method << answer.reason();
      EXPECT_NE(answer.reason(), "ROLE_NOT_ALLOWED") << method;
      const bool denied = answer.code() == grpc::StatusCode::PERMISSION_DENIED;
      lines += rules_.Find(method.substr(1))->writes ? 2 : denied ? 1 : 0;
    } else {
      EXPECT_EQ(answer.code(), grpc::StatusCode::PERMISSION_DENIED) << method;
      EXPECT_EQ(answer.reason(), "ROLE_NOT_ALLOWED") << method;
      ++lines;
    }
  }
  EXPECT_EQ(AuditLines() - before, lines) << "lines in the audit trail";
}

TEST_F(CertificateTest, OnlyTheRightOnesPassWhateverTheMethod) {
  AddIssued();
  ASSERT_GE(cases_.size(), 60u);
  std::map<std::string, int> outcomes;
  for (const Case& one : cases_) {
    SCOPED_TRACE(one.name);
    TryHandshake(one);
    TryEveryMethod(one);
    ++outcomes[one.refused.empty() ? "passes" : one.refused];
  }
  for (const auto& [outcome, cases] : outcomes) {
    std::printf("%3d cases: %s\n", cases, outcome.c_str());
  }
  std::printf("%zu certificates x %zu methods\n", cases_.size(), Methods().size());
  EXPECT_TRUE(Administrator().Info().ok());
}

// What is no TLS 1.3, or no HTTP/2 within it.
TEST_F(CertificateTest, NothingElseIsSpokenOnThePort) {
  TlsTry right;
  right.address = server_->address();
  right.chain = {CertificateFromPem(administrator_.certificate_pem)};
  right.key = KeyFromPem(administrator_.key_pem);
  ASSERT_TRUE(IsServed(right)) << "the control";
  std::map<std::string, TlsTry> wrong;
  const auto version = [&](const char* name, int min, int max, const char* ciphers) {
    TlsTry& one = wrong[name] = right;
    one.version_min = min;
    one.version_max = max;
    one.ciphers = ciphers;
  };
  version("TLS 1.2", TLS1_2_VERSION, TLS1_2_VERSION, "ALL:@SECLEVEL=0");
  version("TLS 1.2, ECDSA", TLS1_2_VERSION, TLS1_2_VERSION,
          "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256");
  version("TLS 1.2, RSA", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384");
  version("TLS 1.2, nobody's key", TLS1_2_VERSION, TLS1_2_VERSION, "aNULL:@SECLEVEL=0");
  version("TLS 1.1", TLS1_1_VERSION, TLS1_1_VERSION, "ALL:@SECLEVEL=0");
  version("TLS 1.0", TLS1_VERSION, TLS1_VERSION, "ALL:@SECLEVEL=0");
  version("anything below 1.3", TLS1_VERSION, TLS1_2_VERSION, "ALL:@SECLEVEL=0");
  wrong["HTTP/1.1 by ALPN"] = right;
  wrong["HTTP/1.1 by ALPN"].protocols = std::string("\x08http/1.1");
  for (const auto& [name, one] : wrong) EXPECT_FALSE(IsServed(one)) << name;
  // The ends of a connection that is right until then.
  right.bytes = std::string(4'096, '\xff');
  IsServed(right);  // gRPC may send its SETTINGS before it reads
  right.bytes = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  IsServed(right);

  std::string junk;
  for (int i = 0; i < 2'000; ++i) junk += static_cast<char>(i * 37 % 251);
  for (const std::string& bytes :
       {Http2Preface(), std::string("GET / HTTP/1.1\r\n\r\n"), junk, std::string("\x16\x03\x01"),
        std::string("\x15\x03\x03\0\x02\x02\x28", 7), std::string(70'000, '\x16')}) {
    const std::string answer = SendPlain(server_->address(), bytes);
    EXPECT_FALSE(answer.size() >= 9 && answer[3] == 4) << "SETTINGS without TLS";
    EXPECT_LT(answer.size(), 64u) << "more than an alert";
  }
  const Client plain(server_->address());
  const int64_t before = AuditLines();
  for (const std::string& method : Methods()) {
    const auto answer = RawCall(plain, method, "");
    EXPECT_EQ(answer.code(), grpc::StatusCode::UNAVAILABLE) << method;
    EXPECT_EQ(answer.reason(), "") << method;
  }
  EXPECT_EQ(AuditLines(), before);
  EXPECT_TRUE(Administrator().Info().ok()) << "and it goes on serving";
}

}  // namespace
}  // namespace rollcall::testing

#include "server/site_authority.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "access/identity_book.h"
#include "app/tokens.h"
#include "base/durable_file.h"
#include "base/text.h"
#include "base/wipe.h"
#include "certificates/authority.h"
#include "certificates/bundle.h"
#include "certificates/certificate_info.h"
#include "certificates/private_key.h"
#include "domain/caller.h"
#include "ledger/ledger.h"
#include "registry/registry.h"
#include "server/config.h"
#include "server/ledger_setup.h"
#include "storage/data_folder.h"
#include "storage/database.h"
#include "vault/vault.h"
#include "webhooks/store.h"

namespace rollcall::server {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""h;

// The authority outlives the devices that it is for; server certificates last as long as public ones
// may since 2020 (398 days), identities a year by default.
constexpr base::Duration kAuthorityLifetime = 24h * 3650;
constexpr base::Duration kServerLifetime = 24h * 398;
constexpr base::Duration kAdministratorLifetime = 24h * 365;
constexpr unsigned kWatchSeconds = 1;

absl::Status Precondition(std::string_view reason, const std::string& message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

fs::path KeyOf(const fs::path& data, const char* whose) {
  return data / "keys" / (std::string(whose) + ".key");
}
fs::path CertificateOf(const fs::path& data, const char* whose) {
  return data / "keys" / (std::string(whose) + ".crt");
}

absl::StatusOr<std::string> ReadText(const fs::path& path, bool secret) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info {};
  if (file < 0 || ::fstat(file, &info) != 0) {
    const std::string why = std::strerror(errno);
    if (file >= 0) ::close(file);
    return Precondition("BAD_AUTHORITY", path.string() + ": " + why);
  }
  std::string text(static_cast<size_t>(std::clamp<off_t>(info.st_size, 0, 64 << 10)), '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  ::close(file);
  if (secret && (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() ||
                 (info.st_mode & 077) != 0)) {
    return Precondition("KEY_UNSAFE", path.string() +
                                          ": must be a regular file that only the service's own "
                                          "user can read (chmod 600)");
  }
  if (got != static_cast<ssize_t>(text.size())) {
    return Precondition("BAD_AUTHORITY", path.string() + ": cannot be read");
  }
  return text;
}

absl::Status BadServerCertificate(const fs::path& data, std::string_view why) {
  return Precondition("BAD_SERVER_CERTIFICATE", CertificateOf(data, "server").string() + ": " +
                                                    std::string(why) +
                                                    "; rollcalld renew makes a new one");
}

// The text of the key is overwritten.
absl::Status WriteKey(const fs::path& data, const char* whose, std::string pem) {
  const absl::Status written = base::ReplaceFile(KeyOf(data, whose), pem);
  base::Wipe(pem);
  return written;
}

std::string AddressText(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    // Link-local addresses need a zone that only the client knows.
    if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return {};
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
  }
  return text.data();
}

std::vector<std::string> NamesOfThisMachine() {
  std::vector<std::string> names;
  std::array<char, 256> host{};
  // Linux takes host names that are no DNS names; a client could not ask for one of those.
  constexpr char kDnsLetters[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
  if (::gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0' &&
      std::strspn(host.data(), kDnsLetters) == std::strlen(host.data())) {
    names.emplace_back(host.data());
  }
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return names;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0) continue;
    if (std::string text = AddressText(one->ifa_addr); !text.empty()) names.push_back(text);
  }
  ::freeifaddrs(all);
  return names;
}

std::vector<std::string> WithLoopback(std::vector<std::string> names) {
  for (const char* always : {"localhost", "127.0.0.1", "::1"}) {
    if (std::find(names.begin(), names.end(), always) == names.end()) names.emplace_back(always);
  }
  return names;
}

// Between the two renames, some microseconds, the pair does not match. gRPC looks once a second: should it
// hit just them, handshakes fail until it looks again.
// The server's key: the one that lies in `data`, or a new one where there is none that can be used. A certificate for the
// same key is one file that changes; two can be read, or left by a crash, when one has changed and the other has not, and
// no handshake succeeds then.
absl::StatusOr<certificates::PrivateKey> ServerKey(const fs::path& data) {
  absl::StatusOr<std::string> text = ReadText(KeyOf(data, "server"), true);
  if (text.ok()) {
    auto key = certificates::PrivateKey::FromPem(*text);
    base::Wipe(*text);
    if (key.ok()) return key;
  }
  ASSIGN_OR_RETURN(auto key, certificates::PrivateKey::Generate());
  RETURN_IF_ERROR(WriteKey(data, "server", key.ToPem()));
  return key;
}

absl::StatusOr<base::Time> IssueServerCertificate(const fs::path& data,
                                                  const certificates::Authority& authority,
                                                  const std::vector<std::string>& names,
                                                  base::Time now) {
  ASSIGN_OR_RETURN(const auto key, ServerKey(data));
  ASSIGN_OR_RETURN(const std::string request, certificates::MakeRequest(key));
  ASSIGN_OR_RETURN(const std::string certificate,
                   authority.IssueServer(request, names, now, kServerLifetime));
  ASSIGN_OR_RETURN(const auto info, certificates::Inspect(certificate));
  RETURN_IF_ERROR(base::ReplaceFile(CertificateOf(data, "server"), certificate, 0644));
  return info.not_after;
}

absl::Status AddAdministrator(registry::Registry& registry, const registry::Identity& who,
                              const certificates::CertificateInfo& certificate) {
  const registry::IdentityCertificate issued{certificate.fingerprint, who.id, who.created,
                                             certificate.not_after};
  const absl::Status added = registry.AddIdentity(who, issued);
  // An Init that a crash cut off had come this far.
  if (absl::IsAlreadyExists(added)) return registry.AddCertificate(issued);
  return added;
}

// The keys and the databases, with the default organisation and the first administrator.
absl::Status MakeStores(const InitOptions& options, const registry::Identity& administrator,
                        const certificates::CertificateInfo& certificate,
                        base::RandomSource& random) {
  const fs::path& data = options.data;
  RETURN_IF_ERROR(app::Tokens::LoadOrMakeKey(data / "keys/tokens.key", random).status());
  RETURN_IF_ERROR(ReadOrMakeLedgerKey(data, random).status());
  ASSIGN_OR_RETURN(const auto vault_databases, vault::OpenVaultDatabases(data));
  const vault::KeyProtection none;
  RETURN_IF_ERROR(
      vault::MakeSqlVault(
          {.templates = *vault_databases.templates,
           .keys = *vault_databases.keys,
           .key_path = data / "keys/templates.key",
           .protection = options.key_protection ? *options.key_protection : none,
           .random = random})
          .status());

  storage::DatabaseOptions main;
  main.path = data / "rollcall.db";
  main.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
  ASSIGN_OR_RETURN(const auto database, storage::OpenSqlite(std::move(main)));
  const auto registry = registry::MakeSqlRegistry(*database);
  const domain::OrganisationId& home = administrator.organisation;
  const absl::Status made = registry->CreateOrganisation(
      {home, home.value, domain::OrganisationLevel::kAssociation, {}, administrator.created});
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return AddAdministrator(*registry, administrator, certificate);
}

absl::Status CheckFolder(const InitOptions& options) {
  if (IsInitialised(options.data)) {
    return Precondition("ALREADY_INITIALISED",
                        options.data.string() + ": has an authority already; rollcalld renew makes "
                                                "a new server certificate");
  }
  std::error_code ignored;
  if (fs::exists(options.data / "practice-only", ignored)) {
    return Precondition("PRACTICE_FOLDER",
                        options.data.string() + ": was used with --practice-clock; take another "
                                                "folder for real hours");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsInitialised(const fs::path& data) {
  std::error_code ignored;
  return fs::exists(CertificateOf(data, "authority"), ignored);
}

bool HasAuthorityKey(const fs::path& data) {
  std::error_code ignored;
  return fs::exists(KeyOf(data, "authority"), ignored);
}

absl::StatusOr<InitReport> Init(const InitOptions& options, const base::Clock& clock,
                                base::RandomSource& random) {
  const base::Time now = clock.Now();
  InitReport report;
  report.bundle =
      options.bundle.empty() ? options.data / "administrator.pem" : options.bundle;
  report.config = options.data / "rollcalld.toml";
  report.names = WithLoopback(options.names.empty() ? NamesOfThisMachine() : options.names);

  domain::Caller caller;
  caller.identity = options.administrator;
  caller.role = domain::Role::kAdministrator;
  caller.organisation = domain::OrganisationId(options.default_organisation);
  registry::Identity administrator;
  administrator.id = caller.identity;
  administrator.role = caller.role;
  administrator.organisation = caller.organisation;
  administrator.name = "first administrator";
  administrator.created = now;
  administrator.recorder = "rollcalld init";

  RETURN_IF_ERROR(base::ValidateId(options.administrator, "--administrator"));
  if (options.administrator == "local") {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ID",
                           "--administrator: \"local\" is whoever connects without a certificate");
  }
  ASSIGN_OR_RETURN(const auto folder, storage::DataFolder::Open(options.data));
  RETURN_IF_ERROR(CheckFolder(options));
  std::error_code error;
  fs::create_directory(options.data / "keys", error);
  fs::permissions(options.data / "keys", fs::perms::owner_all, error);
  if (error) return Precondition("DATA_READ_ONLY", options.data.string() + ": " + error.message());
  ASSIGN_OR_RETURN(const auto authority,
                   certificates::Authority::Create("Rollcall site authority", now,
                                                   kAuthorityLifetime));
  ASSIGN_OR_RETURN(const auto key, certificates::PrivateKey::Generate());
  ASSIGN_OR_RETURN(const std::string request, certificates::MakeRequest(key));
  ASSIGN_OR_RETURN(const std::string certificate,
                   authority.IssueClient(request, administrator.id, access::IdentityUri(caller),
                                         now, kAdministratorLifetime));
  ASSIGN_OR_RETURN(const auto info, certificates::Inspect(certificate));
  ASSIGN_OR_RETURN(report.server_expires,
                   IssueServerCertificate(options.data, authority, report.names, now));
  RETURN_IF_ERROR(MakeStores(options, administrator, info, random));
  certificates::Bundle bundle{key.ToPem(), certificate, authority.certificate_pem()};
  const absl::Status written = certificates::WriteBundle(report.bundle, bundle);
  base::Wipe(bundle.key_pem);
  RETURN_IF_ERROR(written);
  if (!fs::exists(report.config, error)) {
    RETURN_IF_ERROR(base::ReplaceFile(report.config, ExampleConfig()));
  }
  RETURN_IF_ERROR(WriteKey(options.data, "authority", authority.key_pem()));
  RETURN_IF_ERROR(
      base::ReplaceFile(CertificateOf(options.data, "authority"), authority.certificate_pem(), 0644));
  return report;
}

absl::StatusOr<std::unique_ptr<certificates::Authority>> LoadAuthority(const fs::path& data) {
  ASSIGN_OR_RETURN(const std::string certificate,
                   ReadText(CertificateOf(data, "authority"), false));
  ASSIGN_OR_RETURN(std::string key, ReadText(KeyOf(data, "authority"), true));
  absl::StatusOr<certificates::Authority> authority =
      certificates::Authority::Load(certificate, key);
  base::Wipe(key);
  RETURN_IF_ERROR(authority.status());
  return std::make_unique<certificates::Authority>(*std::move(authority));
}

absl::StatusOr<base::Time> RenewServerCertificate(const fs::path& data, const base::Clock& clock) {
  if (!IsInitialised(data)) {
    return Precondition("NOT_INITIALISED", data.string() + ": run rollcalld init first");
  }
  ASSIGN_OR_RETURN(const auto authority, LoadAuthority(data));
  ASSIGN_OR_RETURN(const std::string before, ReadText(CertificateOf(data, "server"), false));
  ASSIGN_OR_RETURN(const auto info, certificates::Inspect(before));
  return IssueServerCertificate(data, *authority, info.names, clock.Now());
}

absl::StatusOr<base::Time> ServerCertificateEnds(const fs::path& data) {
  const auto text = ReadText(CertificateOf(data, "server"), false);
  if (!text.ok()) return BadServerCertificate(data, "cannot be read");
  const auto info = certificates::Inspect(*text);
  if (!info.ok()) return BadServerCertificate(data, base::Message(info.status()));
  if (!info->p256) {
    return BadServerCertificate(
        data, "its key is not ECDSA P-256, and TLS 1.2 would be possible with it");
  }
  if (!info->for_server) return BadServerCertificate(data, "it is not for a server");
  return info->not_after;
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const fs::path& data, const base::Clock& clock) {
  ASSIGN_OR_RETURN(std::string key, ReadText(KeyOf(data, "server"), true));
  base::Wipe(key);  // only whether it is safe was asked; gRPC reads it itself
  ASSIGN_OR_RETURN(const base::Time ends, ServerCertificateEnds(data));
  if (ends <= clock.Now()) return BadServerCertificate(data, "it has expired");

  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      KeyOf(data, "server").string(), CertificateOf(data, "server").string(),
      CertificateOf(data, "authority").string(), kWatchSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(std::move(provider));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

void AllowTls13Only() { ::setenv("GRPC_SSL_CIPHER_SUITES", "ECDHE-RSA-AES256-GCM-SHA384", 1); }

}  // namespace rollcall::server

#include "webhooks/store.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.h"
#include "support/status_matchers.h"

namespace rollcall::webhooks {
namespace {

using support::HasReason;
using support::IsOk;

class StoreTest : public DispatcherTest {};

TEST_F(StoreTest, GivesBackWhatWasPutIn) {
  Webhook webhook = Make(1);
  webhook.types = {EventType::kReversed, EventType::kHoursCredited};
  webhook.progress.cursor = 7;
  ASSERT_THAT(store_->Create(webhook), IsOk());
  const auto found = store_->Get(webhook.id);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->organisation, webhook.organisation);
  EXPECT_EQ(found->url, webhook.url);
  EXPECT_EQ(found->types, webhook.types);
  EXPECT_EQ(found->public_key, webhook.public_key);
  EXPECT_EQ(found->created, webhook.created);
  EXPECT_EQ(found->recorder, "olga");
  EXPECT_EQ(found->progress.cursor, 7);
  EXPECT_EQ(found->progress.state, State::kEnabled);
  EXPECT_FALSE(found->progress.failing_since);
}

TEST_F(StoreTest, KnowsOnlyWhatIsThere) {
  for (const absl::Status& status :
       {store_->Get(IdOf(1)).status(), store_->Remove(IdOf(1)), store_->Enable(IdOf(1))}) {
    EXPECT_THAT(status, HasReason("NO_SUCH_WEBHOOK"));
  }
}

TEST_F(StoreTest, HoldsSoManyOfAnOrganisationAndNoMore) {
  for (uint8_t i = 0; i < kMaxWebhooksPerOrganisation; ++i) {
    ASSERT_THAT(store_->Create(Make(i)), IsOk());
  }
  EXPECT_THAT(store_->Create(Make(100)),
              HasReason("TOO_MANY_WEBHOOKS"));
  EXPECT_THAT(store_->Create(Make(100, "village")), IsOk());
  EXPECT_EQ(store_->List()->size(), static_cast<size_t>(kMaxWebhooksPerOrganisation) + 1);
}

// The database itself says no: a cursor that went back would tell everything again.
TEST_F(StoreTest, ACursorNeverGoesBack) {
  Webhook webhook = Make(1);
  webhook.progress.cursor = 7;
  ASSERT_THAT(store_->Create(webhook), IsOk());
  absl::Status saved;
  Progress back = webhook.progress;
  back.cursor = 6;
  store_->SaveProgress({{webhook.id, back}}, [&](absl::Status status) { saved = status; });
  store_->Settle();
  EXPECT_FALSE(saved.ok());
  EXPECT_EQ(store_->Get(webhook.id)->progress.cursor, 7);
}

TEST_F(StoreTest, NoSecretLiesInTheDatabase) {
  const Webhook webhook = Make(1);
  ASSERT_THAT(store_->Create(webhook), IsOk());
  const SigningKeys keys = DeriveKeys(key_, webhook.id);
  const std::string secret = SecretText(keys).substr(6);
  store_.reset();
  database_.reset();
  const std::string file = support::ReadFile(folder_.path() / "x.db");
  EXPECT_NE(file.find(webhook.url), std::string::npos);
  EXPECT_EQ(file.find(secret), std::string::npos);
  for (const auto& bytes : {keys.hmac.bytes(), keys.ed25519.bytes().first(32)}) {
    EXPECT_EQ(std::search(file.begin(), file.end(), bytes.begin(), bytes.end(),
                          [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }),
              file.end());
  }
}

}  // namespace
}  // namespace rollcall::webhooks

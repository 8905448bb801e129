#include "api/core/webhook.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace peerpay::api {
namespace {

// The example of the reference libraries (github.com/standard-webhooks/standard-webhooks).
TEST(SignWebhook, MatchesStandardWebhooks) {
  const auto secret =
      base::base64_decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", base::Base64Padding::kRequired);
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(sign_webhook(*secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330,
                         R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_EQ(format_webhook_secret(*secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
}

TEST(RetryDelay, IsTheScheduleOfStandardWebhooks) {
  constexpr std::int64_t kSeconds[] = {0,      5,      300,    1800,   7200,
                                       18'000, 36'000, 50'400, 72'000, 86'400};
  for (std::uint32_t failed = 0; failed < 10; ++failed) {
    EXPECT_EQ(retry_delay(failed), base::seconds(kSeconds[failed])) << failed;
  }
  EXPECT_FALSE(retry_delay(10).has_value());
}

}  // namespace
}  // namespace peerpay::api

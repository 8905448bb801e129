#include "api/resources/services.h"

namespace peerpay::api {

void Services::tell(const Happenings& happened) {
  for (const auto& invoice : happened.invoices) feed.tell(invoice.id);
  if (happened.has_deliveries) wake_webhooks();
}

}  // namespace peerpay::api

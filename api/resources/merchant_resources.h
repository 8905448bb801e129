#pragma once
// What a merchant owns: invoices, webhook endpoints, events; and the page that their customers see.

#include "api/resources/operation.h"

namespace peerpay::api {

void add_invoices(Operations& operations);
void add_webhook_endpoints(Operations& operations);
void add_events(Operations& operations);
void add_checkout(Operations& operations);

[[nodiscard]] Problem problem_of(const BookError& error);
[[nodiscard]] Problem store_problem();

}  // namespace peerpay::api

#pragma once
// The contract and what else was built in: /openapi.yaml, /docs, style and script of pages.

#include "api/resources/operation.h"

namespace peerpay::api {

void add_documents(Operations& operations);

}  // namespace peerpay::api

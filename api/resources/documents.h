#pragma once
// The contract and what else was built in: /openapi.yaml, /docs, style and script of pages.

#include "api/http/query.h"
#include "api/http/router.h"

namespace peerpay::api {

using http::Task;

void add_documents(http::Router& router);

}  // namespace peerpay::api

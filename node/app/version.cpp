#include "node/app/version.h"

namespace peerpay::app {

std::string_view version() { return PEERPAY_VERSION; }

}  // namespace peerpay::app

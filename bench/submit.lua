-- wrk: submits signed payments to a gateway, each once, each with an Idempotency-Key of its own.
--   wrk -t1 -c64 -d10 -s bench/submit.lua http://127.0.0.1:8080 -- PAYMENTS_FILE API_KEY_FILE
-- PAYMENTS_FILE: of peerpay-bench payments.
local lines = {}
local key
local sent = 0

function init(arguments)
  for line in io.lines(arguments[1]) do lines[#lines + 1] = line end
  key = io.open(arguments[2]):read("l")
end

function request()
  sent = sent + 1
  local line = lines[sent]
  if line == nil then wrk.thread:stop() line = lines[#lines] end
  return wrk.format("POST", "/v1/transactions", {
    ["Authorization"] = "Bearer " .. key,
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = "bench-" .. sent,
  }, '{"envelope":"' .. line .. '"}')
end

#!/usr/bin/env bash
# What the gateway does on this machine, with node, gateway and wrk sharing it.
#   bench/gateway.sh [VALIDATORS] [SECONDS]
# Needs wrk (Debian package wrk). Compare within one run: the machine is shared.
set -euo pipefail
validators=${1:-1}
seconds=${2:-10}
accounts=10000
root=$(cd "$(dirname "$0")/.." && pwd -P)
bin=${PEERPAY_BIN:-$root/build/release/bin}
command -v wrk >/dev/null || { printf 'bench/gateway.sh: wrk is missing (apt-get install wrk)\n' >&2; exit 2; }
work=$(realpath "$(mktemp -d "${TMPDIR:-/tmp}/peerpay-gateway-bench.XXXXXX")")
net=$work/net
count=$validators
. "$root/deploy/network.sh"
validators=$count
gateway_pid=
clean_up() {
  [ -z "$gateway_pid" ] || kill "$gateway_pid" 2>/dev/null || true
  stop_network
  rm -rf "$work"
}
trap clean_up EXIT

fund=$("$bin/peerpay-bench" accounts --count "$accounts" | sed 's/.*/--fund &=USD:1000.00/')
# shellcheck disable=SC2086 # one option for each account
"$bin/peerpayd" testnet --validators "$validators" --output "$net" --base-port "$(free_base_port)" $fund >/dev/null
start_network
node=$(client_address 0)
"$bin/peerpay-gateway" run --node "$node" --listen 127.0.0.1:0 --data "$work/gateway" >"$work/log" 2>&1 &
gateway_pid=$!
is_serving() {
  gateway=$(sed -n 's/.*\[gateway\] \(http:[^ ]*\) .*/\1/p' "$work/log")
  [ -n "$gateway" ]
}
wait_until 20 is_serving
"$bin/peerpay-gateway" keys new --name bench --data "$work/gateway" >"$work/key" 2>/dev/null
"$bin/peerpay-bench" payments --node "$node" --accounts "$accounts" --count $((seconds * 20000)) >"$work/payments"
rss_kib() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$gateway_pid/status"; }
figures() { sed -n 's/^ *\(50%\|99%\) */\1 /p; /Requests\/sec\|Non-2xx/p'; }

address=$("$bin/peerpay-bench" accounts --count 2 | head -n 1)
sleep 1
printf 'GET /v1/accounts/{address}, 64 connections, %s s\n' "$seconds"
wrk -t1 -c64 -d"$seconds" --latency "$gateway/v1/accounts/$address" | figures
printf 'POST /v1/transactions, 64 connections, %s s\n' "$seconds"
wrk -t1 -c64 -d"$seconds" --latency -s "$root/bench/submit.lua" "$gateway" -- "$work/payments" "$work/key" | figures
printf 'resident memory of the gateway: %s KiB\n' "$(rss_kib)"

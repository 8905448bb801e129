#!/usr/bin/env bash
# The story of a payment, on a real network of four validators on this machine.
#   demo.sh [--once]     --once: ends after the story, exit 0 when all of it came true
set -euo pipefail
once=
case "${1:-}" in
  "") ;;
  --once) once=1 ;;
  *) printf 'usage: ./dev demo [--once]\n' >&2; exit 2 ;;
esac

root=$(cd "$(dirname "$0")/.." && pwd -P)
bin=${PEERPAY_BIN:-$root/build/release/bin}
work=$(realpath "$(mktemp -d "${TMPDIR:-/tmp}/peerpay-demo.XXXXXX")")
net=$work/net
idle=
helpers=  # processes beside the validators: the gateway and the shop
. "$root/deploy/network.sh"

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'demo failed: %s\n' "$*" >&2
  exit 1
}

clean_up() {
  local code=$?
  trap - EXIT INT TERM
  local pid
  for pid in $idle $helpers; do kill "$pid" 2>/dev/null || true; done
  stop_network
  rm -rf "$work"
  [ "$code" -lt 128 ] || printf 'demo interrupted\n' >&2
  [ -n "$once" ] || [ "$code" -ne 0 ] || say "the network has ended; nothing is left behind"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A wallet of its own for each person. The pass phrase is only for the demo.
printf 'demo-demo\n' >"$work/passphrase"
chmod 600 "$work/passphrase"
wallet() { # person, arguments...
  local person=$1
  shift
  PEERPAY_HOME=$work/$person PEERPAY_NODE=${node:-} "$peerpay" --passphrase-file "$work/passphrase" "$@"
}
json_text() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }
now_ms() { date +%s%3N; }

# pay FROM TO AMOUNT: prints id, "final" and how long it took; leaves the id in `id`.
pay() {
  local from=$1 to=$2 amount=$3 began answer
  began=$(now_ms)
  answer=$(wallet "$from" --json --yes send "$to" "$amount" USD) ||
    fail "the payment of $amount USD was not made: $answer"
  id=$(printf '%s' "$answer" | json_text id)
  say "   id $id"
  say "   final, $(($(now_ms) - began)) ms from the command to the answer (unlocking the wallet included)"
}
all_client_addresses() {
  local i
  for ((i = 0; i < validators; i++)); do printf '%s ' "$(client_address "$i")"; done
}

start_gateway() { # leaves its address in `gateway`
  "$bin/peerpay-gateway" run --node "$node" --listen 127.0.0.1:0 --data "$work/gateway" --label "Corner Shop" \
    --allow-loopback-webhooks >"$work/gateway.log" 2>&1 </dev/null &
  helpers="$helpers $!"
  wait_until 20 is_serving || { tail -n 5 "$work/gateway.log" >&2; fail "the gateway did not come up"; }
}
is_serving() {
  gateway=$(sed -n 's/.*\[gateway\] \(http:[^ ]*\) .*/\1/p' "$work/gateway.log")
  [ -n "$gateway" ] && python3 -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=2)' \
    "$gateway/readyz" 2>/dev/null
}
open_shop() { # order, amount: a shop that waits for one payment; leaves the link to pay in `checkout`
  : >"$work/shop-$1.log"
  python3 "$root/deploy/example_shop.py" --gateway "$gateway" --key-file "$work/api-key" --payee "$shop" \
    --amount "$2" --asset USD --order "$1" >"$work/shop-$1.log" 2>&1 </dev/null &
  helpers="$helpers $!"
  wait_until 10 has_link "$1" || fail "the shop did not open: $(cat "$work/shop-$1.log")"
}
has_link() {
  checkout=$(sed -n 's/^checkout //p' "$work/shop-$1.log")
  [ -n "$checkout" ]
}
is_paid() { grep -q "^order $1 is paid" "$work/shop-$1.log"; }
usd_of() { wallet "$1" --json balance | grep -o '"amount":"[^"]*"' | head -n 1 | cut -d'"' -f4; }

step "1. A network of four validators, run by four strangers"
"$peerpayd" testnet --validators "$validators" --output "$net" --base-port "$(free_base_port)" >/dev/null
start_network
node=$(client_address 0)
say "   four processes, each with its own keys and disk, all connected"
say "   chain $("$peerpayd" status --json --node "$node" | json_text chain_id)"

step "2. Alice and Bob make wallets"
for person in alice bob; do
  wallet "$person" --json init --work-factor 12 >/dev/null || fail "no wallet for $person"
  eval "$person=\$(wallet $person --json address | json_text address)"
done
say "   alice $alice"
say "   bob   $bob"
wallet alice --json keys import faucet --file "$net/faucet.key" >/dev/null || fail "the faucet key was not taken"
say "   the test network's faucet gives alice 100.00 USD"
wallet alice --json --yes send --from faucet "$alice" 100.00 USD >/dev/null || fail "the faucet did not pay"

step "3. Alice pays Bob 12.50 USD"
pay alice "$bob" 12.50
say "   alice has $(usd_of alice) USD, bob has $(usd_of bob) USD"

step "4. Bob's receipt, checked offline with nothing but the genesis file"
wallet bob --json receipt get "$id" -o "$work/receipt" >/dev/null || fail "no receipt"
(node= && wallet bob receipt verify "$work/receipt") | sed 's/^/   /' || fail "the receipt did not verify"

step "5. One validator is killed (SIGKILL); payments go on"
kill -9 "$(pid_of 2)"
wait_until 5 is_gone 2 || fail "validator-2 would not die"
say "   validator-2 is gone"
pay alice "$bob" 7.25

step "6. It comes back and catches up"
goal=$(height_of 0)
start_validator 2
wait_until 30 has_height 2 "$goal" || fail "validator-2 did not catch up to height $goal"
say "   validator-2 is at height $(height_of 2), validator-0 at $(height_of 0)"
say "   alice has $(usd_of alice) USD, bob has $(usd_of bob) USD"

step "7. A shop takes its first payment over HTTP"
wallet shop --json init --work-factor 12 >/dev/null || fail "no wallet for the shop"
shop=$(wallet shop --json address | json_text address)
start_gateway
"$bin/peerpay-gateway" keys new --name shop --data "$work/gateway" >"$work/api-key" 2>/dev/null || fail "no API key"
say "   the gateway serves $gateway and holds no key that could spend"
open_shop 1001 4.20
say "   the shop asks for 4.20 USD: $checkout"
answer=$(wallet alice --json --yes pay "$checkout") || fail "the invoice was not paid: $answer"
say "   alice pays the link; the receiver of the shop hears of it and checks the signature:"
wait_until 10 is_paid 1001 || fail "the shop was not told"
say "   $(grep 'is paid' "$work/shop-1001.log")"

[ -z "$once" ] || { printf '\nall of it came true\n'; exit 0; }

open_shop 1002 3.80

cat <<END

== The network stays up until you press Ctrl-C. Try, in another terminal:

   export PEERPAY_NODE=$node PEERPAY_HOME=$work/alice      # pass phrase of both wallets: demo-demo
   $peerpay balance
   $peerpay send $bob 1.00 USD
   $peerpay history
   $peerpayd status --node $node

   A customer's page, alive: open it in a browser, then pay it with the command, and watch.

   $checkout
   $peerpay pay $checkout

   validators   $(all_client_addresses)(gRPC with reflection)
   their logs   $net/validator-*/log
   gateway      $gateway/docs  (its API key: $work/api-key; its log: $work/gateway.log)
END
trap 'exit 0' INT TERM
sleep infinity &
idle=$!
wait "$idle"

#!/usr/bin/env bash
# A network of four validators on this machine, for trying things out. Keeps its data between up and
# down.
#   devnet.sh up | down | status
# PEERPAY_DEVNET chooses another folder than build/devnet.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd -P)
bin=${PEERPAY_BIN:-$root/build/release/bin}
net=$(realpath -m "${PEERPAY_DEVNET:-$root/build/devnet}")
. "$root/deploy/network.sh"

up() {
  if [ -d "$net" ] && ! [ -f "$net/validator-$((validators - 1))/node.toml" ]; then
    printf '%s holds no whole devnet; remove it to make a new one: rm -r %s\n' "$net" "$net" >&2
    return 1
  fi
  [ -d "$net" ] ||
    "$peerpayd" testnet --validators "$validators" --output "$net" --base-port "$(free_base_port)" >/dev/null
  start_network
  status
  cat <<END

try:  export PEERPAY_NODE=$(client_address 0) PEERPAY_HOME=\$HOME/my-wallet
      $bin/peerpay init
      $bin/peerpay keys import faucet --file $net/faucet.key
      $bin/peerpay send --from faucet "\$($bin/peerpay address)" 100.00 USD
end:  ./dev devnet down        start anew:  ./dev devnet down; rm -r $net
END
}

status() {
  local i height
  for ((i = 0; i < validators; i++)); do
    [ -d "$net/validator-$i" ] || { printf 'no devnet in %s: ./dev devnet up makes one\n' "$net"; return 1; }
    height=$(height_of "$i")
    if [ -n "$height" ]; then
      printf 'validator-%s  %s  height %s, %s of %s peers\n' "$i" "$(client_address "$i")" "$height" \
        "$(connected_peers_of "$i")" $((validators - 1))
    else
      printf 'validator-%s  %s  not running\n' "$i" "$(client_address "$i")"
    fi
  done
}

case "${1:-}" in
  up) up ;;
  down) stop_network; printf 'devnet is down; its data stays in %s\n' "$net" ;;
  status) status ;;
  *) printf 'usage: %s up|down|status\n' "$0" >&2; exit 2 ;;
esac

# Shared by demo.sh and devnet.sh: starting, watching and ending the validators of a network on this
# machine.
# Sourced, with `set -euo pipefail` on. Needs: bin (folder of the programs), net (folder of the
# network's homes).

peerpayd="$bin/peerpayd"
peerpay="$bin/peerpay"
validators=4

client_address() { # number
  sed -n '/^\[client\]/,/^\[/s/^listen = "\(.*\)"/\1/p' "$net/validator-$1/node.toml"
}

pid_of() { # number; empty when it does not run
  local pid
  pid=$(cat "$net/validator-$1/pid" 2>/dev/null) || return 0
  # The number may be another process's by now. Of a process that holds keys only root may read more than
  # the command line.
  local command
  command=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || return 0
  case $command in *" run --home $net/validator-$1 ") printf '%s' "$pid" ;; esac
}

start_validator() { # number
  "$peerpayd" run --home "$net/validator-$1" >>"$net/validator-$1/log" 2>&1 </dev/null &
  printf '%s\n' $! >"$net/validator-$1/pid"
  disown
}

json_number() { # key; reads one JSON object
  sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

height_of() { # number; empty when it does not answer
  "$peerpayd" status --json --node "$(client_address "$1")" 2>/dev/null | json_number height || true
}

connected_peers_of() { # number
  "$peerpayd" status --json --node "$(client_address "$1")" 2>/dev/null | grep -o '"connected":true' | wc -l || true
}

# Runs the command until it succeeds, a tenth of a second apart. Fails after so many seconds.
wait_until() { # seconds, command...
  local deadline=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

is_connected() { [ "$(connected_peers_of "$1")" -ge $((validators - 1)) ]; }
has_height() { local now; now=$(height_of "$1"); [ -n "$now" ] && [ "$now" -ge "$2" ]; }
is_gone() { [ -z "$(pid_of "$1")" ]; }

stop_validator() { # number
  local pid
  pid=$(pid_of "$1")
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait_until 10 is_gone "$1" || kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$net/validator-$1/pid"
}

start_network() {
  local i
  for ((i = 0; i < validators; i++)); do
    [ -n "$(pid_of "$i")" ] || start_validator "$i"
  done
  for ((i = 0; i < validators; i++)); do
    wait_until 30 is_connected "$i" || {
      printf 'validator-%s did not come up; the end of its log:\n' "$i" >&2
      tail -n 5 "$net/validator-$i/log" >&2
      return 1
    }
  done
}

stop_network() {
  local i
  for ((i = 0; i < validators; i++)); do
    local pid
    pid=$(pid_of "$i")
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  done
  for ((i = 0; i < validators; i++)); do stop_validator "$i"; done
}

# The first of 50 places from 26600 on where all ports of the network are free.
free_base_port() {
  local base port taken
  for ((base = 26600; base < 31600; base += 100)); do
    taken=
    for ((port = base; port < base + 2 * validators; port++)); do
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then taken=1; fi
    done
    if [ -z "$taken" ]; then printf '%s' "$base"; return; fi
  done
  printf 'no free ports between 26600 and 31600\n' >&2
  return 1
}

#!/usr/bin/env bash
# Everything that docs/performance/README.md shows, and growth, into one record.
#   bench/measure.sh RECORD [SECONDS] [RUNS] [ACCOUNTS_MAX] [MIB_MAX]
# Takes about 27 measurements of RUNS times SECONDS and their preparation, then growth, catching up and restarts, whose
# figures go to RECORD.growth. Run it as root, for --profile, on a machine with nothing else to do and with room for
# three times MIB_MAX MiB on the disk of temporary files.
set -euo pipefail
record=$(realpath "${1:?which file takes the record?}")
seconds=${2:-20}
runs=${3:-3}
accounts_max=${4:-10000000}
mib_max=${5:-20480}
cd "$(dirname "$0")/.."
network() { ./dev bench network --json --record "$record" --seconds "$seconds" --runs "$runs" "$@"; }
# Of the last line, which holds the medians.
field() { python3 -c 'import json, sys; print(json.loads(sys.stdin.readlines()[-1])[sys.argv[1]])' "$1"; }

# Throughput by validators; what four of them sustain is 100 % below.
sustained=0
for validators in 1 4 7 10; do
  medians=$(network --validators "$validators")
  ((validators != 4)) || sustained=$(field transactions_per_second <<<"$medians")
done
# Growth.
for accounts in 1000000 10000000; do
  ((accounts > accounts_max)) || network --validators 1 --accounts "$accounts" >/dev/null
done
# Payrolls, hot accounts, long memos, without the index.
network --validators 1 --legs 100 --in-flight 500 >/dev/null
network --validators 1 --legs 100 --in-flight 500 --history off >/dev/null
network --validators 4 --legs 100 --in-flight 500 >/dev/null
network --validators 4 --hot 50 >/dev/null
network --validators 4 --legs 4 --payload 1024 >/dev/null
network --validators 1 --history off >/dev/null
network --validators 4 --history off >/dev/null
# Latency against offered load, beyond what is sustained too.
for percent in 5 20 40 60 80 100 200; do
  rate=$((${sustained%.*} * percent / 100 + 1))
  network --validators 4 --rate "$rate" >/dev/null
done
# Stages.
network --validators 1 --profile >/dev/null
network --validators 4 --profile >/dev/null
network --validators 1 --legs 100 --in-flight 500 --profile >/dev/null
# Growth, one JSON object a line: by history, then by accounts.
grown() { ./dev bench "$@" --json >>"$record.growth"; }
mib=()
for size in 1024 20480; do
  ((size > mib_max)) || mib+=(--mib "$size")
done
grown growth --seconds "$seconds" "${mib[@]}"
for accounts in 1000000 10000000; do
  ((accounts > accounts_max)) || grown growth --seconds "$seconds" --accounts "$accounts"
done
grown catch-up --payments 100000
grown restart --accounts $((accounts_max < 1000000 ? accounts_max : 1000000)) --times 10

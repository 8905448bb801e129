#!/usr/bin/env python3
"""The same transfers in PostgreSQL, beside one validator in the same run: ./dev bench postgresql

What an operator would use who has everybody's trust: a double-entry ledger, without signatures, replicas or proofs. A
cluster of its own in a temporary directory, on the file system of the validator's home, reached by a unix socket, with
every commit synced to the disk; pgbench drives it. Each transfer updates two balances, which may not become negative,
and inserts one transfer and two entries, which an index finds by account, as the validator's history does.

  single   one SQL transaction, one function call and one sync for each transfer
  batch    --batch transfers in one set-based call: the best case, which no two strangers' payments have
"""

import argparse
import contextlib
import ctypes
import glob
import json
import os
import pathlib
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from typing import Callable

FUNDING = 1_000_000_000
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
START_PATIENCE_S = 30
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "'1GB'",
    "max_wal_size": "'8GB'",  # so that no checkpoint falls into the measured time
    "max_connections": "300",
}
SCHEMA = f"""
CREATE TABLE accounts (id integer PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 70);
CREATE TABLE transfers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, debit integer NOT NULL,
                        credit integer NOT NULL, amount bigint NOT NULL CHECK (amount > 0),
                        made_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE entries (account integer NOT NULL, transfer bigint NOT NULL, amount bigint NOT NULL,
                      PRIMARY KEY (account, transfer));
INSERT INTO accounts SELECT i, {FUNDING} FROM generate_series(1, :accounts) i;

-- Balances are changed in the order of their ids, so that no two transfers wait for each other.
CREATE FUNCTION transfer(debit_id integer, credit_id integer, sum bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE made bigint;
BEGIN
  IF debit_id < credit_id THEN UPDATE accounts SET balance = balance - sum WHERE id = debit_id; END IF;
  UPDATE accounts SET balance = balance + sum WHERE id = credit_id;
  IF debit_id > credit_id THEN UPDATE accounts SET balance = balance - sum WHERE id = debit_id; END IF;
  INSERT INTO transfers (debit, credit, amount) VALUES (debit_id, credit_id, sum) RETURNING id INTO made;
  INSERT INTO entries VALUES (debit_id, made, -sum), (credit_id, made, sum);
END $$;

CREATE FUNCTION transfer_many(debits integer[], credits integer[], sum bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts WHERE id = ANY (debits || credits) ORDER BY id FOR UPDATE;
  UPDATE accounts a SET balance = a.balance + change.total
    FROM (SELECT account, sum(amount)::bigint AS total
            FROM (SELECT unnest(debits) AS account, -sum AS amount UNION ALL SELECT unnest(credits), sum) AS legs
           GROUP BY account) AS change
   WHERE a.id = change.account;
  WITH made AS (INSERT INTO transfers (debit, credit, amount)
                SELECT d, c, sum FROM unnest(debits, credits) AS pair (d, c) RETURNING id, debit, credit, amount)
  INSERT INTO entries SELECT debit, id, -amount FROM made UNION ALL SELECT credit, id, amount FROM made;
END $$;

-- What a client would send, drawn here, because pgbench knows no arrays.
CREATE FUNCTION draw_many(count integer, accounts integer, hot integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE debits integer[]; credits integer[];
BEGIN
  SELECT array_agg(d), array_agg(CASE WHEN h < hot AND d <> accounts THEN accounts ELSE (d + step) % accounts + 1 END)
    INTO debits, credits
    FROM (SELECT (random() * (accounts - 1))::integer + 1 AS d, (random() * (accounts - 2))::integer AS step,
                 random() * 100 AS h FROM generate_series(1, count)) AS drawn;
  PERFORM transfer_many(debits, credits, 1);
END $$;
"""
SINGLE = r"""\set debit random(1, :accounts)
\set credit (:debit + random(0, :accounts - 2)) % :accounts + 1
\set heat random(1, 100)
\if :heat <= :hot and :debit <> :accounts
\set credit :accounts
\endif
SELECT transfer(:debit, :credit, 1);
"""
BATCH = "SELECT draw_many(:batch, :accounts, :hot);\n"
# Every transfer has its two entries, and no money was made or lost.
BOOKS = f"""SELECT (SELECT sum(balance) = count(*) * {FUNDING} FROM accounts)
  AND (SELECT sum(amount) = 0 FROM entries)
  AND (SELECT count(*) FROM entries) = 2 * (SELECT count(*) FROM transfers)"""


class Failure(Exception):
    """One sentence."""


def programs() -> pathlib.Path:
    """The folder of the newest PostgreSQL."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pgbench"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise Failure("PostgreSQL is not there: apt-get install postgresql")
    return pathlib.Path(found[-1]).parent


class Cluster:
    """One PostgreSQL of our own; a context, after which nothing of it is left."""

    def __init__(self, folder: pathlib.Path):
        self.bin = programs()
        self.folder = folder
        self.data = folder / "data"
        # It refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            os.chown(folder, pwd.getpwnam(self.user).pw_uid, -1)

    def run(self, program: str, *arguments, stdin: str = "") -> str:
        finished = subprocess.run([self.bin / program, *map(str, arguments)], input=stdin, capture_output=True,
                                  text=True, user=self.user, cwd=self.folder)
        if finished.returncode != 0:
            raise Failure(f"{program} failed: {finished.stderr.strip()[-2000:]}")
        return finished.stdout

    def sql(self, text: str, *options) -> str:
        return self.run("psql", "-h", self.folder, "-d", "postgres", "-qtA", "-v", "ON_ERROR_STOP=1", *options,
                        stdin=text).strip()

    def __enter__(self):
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", self.user or pwd.getpwuid(os.geteuid()).pw_name,
                 "--no-instructions")
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value.strip(chr(39))}")]
        with (self.folder / "log").open("w") as log:
            self.server = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, "-k", self.folder, *options], stdout=log, stderr=log,
                user=self.user, cwd=self.folder, preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT))
        deadline = time.monotonic() + START_PATIENCE_S
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder]).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise Failure(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def cpu_seconds(self) -> float:
        """Of all its processes so far, those that have ended included."""
        own = self.server.pid
        ticks = 0
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                ticks += ticks_of(path.read_text(), own)
        return ticks / os.sysconf("SC_CLK_TCK")

    def __exit__(self, *_):
        self.server.send_signal(signal.SIGINT)  # its fast shutdown
        self.server.wait()


def ticks_of(stat: str, server: int) -> int:
    """What a process took, if it is the server (with its children that have ended) or a child of it; see proc(5)."""
    pid, _, rest = stat.partition(" (")
    fields = rest.rpartition(") ")[2].split()
    parent, times = int(fields[1]), [int(field) for field in fields[11:15]]
    if int(pid) == server:
        return sum(times)
    return sum(times[:2]) if parent == server else 0


def percentile(sorted_values: list[int], percent: int) -> int:
    """Nearest rank, as latency.h has it."""
    return sorted_values[max(0, -(-len(sorted_values) * percent // 100) - 1)]


def figures(log_lines: list[str], seconds: float, cpu_seconds: float, transfers_each: int) -> dict:
    """Of pgbench's log: client, number, microseconds, script, end. Latencies are those of a whole call."""
    latencies = sorted(int(line.split()[2]) for line in log_lines)
    if not latencies:
        raise Failure("pgbench made no transfer")
    transfers = len(latencies) * transfers_each
    return {"transfers_per_second": round(transfers / seconds, 1),
            "cpu_us_per_transfer": round(cpu_seconds * 1e6 / transfers, 2),
            **{f"p{percent}_ms": percentile(latencies, percent) / 1000 for percent in (50, 90, 99)}}


def drive(cluster: Cluster, script: str, options: argparse.Namespace, transfers_each: int) -> dict:
    """A warm-up, then the measured time."""
    path = cluster.folder / "script.sql"
    path.write_text(script)
    variables = [word for name in ("accounts", "hot", "batch") for word in ("-D", f"{name}={getattr(options, name)}")]

    def pgbench(seconds: int, *more):
        cluster.run("pgbench", "-h", cluster.folder, "-n", "-M", "prepared", "-c", options.clients, "-j",
                    min(options.clients, os.cpu_count()), "-T", seconds, "-f", path, *variables, *more, "postgres")

    pgbench(options.warm_up)
    for old in cluster.folder.glob("calls.*"):
        old.unlink()
    cluster.sql("CHECKPOINT")
    cpu_begin = cluster.cpu_seconds()
    pgbench(options.seconds, "-l", "--log-prefix", cluster.folder / "calls")
    lines = [line for log in cluster.folder.glob("calls.*") for line in log.read_text().splitlines()]
    return figures(lines, options.seconds, cluster.cpu_seconds() - cpu_begin, transfers_each)


def measure_postgresql(options: argparse.Namespace) -> dict:
    with tempfile.TemporaryDirectory(prefix="peerpay-bench-") as folder, Cluster(pathlib.Path(folder)) as cluster:
        cluster.sql(SCHEMA, "-v", f"accounts={options.accounts}")
        cluster.sql("VACUUM ANALYZE")
        out = {"version": cluster.sql("SHOW server_version"), "single": drive(cluster, SINGLE, options, 1),
               "batch": drive(cluster, BATCH, options, options.batch)}
        if cluster.sql(BOOKS) != "t":
            raise Failure("PostgreSQL's books do not balance")
    return out


def measure_peerpay(options: argparse.Namespace) -> dict:
    """The same on one validator, with its history kept."""
    program = pathlib.Path(os.environ["PEERPAY_BIN"]) / "peerpay-bench"
    command = [program, "network", "--json", "--validators", "1", "--warm-up", options.warm_up]
    for name in ("accounts", "clients", "hot", "seconds"):
        command += [f"--{name}", getattr(options, name)]
    finished = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        raise Failure("peerpay-bench failed")
    return json.loads(finished.stdout)


def compare(peerpay: dict, postgresql: dict) -> dict:
    """Above 1: peerpay does more in a second, or with the same CPU."""
    out = {}
    for name in ("single", "batch"):
        theirs = postgresql[name]
        out[name] = {
            "throughput": round(peerpay["transactions_per_second"] / theirs["transfers_per_second"], 3),
            "by_cpu": round(theirs["cpu_us_per_transfer"] / peerpay["validator_cpu_us_per_transaction"], 3)}
    return out


def at_least(lowest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text} is below {lowest}")
        return int(text)
    return number


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench postgresql", description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=at_least(2), default=10_000)
    parser.add_argument("--clients", type=at_least(1), default=16, help="connections, of both")
    parser.add_argument("--hot", type=int, default=0, help="transfers in a hundred that go to one account")
    parser.add_argument("--batch", type=at_least(1), default=100, help="transfers in one call of the second variant")
    parser.add_argument("--seconds", type=at_least(1), default=20, help="of each measurement")
    parser.add_argument("--warm-up", type=at_least(1), default=3)
    options = parser.parse_args()
    try:
        peerpay = measure_peerpay(options)
        postgresql = measure_postgresql(options)
    except Failure as reason:
        print(f"./dev bench postgresql: {reason}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    ratios = compare(peerpay, postgresql)
    print(json.dumps({"postgresql": postgresql, "peerpay": peerpay, "peerpay_by_postgresql": ratios}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

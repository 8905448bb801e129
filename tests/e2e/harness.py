"""A real peerpay network for tests: real processes on free ports of 127.0.0.1, in a temporary directory.

A test uses it as a context; whatever happens, every process is killed by its own id and every file removed. When the
test fails, the end of each log is printed first. Waiting is always for a condition, with a deadline.
"""

import ctypes
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(os.environ["PEERPAY_BIN"])
DEADLINE_S = float(os.environ.get("PEERPAY_DEADLINE_S", "30"))
LOG_LINES = 40
PORT_LOWEST, PORT_HIGHEST = 20_000, 32_000  # below the ports of outgoing connections
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Finished:
    """What a program left behind."""

    def __init__(self, command, completed):
        self.command = command
        self.code = completed.returncode
        self.out = completed.stdout.decode()
        self.err = completed.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"{' '.join(map(str, self.command))}\nexit code {self.code}\n{self.out}{self.err}"


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command, expect=0, stdin=b"", timeout_s=60.0):
    """Runs a program of ours to its end; `expect` is the exit code that it must have."""
    command = [str(BIN / command[0]), *map(str, command[1:])]
    completed = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout_s, preexec_fn=die_with_parent)
    finished = Finished(command, completed)
    assert finished.code == expect, f"exit code {expect} was expected:\n{finished}"
    return finished


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Polls until `condition` gives something true, and returns it."""
    deadline = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {deadline_s} s: {what}"
        time.sleep(0.02)


def free_ports(count):
    for _ in range(100):
        base = random.randrange(PORT_LOWEST, PORT_HIGHEST - count)
        if all(is_free(base + i) for i in range(count)):
            return base
    raise AssertionError(f"no {count} free ports in a row")


def is_free(port):
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Process:
    """One child process; its output goes to a log."""

    def __init__(self, command, log):
        self.command = [str(BIN / command[0]), *map(str, command[1:])]
        self.log = Path(log)
        with self.log.open("ab") as out:
            self._child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=die_with_parent)

    def is_running(self):
        return self._child.poll() is None

    def kill(self):
        if self.is_running():
            os.kill(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def pause(self):
        """SIGSTOP; it stands still when this returns."""
        os.kill(self._child.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._child.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self):
        os.kill(self._child.pid, signal.SIGCONT)

    def terminate(self, deadline_s):
        """SIGTERM; gives the exit code."""
        os.kill(self._child.pid, signal.SIGTERM)
        return self.wait(deadline_s)

    def wait(self, deadline_s):
        return self._child.wait(timeout=deadline_s)

    def last_lines(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])


class Validator:
    def __init__(self, network, index, base_port):
        self.name = f"validator-{index}"
        self.home = network.homes / self.name
        self.peer_port = base_port + 2 * index
        self.client = f"127.0.0.1:{base_port + 2 * index + 1}"
        self.log = network.directory / f"{self.name}.log"
        self.process = None

    def start(self):
        self.process = Process(["peerpayd", "run", "--home", self.home], self.log)

    def kill(self):
        """SIGKILL: as a power cut for the process."""
        if self.process:
            self.process.kill()
        self.process = None

    def stop(self):
        """SIGTERM; an orderly end takes no longer than two seconds."""
        code = self.process.terminate(2.0)
        assert code == 0, f"{self.name} ended with {code}:\n{self.process.last_lines()}"
        self.process = None

    def status(self):
        """The node's own word; None while it does not answer."""
        assert self.process.is_running(), f"{self.name} has ended:\n{self.process.last_lines()}"
        command = [str(BIN / "peerpayd"), "status", "--node", self.client, "--json"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=30, preexec_fn=die_with_parent)
        except subprocess.TimeoutExpired:  # the machine is busy; whoever waits has a deadline of their own
            return None
        return json.loads(done.stdout) if done.returncode == 0 else None


class Network:
    """A fresh network, running. `fund` is a list of ADDRESS=ASSET:AMOUNT."""

    def __init__(self, validators=4, fund=(), start=True):
        self.directory = Path(tempfile.mkdtemp(prefix="peerpay-e2e-"))
        self.homes = self.directory / "homes"
        self.faucet_key = self.homes / "faucet.key"
        self._others = []
        base_port = free_ports(2 * validators)
        funding = [word for one in fund for word in ("--fund", one)]
        run("peerpayd", "testnet", "--validators", validators, "--output", self.homes,
            "--base-port", base_port, *funding)
        self.validators = [Validator(self, i, base_port) for i in range(validators)]
        self._start = start

    def __enter__(self):
        try:
            if self._start:
                for validator in self.validators:
                    validator.start()
                self.await_ready()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, failure, *_):
        for validator in self.validators:
            validator.kill()
        for process in self._others:
            process.kill()
        if failure:
            for log in sorted(self.directory.glob("*.log")):
                lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
                print(f"--- {log.name}", *lines, sep="\n", file=sys.stderr)
        shutil.rmtree(self.directory, ignore_errors=True)

    def spawn(self, *command):
        """Runs a program of ours beside the network; it ends with it."""
        process = Process(command, self.directory / f"{Path(command[0]).name}-{len(self._others)}.log")
        self._others.append(process)
        return process

    def running(self):
        return [validator for validator in self.validators if validator.process]

    def node_options(self):
        return [word for validator in self.validators for word in ("--node", validator.client)]

    def await_ready(self):
        """Every running validator answers, has caught up and is connected to all other running ones."""
        for validator in self.running():
            wait_until(lambda: self._is_ready(validator), f"{validator.name} is ready")

    def _is_ready(self, validator):
        status = validator.status()
        if not status or status["syncing"]:
            return False
        return sum(peer["connected"] for peer in status["peers"]) >= len(self.running()) - 1

    def heads(self):
        return run("peerpay-bench", "heads", "--json", *self.node_options()).json()

    def await_same_head(self):
        """Every validator has the same newest block and the same state; gives what they have."""

        def agree():
            heads = self.heads()
            same = all(len(set(by_node.values())) == 1 for by_node in heads.values())
            return heads if same else None

        return wait_until(agree, "all validators have the same head")

    def wallet(self, name, node=0):
        return Wallet(self, name, self.validators[node])

    def faucet(self):
        """A wallet that holds the money of the network's faucet."""
        wallet = self.wallet("faucet")
        wallet.run("keys", "import", "faucet", "--file", self.faucet_key)
        return wallet


class Wallet:
    """A person with a wallet of their own."""

    def __init__(self, network, name, validator):
        self.home = network.directory / f"wallet-{name}"
        self.node = validator.client
        self.passphrase = network.directory / f"{name}.passphrase"
        self.passphrase.write_text(f"{name} and twelve more words\n")
        self.passphrase.chmod(0o600)
        self.run("init", "--work-factor", 10)
        self.address = self.run("address")["address"]

    def command(self, *words):
        options = ["--json", "--yes", "--home", self.home, "--node", self.node, "--passphrase-file", self.passphrase]
        return ["peerpay", *options, *words]

    def run(self, *words, expect=0):
        return run(*self.command(*words), expect=expect).json()

    def send(self, to, amount, asset="USD", account=None, expect=0):
        origin = ["--from", account] if account else []
        return self.run("send", to, amount, asset, *origin, expect=expect)

    def balance(self, asset="USD"):
        """Minor units."""
        balances = self.run("balance")["balances"]
        return next((int(entry["units"]) for entry in balances if entry["asset"] == asset), 0)

    def history(self):
        return self.run("history")["entries"]

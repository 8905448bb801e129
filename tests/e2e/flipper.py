"""Damage to the files of a stopped node: found, or harmless; never a wrong answer and never a crash.

Each round the last validator is stopped, one of its files damaged, and it is started again. Then it must

* end by itself with an exit code that no supervisor restarts, and a sentence that names the file (or the store's
  directory); once the advice is followed, it comes back; or
* run, and hold every acknowledged payment, the same blocks and balances as everyone else; or end later, as above,
  when it meets the damage.

A configuration may be damaged and valid: then the node is asked at the address which that names, or ends because it
cannot listen there.
"""

import shutil
import subprocess
import tomllib

from harness import BIN, wait_until

SECTOR_BYTES = 512
REFUSALS = {2, 10, 11}  # peerpayd: usage, data corrupt, durability lost
ADDRESS_REFUSED = 3  # in use, or not this machine's: what a damaged configuration may name
# How a file is chosen: each kind as often as any other.
KINDS = {
    "sign log": "sign.log",
    "table": "store/*.sst",
    "write-ahead log": "store/*.log",
    "manifest": "store/MANIFEST-*",
    "current": "store/CURRENT",
    "options": "store/OPTIONS-*",
    "identity": "store/IDENTITY",
    "genesis": "genesis.bcs",
    "validator key": "validator.key",
    "tls key": "tls.key",
    "tls certificate": "tls.crt",
    "configuration": "node.toml",
}


def flip_bit(content, rng):
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def _sector(content, rng):
    begin = rng.randrange(len(content)) // SECTOR_BYTES * SECTOR_BYTES
    return begin, min(begin + SECTOR_BYTES, len(content))


def garbage_sector(content, rng):
    begin, end = _sector(content, rng)
    content[begin:end] = rng.randbytes(end - begin)


def zero_sector(content, rng):
    begin, end = _sector(content, rng)
    content[begin:end] = bytes(end - begin)


def truncate(content, rng):
    del content[rng.randrange(len(content)):]


def misdirect(content, rng):
    """One sector lands where another belongs."""
    begin, end = _sector(content, rng)
    other, other_end = _sector(content, rng)
    length = min(end - begin, other_end - other)
    content[other:other + length] = content[begin:begin + length]


def erase(content, rng):
    """The file itself goes."""
    del content[:]


DAMAGES = (flip_bit, garbage_sector, zero_sector, truncate, misdirect)

# Of these the newest may go without RocksDB noticing; a lost one of another kind, refusals_test.py looks at.
ERASABLE = ("write-ahead log",)

# No byte of these files is without meaning; of any other damage the end of a file may be free space.
NEVER_HARMLESS = {(kind, damage) for kind in ("sign log", "genesis") for damage in ("flip_bit", "garbage_sector")}


class Flipper:
    def __init__(self, network, rng):
        self.network = network
        self.rng = rng
        self.victim = network.validators[-1]
        self.address = self.victim.client  # where it listens when nothing is damaged
        self.counts = {"rounds": 0, "detected": 0, "harmless": 0, "unchanged": 0, "resyncs": 0}
        self.story = ""  # of the round, for whoever reads of a finding
        self._aside = 0

    def round(self, kind=None, damage=None):
        """Raises AssertionError when the node broke its word. All validators run before and after."""
        self._stop()
        kind = kind or self.rng.choice([name for name, pattern in KINDS.items() if self._files(pattern)])
        path = self.rng.choice(self._files(KINDS[kind]))
        whole = path.read_bytes()
        self.counts["rounds"] += 1
        content, damage = self._damaged(kind, whole, damage)
        self.story = f"{damage} in {path.name} ({kind})"
        if content == whole:  # it is empty
            self.counts["unchanged"] += 1
            self._run_again()
            return
        path.write_bytes(content)
        if damage == "erase":
            path.unlink()
        if kind == "configuration":
            self.victim.client = self._address_named()
        offset = self.victim.log.stat().st_size
        self.victim.start()
        if self._answers():
            assert (kind, damage) not in NEVER_HARMLESS, f"{self.story}: the node runs as if nothing had happened"
            self.counts["harmless"] += 1
            self._mend_unseen(kind, path, whole)
            return
        self._expect_refusal(kind, path, offset)
        self.counts["detected"] += 1
        self._follow_advice(kind, path, whole)

    def _damaged(self, kind, whole, wanted):
        """Other content, if there is any to damage, and the name of what was done to it."""
        content, damage = bytearray(whole), None
        damages = DAMAGES + (erase,) if kind in ERASABLE else DAMAGES
        while whole and content == whole:  # a sector may be what it is replaced by
            damage = wanted or self.rng.choice(damages)
            damage(content, self.rng)
        return content, damage.__name__ if damage else "nothing"

    def _stop(self):
        """SIGTERM, and no matter how long it takes: refusals_test.py looks at that."""
        code = self.victim.process.terminate(60)
        assert code == 0, f"{self.victim.name} ended with {code}:\n{self.victim.process.last_lines()}"
        self.victim.process = None

    def _files(self, pattern):
        return sorted(path for path in self.victim.home.glob(pattern) if path.stat().st_size)

    def _address_named(self):
        """Where the victim will listen: a damaged configuration may be a valid one that says something else."""
        command = [BIN / "peerpayd", "run", "--home", self.victim.home, "--print-config"]
        told = subprocess.run(command, capture_output=True, timeout=60, check=False)
        return tomllib.loads(told.stdout.decode())["client"]["listen"] if told.returncode == 0 else self.address

    def _answers(self):
        """True: it serves, and says what the others say. False: it has ended by itself."""

        def settled():
            if not self.victim.process.is_running():
                return "ended"
            try:
                return "ready" if self.network._is_ready(self.victim) else None
            except AssertionError:  # it has ended in between
                return None

        if wait_until(settled, f"{self.story}: the node serves or ends") == "ended":
            return False
        try:
            self.network.await_same_head()
            defect = self.network.defect()
        except AssertionError:
            # Damage that was met late: the node ends while it is asked.
            wait_until(lambda: not self.victim.process.is_running(), f"{self.story}: the node answers or ends")
            return False
        assert not defect, f"{self.story}: a wrong answer: {defect}"
        return True

    def _expect_refusal(self, kind, path, offset):
        code = self.victim.process.wait(30)
        said = self.victim.log.read_bytes()[offset:].decode(errors="replace")
        if kind == "configuration" and code == ADDRESS_REFUSED:
            assert self.victim.client in said, f"{self.story}: {self.victim.client} is not named:\n{said}"
            return
        assert code in REFUSALS, f"{self.story}: ended with {code}:\n{said}"
        place = path.parent if path.parent.name == "store" else path
        # Another network's genesis is one too: then the sentence can only say what does not fit together.
        named = str(place) in said or (kind == "genesis" and "the genesis" in said)
        assert named, f"{self.story}: {place} is not named:\n{said}"
        # A damaged file is no failing disk.
        assert place == path or code == 10, f"{self.story}: ended with {code}:\n{said}"

    def _follow_advice(self, kind, path, whole):
        if path.parent.name == "store":
            self._resync()
        else:  # nothing ran since: the copy is no older than what the node has done
            path.write_bytes(whole)
        self._run_again()

    def _mend_unseen(self, kind, path, whole):
        """What was not met yet is not left for a later round. The sign log stays: the node has gone on with it."""
        if path.parent.name == "store":
            self.victim.kill()
            self._resync()
            self._run_again()
        elif kind != "sign log":
            self._stop()
            path.write_bytes(whole)
            self._run_again()

    def _resync(self):
        self.counts["resyncs"] += 1
        self._aside += 1
        aside = self.network.directory / f"aside-{self._aside}"
        (self.victim.home / "store").rename(aside)
        shutil.rmtree(aside)

    def _run_again(self):
        self.victim.client = self.address
        self.victim.start()
        self.network.await_ready()
        self.network.await_same_head()
        defect = self.network.defect()
        assert not defect, f"{self.story}: after it was mended: {defect}"

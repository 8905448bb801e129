"""`./dev demo` and `./dev devnet` end what they started, also for a user who is not root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import BIN, DEADLINE_S, wait_until

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
INTERRUPTED = 130
VALIDATORS = 4


class Scripts(unittest.TestCase):
    def setUp(self):
        """A folder of its own user: root may look into every process, which hides what others can't."""
        self.folder = Path(tempfile.mkdtemp(prefix="peerpay-scripts-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for program in ("peerpayd", "peerpay"):
            shutil.copy(BIN / program, self.folder)
        shutil.copytree(DEPLOY, self.folder / "deploy")
        self.user = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder),
            "PEERPAY_BIN": str(self.folder), "PEERPAY_DEVNET": str(self.folder / "devnet"),
        }

    def spawn(self, script, *arguments):
        return subprocess.Popen(
            ["bash", self.folder / "deploy" / script, *arguments], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, **self.user)

    def run_script(self, script, *arguments, expect=0):
        child = self.spawn(script, *arguments)
        output, _ = child.communicate(timeout=2 * DEADLINE_S)
        self.assertEqual(child.returncode, expect, output)
        return output

    def processes(self):
        """Ids of the running processes whose command line names this test's folder."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            except OSError:  # it ended meanwhile
                continue
            if words and words[0].startswith(os.fsencode(self.folder)):
                found.append(int(entry.name))
        return found

    def end_all(self):
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)

    def test_devnet_up_and_down(self):
        self.addCleanup(self.end_all)
        self.assertIn("3 of 3 peers", self.run_script("devnet.sh", "up"))
        first = self.processes()
        self.assertEqual(len(first), VALIDATORS)
        self.run_script("devnet.sh", "up")
        self.assertEqual(sorted(self.processes()), sorted(first), "up, when it is up, starts nothing")
        self.run_script("devnet.sh", "down")
        self.assertEqual(self.processes(), [])
        self.assertEqual(self.run_script("devnet.sh", "status").count("not running"), VALIDATORS)

    def test_an_interrupted_demo_fails_and_leaves_nothing(self):
        self.addCleanup(self.end_all)
        child = self.spawn("demo.sh", "--once")
        wait_until(lambda: len(self.processes()) >= VALIDATORS, "the demo's validators run")
        os.kill(child.pid, signal.SIGINT)
        output, _ = child.communicate(timeout=DEADLINE_S)
        self.assertEqual(child.returncode, INTERRUPTED, output)
        self.assertEqual(self.processes(), [])
        self.assertEqual(list(self.folder.glob("peerpay-demo.*")), [])


if __name__ == "__main__":
    unittest.main()

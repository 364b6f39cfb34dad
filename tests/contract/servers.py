# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the two homeservers on free ports and ends them by their process IDs."""
import os
import select
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INTEROP = os.path.join(os.path.dirname(HERE), "interop")


class Unavailable(Exception):
    """No Synapse is on this machine and none could be had."""


class Server:
    """A program that says READY. Ours must end cleanly: status 0, which with
    sanitizers also says that nothing leaked."""

    def __init__(self, name, command, ours=True, **environment):
        self.name = name
        self.ours = ours
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environment})
        try:
            self.url = self._wait_until_ready()
        except BaseException:
            self.end()
            raise

    def _wait_until_ready(self, seconds=120):
        end = time.monotonic() + seconds
        text = b""
        while time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                piece = os.read(self.process.stdout.fileno(), 4096)
                if not piece:
                    break
                text += piece
            if b"READY " in text and text.endswith(b"\n"):
                return text.split(b"READY ")[1].decode().strip()
        if self.process.wait(5) == 77:
            raise Unavailable("no working Synapse could be had from the package mirror")
        raise RuntimeError("%s does not start: %r" % (self.name, text))

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        if self.ours and self.process.returncode != 0:
            raise RuntimeError("%s ended with status %d" % (self.name, self.process.returncode))


def start_synapse(directory):
    return Server("Synapse", [os.path.join(INTEROP, "synapse-run"), os.path.join(directory, "synapse"), "0"],
                  ours=False, SYNAPSE_DB=":memory:")


def start_test_homeserver(program):
    return Server("the test homeserver", [program, "--exit-with-stdin"])


def scratch():
    return tempfile.TemporaryDirectory(prefix="keepsake-contract-")

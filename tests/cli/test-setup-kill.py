#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-setup-kill.py KEEPSAKECTL PUT-ROOM-KEYS homeserver|synapse

keepsakectl is killed (kill -9) while it sets Secure Backup up: at every request before the homeserver has seen
it, after it has answered, and in the middle of its answer; and at random times. The same command is run again.
What is published can be recovered with the saved key at every moment, and in the end all is whole.

KEEPSAKE_LONG=1: all points on Synapse too, and more random ones. KEEPSAKE_SEED: repeats the random times."""
import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from secure_backup import BACKUP, Observer, open_entry, read_recovery_key  # noqa: E402
from servers import FaultProxy, Synapse, TestHomeserver  # noqa: E402

PROGRAM, PUT_ROOM_KEYS, KIND = sys.argv[1:4]
LONG = os.environ.get('KEEPSAKE_LONG') == '1'
DIRECTORY = Path(tempfile.mkdtemp(prefix='keepsake-setup-kill.'))
SERVER = (Synapse(str(DIRECTORY / 'synapse')) if KIND == 'synapse' else TestHomeserver(os.environ['KS_TEST_HOMESERVER']))
# Set-ups that go on beside each other, each on a line of its own.
LANES = [FaultProxy(SERVER.url) for _ in range(2)]
PASSWORD = 'a password for tests'
# One batch of an upload, and more than the drill looks at.
ROOM_KEYS = 7
MOMENTS = ('request', 'response', 'body')
users = itertools.count(1)


class Victim:
    """A person who has signed in, has room keys here, and nothing set up."""

    def __init__(self, proxy):
        self.proxy = proxy
        proxy.control('DELETE', '/_proxy/rules')
        self.user = f'victim{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.directory = DIRECTORY / self.user
        self.directory.mkdir()
        (self.directory / 'password').write_text(PASSWORD)
        self.key_file = self.directory / 'key.txt'
        status, answer = self.run('login', '--homeserver', proxy.url, '--user', self.user, '--password-file',
                                  str(self.directory / 'password'))
        assert status == 0, answer
        told = subprocess.run([PUT_ROOM_KEYS, self.directory / 'profile', self.directory / 'store.key', str(ROOM_KEYS)],
                              check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
        self.room_keys = {(room, session): key for room, session, key in map(str.split, told)}
        assert len(self.room_keys) == ROOM_KEYS
        self.observer = Observer(SERVER.url, self.user, PASSWORD)

    def start(self, *arguments, stopped=False):
        wait = ['sh', '-c', 'kill -STOP $$; exec "$@"', 'sh'] if stopped else []
        return subprocess.Popen(
            [*wait, PROGRAM, '--profile', self.directory / 'profile', '--store-key-file', self.directory / 'store.key',
             '--json', *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})

    def run(self, *arguments):
        with self.start(*arguments) as process:
            said, errors = process.communicate(timeout=120)
        assert said, errors
        return process.returncode, json.loads(said)

    def setup(self):
        return ('setup', '--generate', '--save-key', str(self.key_file), '--password-file',
                str(self.directory / 'password'))

    def key(self):
        """As the person has it by now; None: not saved yet."""
        return read_recovery_key(self.key_file.read_text()) if self.key_file.exists() else None

    def kill_at(self, number, moment):
        """It starts stopped, because the rule needs its ID. Whether it was killed."""
        process = self.start(*self.setup(), stopped=True)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        self.proxy.control('PUT', '/_proxy/rules', [{'nth': number, 'at': moment, 'action': 'kill', 'pid': process.pid}])
        os.kill(process.pid, signal.SIGCONT)
        process.communicate(timeout=120)
        self.proxy.control('DELETE', '/_proxy/rules')
        return process.returncode == -signal.SIGKILL

    def kill_after(self, seconds):
        with self.start(*self.setup()) as process:
            time.sleep(seconds)  # not a wait for anything: the moment is what the test is about
            process.kill()
            process.communicate()
        return process.returncode == -signal.SIGKILL

    def check_goes_on(self):
        """After a kill: nothing is lost by it, and the same command does the rest, or says that all is done."""
        key = self.key()
        before = self.observer.check_recoverable(key)
        status, answer = self.run(*self.setup())
        assert status == 0, answer
        assert answer['checked'] > 0 and answer['uploaded'] == ROOM_KEYS and answer['refused'] == 0, answer
        assert key in (None, self.key()), 'the person has two keys'
        self.check_whole(before)

    def check_whole(self, before):
        observer, key = self.observer, self.key()
        identity, default = observer.check_recoverable(key), observer.default_key()
        assert len(identity) == 3 and default is not None, (identity, default)
        assert before.items() <= identity.items(), 'one identity was replaced by another'
        version = observer.version()
        # No other is left over, if one was made.
        for other in range(1, int(version['version'])):
            assert observer.ask('GET', f'room_keys/version/{other}') is None, other
        private = observer.open_secrets(key)[default][BACKUP]
        entries = observer.entries(version['version'])
        assert {place: open_entry(private, entry)['session_key'] for place, entry in entries.items()} == self.room_keys
        status, answer = self.run('status')
        assert status == 0 and answer['state'] == 'ready' and answer['device_verified'], answer
        assert answer['backup']['trusted_by'] == 'key' and answer['pending_upload'] == 0, answer
        assert answer['local_keys'] == ROOM_KEYS, answer
        with sqlite3.connect(next((self.directory / 'profile').glob('*.db'))) as connection:
            assert connection.execute('SELECT count(*) FROM journal').fetchone() == (0,), 'the journal is not wiped'
        connection.close()


def undisturbed():
    """What a set-up asks, and how long it takes."""
    victim = Victim(LANES[0])
    victim.proxy.control('DELETE', '/_proxy/log')
    started = time.monotonic()
    status, answer = victim.run(*victim.setup())
    seconds = time.monotonic() - started
    asked = victim.proxy.control('GET', '/_proxy/log')['requests']
    assert status == 0, answer
    victim.check_whole({})
    return asked, seconds


def points(asked):
    """(request, moment). Requests that only read are killed at one of the moments, in turn, if time is short."""
    chosen = []
    for number, request in enumerate(asked, 1):
        changes = request['method'] != 'GET' and not request['path'].endswith('/keys/query')
        if LONG or (changes and KIND == 'homeserver'):
            chosen += [(number, moment) for moment in MOMENTS]
        elif changes or KIND == 'homeserver':
            chosen.append((number, MOMENTS[number % len(MOMENTS)]))
    return chosen


def for_each(items, work):
    """work (victim, …) for every item (a tuple), some beside each other; fails with the first that fails."""
    left, failures, done = iter(items), [], []

    def lane(proxy):
        for item in left:
            try:
                done.append(work(Victim(proxy), *item))
            except BaseException as error:
                print(f'# at {item}', flush=True)
                failures.append(error)
            if failures:
                return

    threads = [threading.Thread(target=lane, args=[proxy]) for proxy in LANES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return done


def test_killed_at_every_request_it_goes_on():
    def kill(victim, number, moment):
        assert victim.kill_at(number, moment), 'it was not killed'
        victim.check_goes_on()

    asked, _ = undisturbed()
    kills = for_each(points(asked), kill)
    assert len(kills) >= (36 if KIND == 'homeserver' else 12), kills
    print(f'# {len(kills)} kills at {len(asked)} requests', flush=True)


def test_killed_in_two_runs_one_after_the_other_it_goes_on():
    def kill_twice(victim, number):
        assert victim.kill_at(number, 'response')
        victim.observer.check_recoverable(victim.key())
        # Every run looks at what is there first, so that the same number is later in the set-up.
        if not victim.kill_at(number, 'response'):
            return False
        victim.check_goes_on()
        return True

    asked, _ = undisturbed()
    twice = for_each([(number,) for number in range(2, len(asked), 1 if LONG else 8)], kill_twice)
    assert sum(twice) >= 4, twice


def test_killed_at_random_times_it_goes_on():
    def kill(victim, moment):
        killed = victim.kill_after(moment)
        if killed:
            victim.check_goes_on()
        return killed

    seed = int(os.environ.get('KEEPSAKE_SEED', random.randrange(1 << 32)))
    chance = random.Random(seed)
    print(f'# KEEPSAKE_SEED={seed}', flush=True)
    _, seconds = undisturbed()
    killed = for_each([(chance.uniform(0, seconds),) for _ in range(50 if LONG else 10)], kill)
    assert any(killed)
    print(f'# {sum(killed)} kills within {seconds:.3f} s', flush=True)


try:
    tap.run(globals())
finally:
    for proxy in LANES:
        proxy.end()
    SERVER.end()
    shutil.rmtree(DIRECTORY, ignore_errors=True)

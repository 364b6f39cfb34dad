#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-restore.py KEEPSAKECTL PUT-ROOM-KEYS HOMESERVER: keepsakectl restore from the outside: a new session gets back
what another one has backed up, also after it was killed or the line was cut, and says what it could not use."""
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from secure_backup import Observer  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

PROGRAM, PUT = sys.argv[1:3]
SERVER = TestHomeserver(sys.argv[3])
PASSWORD = 'a password for tests'
KEYS = 400
users = itertools.count(1)


class Session:
    """One of Keepsake's, with a profile of its own."""

    def __init__(self, place, name, url=SERVER.url):
        self.profile = place.directory / name
        self.store_key = place.directory / (name + '.key')
        self.json('login', '--homeserver', url, '--user', place.user, '--password-file', place.password)

    def start(self, *arguments):
        # No session bus: what the keyring does must not matter here.
        return subprocess.Popen([PROGRAM, '--profile', self.profile, '--store-key-file', self.store_key, '--json',
                                 *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})

    def json(self, *arguments, status=0):
        with self.start(*arguments) as process:
            said, errors = process.communicate(timeout=120)
        assert process.returncode == status, (process.returncode, said, errors)
        return json.loads(said)

    def put_keys(self, count):
        """Their room and session IDs."""
        said = subprocess.run([PUT, self.profile, self.store_key, str(count)], check=True, capture_output=True,
                              text=True).stdout
        return [line.split()[:2] for line in said.splitlines()]


class Place:
    """An account with a backup that an earlier session has filled."""

    def __init__(self):
        self.user = f'user{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-restore.'))
        self.password = self.directory / 'password'
        self.password.write_text(PASSWORD)
        self.key_file = self.directory / 'key.txt'
        self.first = Session(self, 'first')
        self.keys = self.first.put_keys(KEYS)
        answer = self.first.json('setup', '--generate', '--save-key', self.key_file, '--password-file', self.password,
                                 '--no-keyring')
        assert answer['uploaded'] == KEYS, answer
        self.observer = Observer(SERVER.url, self.user, PASSWORD)

    def second(self, url=SERVER.url):
        session = Session(self, 'second', url)
        assert session.json('unlock', '--key-file', self.key_file)['state'] == 'ready'
        return session


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


def counts(answer):
    return {name: answer[name] for name in ('total', 'new', 'better', 'already')} | {'failed': len(answer['failed'])}


def check_whole(session):
    """All keys are here, and none goes up again."""
    status = session.json('status')
    assert status['local_keys'] == KEYS and status['pending_upload'] == 0, status
    answer = session.json('restore')
    assert counts(answer) == {'total': KEYS, 'new': 0, 'better': 0, 'already': KEYS, 'failed': 0}, answer


def test_new_session_gets_all_keys_back(place):
    session = place.second()
    assert session.json('status')['local_keys'] == 0
    answer = session.json('restore')
    assert counts(answer) == {'total': KEYS, 'new': KEYS, 'better': 0, 'already': 0, 'failed': 0}, answer
    check_whole(session)


def test_locked_session_is_told_to_unlock_first(place):
    session = Session(place, 'second')
    assert session.json('restore', status=4)['error']['code'] == 'locked'
    assert session.json('status')['local_keys'] == 0


def test_one_room_alone(place):
    session = place.second()
    room = place.keys[0][0]
    there = sum(1 for key in place.keys if key[0] == room)
    answer = session.json('restore', '--room', room)
    assert 0 < there < KEYS and answer['new'] == there and answer['total'] == there, answer
    assert session.json('status')['local_keys'] == there


def test_backup_of_another_key_is_not_taken(place):
    session = place.second()
    place.observer.ask('POST', 'room_keys/version', {
        'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2',
        'auth_data': {'public_key': '3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08', 'signatures': {}}})
    assert session.json('restore', status=1)['error']['code'] == 'mismatch'
    assert session.json('status')['local_keys'] == 0


def test_what_cannot_be_used_is_listed(place):
    session = place.second()
    room, other = place.keys[0]
    path = f'room_keys/keys/{quote(room, safe="")}/{quote(other, safe="")}?version={place.observer.version()["version"]}'
    entry = place.observer.ask('GET', path)
    data = entry['session_data']
    data['mac'] = ('A' if data['mac'][0] != 'A' else 'B') + data['mac'][1:]
    # The server keeps the first of two that are equally good.
    place.observer.ask('DELETE', path)
    place.observer.ask('PUT', path, entry)
    answer = session.json('restore')
    assert counts(answer) == {'total': KEYS, 'new': KEYS - 1, 'better': 0, 'already': 0, 'failed': 1}, answer
    assert answer['failed'] == [{'room_id': room, 'session_id': other, 'reason': 'not-ours'}], answer


def test_killed_anywhere_the_next_run_ends_it(place):
    with FaultProxy(SERVER.url) as proxy:
        session = place.second(proxy.url)
        chance = random.Random(20261122)
        for i in range(10):
            process = session.start('restore')
            if i % 2 == 0:
                proxy.rule(path='room_keys/keys', at='body', bytes=chance.randrange(1, 300000), action='kill',
                           pid=process.pid)
            else:
                time.sleep(chance.uniform(0, 0.4))
                process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            proxy.be_honest()
        session.json('restore')
        check_whole(session)


def test_cut_anywhere_the_next_run_ends_it(place):
    with FaultProxy(SERVER.url) as proxy:
        session = place.second(proxy.url)
        chance = random.Random(20261122)
        for _ in range(10):
            proxy.rule(path='room_keys/keys', at='body', bytes=chance.randrange(1, 300000), action='cut')
            assert session.json('restore', status=1)['error']['code'] == 'network'
            proxy.be_honest()
        session.json('restore')
        check_whole(session)


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

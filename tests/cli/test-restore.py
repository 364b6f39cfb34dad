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
import sqlite3
import subprocess
import sys
import tempfile
import threading
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
# More than are stored in one piece.
MANY_KEYS = 1200
POINTS = 20
users = itertools.count(1)


class Session:
    """One of Keepsake's, with a profile of its own."""

    def __init__(self, place, name, url=SERVER.url):
        self.profile = place.directory / name
        self.store_key = place.directory / (name + '.key')
        self.json('login', '--homeserver', url, '--user', place.user, '--password-file', place.password)

    def start(self, *arguments, stopped=False):
        wait = ['sh', '-c', 'kill -STOP $$; exec "$@"', 'sh'] if stopped else []
        # No session bus: what the keyring does must not matter here.
        return subprocess.Popen([*wait, PROGRAM, '--profile', self.profile, '--store-key-file', self.store_key, '--json',
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

    def __init__(self, keys=KEYS):
        self.user = f'user{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-restore.'))
        self.password = self.directory / 'password'
        self.password.write_text(PASSWORD)
        self.key_file = self.directory / 'key.txt'
        self.first = Session(self, 'first')
        self.keys = self.first.put_keys(keys)
        answer = self.first.json('setup', '--generate', '--save-key', self.key_file, '--password-file', self.password,
                                 '--no-keyring')
        assert answer['uploaded'] == keys, answer
        self.observer = Observer(SERVER.url, self.user, PASSWORD)

    def second(self, url=SERVER.url, name='second'):
        session = Session(self, name, url)
        assert session.json('unlock', '--key-file', self.key_file)['state'] == 'ready'
        return session


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


def counts(answer):
    assert answer['unusable'] == len(answer['failed']), answer
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


def test_locked_session_of_an_account_without_a_backup_is_told_so(place):
    """Unlocking would lead to nothing."""
    session = Session(place, 'second')
    place.observer.ask('DELETE', f"room_keys/version/{place.observer.version()['version']}")
    assert session.json('restore', status=1)['error']['code'] == 'no-backup'


def test_one_room_alone(place):
    session = place.second()
    room = place.keys[0][0]
    there = sum(1 for key in place.keys if key[0] == room)
    answer = session.json('restore', '--room', room)
    assert 0 < there < KEYS and answer['new'] == there and answer['total'] == there, answer
    assert session.json('status')['local_keys'] == there


def test_backup_made_anew_elsewhere_wants_unlocking_again(place):
    session = place.second()
    # One that no key could open is no reason to unlock.
    with FaultProxy(SERVER.url) as proxy:
        other = place.second(proxy.url, 'other')
        version = place.observer.version()
        version['auth_data']['public_key'] = 'A' * 90
        proxy.rule(method='GET', path='room_keys/version', action='answer', body=json.dumps(version), times=0)
        assert other.json('restore', status=1)['error']['code'] == 'unsupported'
    place.observer.ask('POST', 'room_keys/version', {
        'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2',
        'auth_data': {'public_key': '3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08', 'signatures': {}}})
    for arguments in ([], ['--room', place.keys[0][0]]):
        error = session.json('restore', *arguments, status=4)['error']
        assert error['code'] == 'locked' and '"keepsakectl unlock" again' in error['message'], error
    assert session.json('status')['local_keys'] == 0


NONE_FOUND = json.dumps({'errcode': 'M_NOT_FOUND', 'error': 'No room_keys found'})


def test_404_for_the_keys_of_an_empty_backup_is_no_keys(_):
    place = Place(keys=0)
    try:
        with FaultProxy(SERVER.url) as proxy:
            session = place.second(proxy.url)
            proxy.rule(method='GET', path='room_keys/keys', action='answer', status=404, body=NONE_FOUND, times=0)
            for arguments in ([], ['--room', '!room:localhost']):
                answer = session.json('restore', *arguments)
                assert answer['total'] == 0 and answer['held_back'] == 0, answer
            # A 404 that no homeserver said is none.
            proxy.be_honest()
            proxy.rule(method='GET', path='room_keys/keys', action='answer', status=404, body='{}', times=0)
            assert session.json('restore', status=1)['error']['code'] == 'bad-answer'
    finally:
        remove(place, False)


def test_404_for_keys_that_are_counted_is_an_error(place):
    with FaultProxy(SERVER.url) as proxy:
        session = place.second(proxy.url)
        proxy.rule(method='GET', path='room_keys/keys', action='answer', status=404, body=NONE_FOUND, times=0)
        assert session.json('restore', status=1)['error']['code'] == 'not-found'
        proxy.be_honest()
        assert session.json('restore')['new'] == KEYS


def test_version_replaced_between_two_questions(place):
    """The first answer names a version that is gone by the time its keys are asked for."""
    wrong = json.dumps({'errcode': 'M_WRONG_ROOM_KEYS_VERSION', 'error': 'Wrong version', 'current_version': '2'})
    for status, body in ((404, NONE_FOUND), (403, wrong)):
        with FaultProxy(SERVER.url) as proxy:
            session = place.second(proxy.url, f'session{status}')
            gone = {**place.observer.version(), 'version': '999'}
            # Of the same key: it goes on with the one that is there.
            proxy.rule(method='GET', path='room_keys/version', action='answer', body=json.dumps(gone))
            proxy.rule(method='GET', path='room_keys/keys', action='answer', status=status, body=body)
            assert session.json('restore')['new'] == KEYS
            # Of another key: to be unlocked again.
            proxy.be_honest()
            proxy.rule(method='GET', path='room_keys/keys', action='answer', status=status, body=body)
            other = {**gone, 'auth_data': {'public_key': '3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08',
                                           'signatures': {}}}
            proxy.rule(method='GET', path='room_keys/version', nth=2, action='answer', body=json.dumps(other))
            assert session.json('restore', status=4)['error']['code'] == 'locked'


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


def test_what_the_server_holds_back_is_counted(place):
    with FaultProxy(SERVER.url) as proxy:
        session = place.second(proxy.url)
        held = {'rooms': {}}
        for kept in (0, 1):
            proxy.rule(method='GET', path='room_keys/keys', action='answer', body=json.dumps(held))
            answer = session.json('restore')
            assert answer['held_back'] == KEYS - kept and answer['total'] == kept, answer
            room, key = place.keys[0]
            whole = place.observer.entries(place.observer.version()['version'])
            held['rooms'] = {room: {'sessions': {key: whole[room, key]}}}
        proxy.be_honest()
        assert session.json('restore')['held_back'] == 0
        assert session.json('restore', '--room', room)['held_back'] == 0


class Lane:
    """A session behind a proxy of its own, which can be put back to where nothing was restored yet."""

    def __init__(self, place, number):
        self.proxy = FaultProxy(SERVER.url)
        self.session = place.second(self.proxy.url, f'second{number}')
        self.before = place.directory / f'before{number}'
        shutil.copytree(self.session.profile, self.before)

    def put_back(self):
        shutil.rmtree(self.session.profile)
        shutil.copytree(self.before, self.session.profile)

    def state(self):
        """The keys, all that is known of them, and what is still to be done: of a copy, for whoever opens the database
        mends it after a kill, and that is not for us to do."""
        with tempfile.TemporaryDirectory() as copy:
            for file in self.session.profile.glob('keepsake.db*'):
                shutil.copy(file, copy)
            database = sqlite3.connect(Path(copy) / 'keepsake.db')
            keys = database.execute('SELECT room_id, session_id, sender_key, claimed_ed25519, forwarding_chain, '
                                    'shared_history, first_index, provenance, backed_up_version, refused_version '
                                    'FROM room_keys').fetchall()
            to_do = database.execute('SELECT kind FROM journal').fetchall()
            database.close()
        return set(keys), to_do

    def restore(self):
        answer = self.session.json('restore')
        assert answer['total'] == MANY_KEYS == answer['new'] + answer['already'], counts(answer)
        assert not answer['failed'] and answer['better'] == 0, counts(answer)
        return answer['already']

    def restore_undisturbed(self):
        """What is here after it, how long it takes, and how many bytes come."""
        started = time.monotonic()
        assert self.restore() == 0
        seconds = time.monotonic() - started
        state = self.state()
        assert len(state[0]) == MANY_KEYS and not state[1], state[1]
        # The same again compares every key with that of the backup.
        assert self.restore() == MANY_KEYS and self.state() == state
        return state, seconds

    def check(self, whole):
        """Whatever was left behind, the next restore ends as if nobody had disturbed it. How many keys there were."""
        self.proxy.be_honest()
        keys, _ = self.state()
        assert keys <= whole[0], 'something else than the keys of the backup is here'
        assert self.restore() == len(keys)
        assert self.state() == whole, 'it is not as if nothing had been'
        return len(keys)


def disturb(place, kinds, how):
    """Runs how (lane, kind, share) on a session into which nothing was restored, for POINTS kinds and for shares of
    the whole that are chosen at random, some beside each other. How many keys each left behind."""
    seed = int(os.environ.get('KEEPSAKE_SEED', random.randrange(1 << 32)))
    chance = random.Random(seed)
    print(f'# KEEPSAKE_SEED={seed}', flush=True)
    points = iter([(kind, chance.random()) for kind in kinds * (POINTS // len(kinds))])
    lanes = [Lane(place, number) for number in range(2)]
    failures, kept = [], []
    whole, place.seconds = lanes[0].restore_undisturbed()
    # As the server would send it, but for the white space.
    place.size = len(json.dumps(place.observer.ask('GET', 'room_keys/keys?version=' + place.observer.version()['version']),
                                separators=(',', ':')))

    def run(lane):
        for point in points:
            try:
                lane.put_back()
                how(lane, *point)
                kept.append(lane.check(whole))
            except BaseException as error:
                print(f'# at {point}', flush=True)
                failures.append(error)
            if failures:
                return

    threads = [threading.Thread(target=run, args=[lane]) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lane in lanes:
        lane.proxy.end()
    if failures:
        raise failures[0]
    assert len(kept) == POINTS, kept
    print(f'# of {MANY_KEYS} keys there were {sorted(kept)}', flush=True)
    return kept


def test_killed_anywhere_the_next_run_ends_it(_):
    place = Place(MANY_KEYS)

    def kill(lane, kind, share):
        process = lane.session.start('restore', stopped=True)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        if kind == 'byte':
            # In half a second it stores what it can of what has come.
            lane.proxy.rule(path='room_keys/keys', at='body', bytes=1 + int(share * (place.size - 1)), delay=0.5,
                            action='kill', pid=process.pid)
        os.kill(process.pid, signal.SIGCONT)
        if kind == 'moment':
            time.sleep(share * place.seconds)
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert kind == 'moment' or process.returncode == -signal.SIGKILL, process.returncode

    try:
        disturb(place, ['byte', 'moment'], kill)
    finally:
        remove(place, False)


def test_cut_anywhere_the_next_run_ends_it(_):
    place = Place(MANY_KEYS)

    def cut(lane, _, share):
        lane.proxy.rule(path='room_keys/keys', at='body', bytes=1 + int(share * (place.size - 1)), action='cut')
        assert lane.session.json('restore', status=1)['error']['code'] == 'network'

    try:
        kept = disturb(place, ['byte'], cut)
        # What had come is kept.
        assert any(0 < keys < MANY_KEYS for keys in kept), kept
    finally:
        remove(place, False)


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

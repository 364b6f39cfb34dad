#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-answers.py KEEPSAKECTL HOMESERVER: what keepsakectl answers where a server says odd things or nothing, where the
local data is damaged, and where the answer cannot be written."""
import itertools
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
PASSWORD = 'a password for tests'
users = itertools.count(1)


class Place:
    """A user of its own on the homeserver, and a profile and a key file for it."""

    def __init__(self):
        self.user = f'user{next(users)}'
        SERVER.be_honest()
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-answers.'))
        self.profile = self.directory / 'profile'
        (self.directory / 'password').write_text(PASSWORD)
        # No session bus: what the keyring does must not matter here.
        self.environment = {**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent',
                            'HOME': str(self.directory)}

    def command(self, *arguments):
        return [PROGRAM, '--profile', self.profile, '--store-key-file', self.directory / 'store.key', *arguments]

    def run(self, *arguments, **options):
        options = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, **options}
        return subprocess.run(self.command(*arguments), text=True, timeout=120, env=self.environment, **options)

    def json(self, *arguments, status=0):
        done = self.run('--json', *arguments)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def login_arguments(self, homeserver=SERVER.url):
        return ['login', '--homeserver', homeserver, '--user', self.user, '--password-file', self.directory / 'password']

    def login(self):
        return self.json(*self.login_arguments())


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


# Everything that could move a cursor, end a line or turn the direction of reading, and what JSON has to escape.
ODD = ''.join(map(chr, [*range(1, 0x20), *range(0x7f, 0xa0), 0x61c, 0x200e, 0x200f, *range(0x2028, 0x202f),
                        *range(0x2066, 0x206a), 0xfeff, 0xe0001])) + '"\\/\U0001f600\ufffd'
LOUD = set(ODD) - set('"\\/\U0001f600\ufffd')


def test_json_is_json_whatever_a_server_says(place):
    answer = json.dumps({'user_id': '@alice:localhost', 'device_id': 'D' + ODD, 'access_token': 'syt_x'})
    with FaultProxy(SERVER.url) as proxy:
        proxy.rule(method='POST', path='/login$', action='answer', body=answer)
        proxy.rule(path='/whoami$', action='answer', body=answer)
        login = place.run('--json', *place.login_arguments(homeserver=proxy.url)).stdout
        proxy.rule(action='answer', times=0, status=429, headers={'Retry-After': '3600'}, body='{}')
        status = place.run('--json', 'status').stdout
    for said in (login, status):
        assert json.loads(said)['device_id'] == 'D' + ODD, ascii(said)
        assert not set(said[:-1]) & LOUD and said[-1] == '\n', ascii(said)


def test_file_that_may_not_grow_is_a_full_disk(place):
    place.login()
    # A limit on the size of files sends a signal, whose default is to end the process at once.
    for size in (0, 4096, 20000):
        fresh = Place()
        done = fresh.run('--json', *fresh.login_arguments(),
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        assert done.returncode == 1 and json.loads(done.stdout)['error']['code'] == 'disk-full', (size, done)
        remove(fresh, False)


def test_answer_that_cannot_be_written_is_no_success(place):
    place.login()
    with open('/dev/full', 'w') as full:
        for arguments in (['status'], ['--json', 'status']):
            done = place.run(*arguments, stdout=full)
            assert done.returncode == 1 and 'No space left' in done.stderr, done


def test_verbs_that_only_read_name_the_one_that_mends(place):
    place.login()
    database = next(place.profile.glob('*.db'))
    with sqlite3.connect(database) as connection:
        connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        page, = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'room_keys'").fetchone()
    connection.close()
    damaged = bytearray(database.read_bytes())
    damaged[(page - 1) * 4096:page * 4096] = b'x' * 4096
    phrase = place.directory / 'phrase'
    phrase.write_text('brass otter lantern quietly\n')
    # Whatever is damaged: the head of the file, or a page in it.
    for content in (damaged, b'\0' * 4096 + bytes(damaged[4096:])):
        database.write_bytes(content)
        for name in ('-wal', '-shm'):
            Path(str(database) + name).unlink(missing_ok=True)
        for verb in (['status'], ['rooms'], ['history', '--room', '!room:localhost'],
                     ['keys', 'export', place.directory / 'keys.txt', '--phrase-file', phrase]):
            error = place.json(*verb, status=1)['error']
            assert error['code'] == 'damaged' and '"keepsakectl restore"' in error['message'], (verb, error)
        # It does: afterwards the account is there again, or has to be signed in to.
        place.run('restore')
        state = place.run('--json', 'status')
        assert state.returncode in (0, 3), state


def test_status_says_what_failed_and_keeps_what_was_known(place):
    facts = ('device_verified', 'backup', 'secrets', 'pending_upload', 'refused_upload', 'lost_upload', 'last_check')
    failing = ('m.secret_storage.default_key$', 'm.cross_signing.master$', 'keys/query$', 'room_keys/version$')
    with FaultProxy(SERVER.url) as proxy:
        place.json(*place.login_arguments(homeserver=proxy.url))

        def fail(path):
            # With Retry-After, so that nobody waits for a second try.
            proxy.be_honest()
            proxy.rule(path=path, action='answer', times=0, status=500, headers={'Retry-After': '3600'}, body='{}')
        # Nothing is known yet: then nothing is claimed, neither that there is a backup nor that there is none.
        fail('room_keys/version$')
        answer = place.json('status')
        assert answer['state'] == 'offline' and answer['as_of'] is None and answer['last_state'] is None, answer
        assert answer['device_verified'] is None and answer['backup'] is None and answer['local_keys'] == 0, answer
        assert all(value is None for secret in answer['secrets'].values() for value in secret.values()), answer
        assert 'is not known' in place.run('status').stdout
        proxy.be_honest()
        place.json('setup', '--generate', '--save-key', place.directory / 'key.txt')
        before = time.time() * 1000
        known = place.json('status')
        assert known['state'] == 'ready' and known['failure'] is None and 'as_of' not in known, known
        for path in failing:
            fail(path)
            answer = place.json('status')
            assert answer['state'] == 'offline' and answer['last_state'] == 'ready', answer
            assert before <= answer['as_of'] <= time.time() * 1000, answer
            assert {name: answer[name] for name in facts} == {name: known[name] for name in facts}, answer
            failure = answer['failure']
            assert failure['code'] == 'server' and failure['http_status'] == 500, failure
            request = failure['request'].split(' ')[1].replace('{}', '[^/]*')
            assert re.search(path[:-1], request) or request.endswith('account_data/[^/]*'), failure
            said = place.run('status').stdout
            assert failure['request'] in said and ': ready\n' in said and 'offline' in said, said
        proxy.be_honest()
        assert place.json('status')['state'] == 'ready'
        # Another session knows nothing of it.
        place.json('logout', '--force')
        assert not list(place.profile.glob('status-*'))


def test_every_error_names_the_request(place):
    place.login()
    SERVER.lie('server-errors', path='/logout$')
    error = place.json('logout', status=1)['error']
    assert 'POST /_matrix/client/v3/logout' in error['message'], error


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

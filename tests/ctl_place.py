# SPDX-License-Identifier: GPL-3.0-or-later
"""A person, and a session of theirs that keepsakectl has; the account is laid by the test."""
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from secure_backup import IDENTITY, Observer, write_recovery_key

PASSWORD = 'a password for tests'


class Place:
    """program: keepsakectl; server: where all of them live. A test sets both."""
    program = server = None
    users = itertools.count(1)

    def __init__(self, user=None, url=None, known=False):
        self.user = user or f'user{next(self.users)}'
        if not known:
            self.server.register(self.user, PASSWORD)
        self.observer = Observer(self.server.url, self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-place.'))
        self.password_file = self.file('password', PASSWORD)
        self.device = self.json('login', '--homeserver', url or self.server.url, '--user', self.user, '--password-file',
                                self.password_file)['device_id']

    def again(self, url=None):
        """Another session of the same person, with nothing in it."""
        other = Place(self.user, url, known=True)
        other.password_file = self.password_file
        return other

    def set_up(self):
        """By another client than Keepsake."""
        self.key, self.key_id, self.version = self.observer.reset(PASSWORD)
        self.key_file = self.file('key.txt', write_recovery_key(self.key) + '\n')
        return self

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def start(self, *arguments, stopped=False):
        wait = ['sh', '-c', 'kill -STOP $$; exec "$@"', 'sh'] if stopped else []
        # No session bus: what the keyring does must not matter here.
        return subprocess.Popen(
            [*wait, self.program, '--profile', self.directory / 'profile', '--store-key-file', self.directory / 'store.key',
             *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})

    def json(self, *arguments, status=0):
        with self.start('--json', *arguments) as process:
            said, errors = process.communicate(timeout=120)
        # None: however it ends.
        assert status in (process.returncode, None), (process.returncode, said, errors)
        return json.loads(said)

    def unlock(self, *arguments, **more):
        return self.json('unlock', *(arguments or ['--key-file', self.key_file]), **more)

    def plan(self):
        answer = self.json('repair', '--dry-run')
        assert answer['next_step'] == ('repair' if answer['plan']['actions'] else answer['next_step']), answer
        return answer['plan']

    def repair(self, *arguments, **more):
        return self.json('repair', '--password-file', self.password_file, *arguments, **more)

    def check_whole(self, key=None):
        """Keepsake says so, and so does who shares no code with it."""
        status = self.json('status')
        assert status['state'] == 'ready' and status['next_step'] == 'none', status
        assert status['device_verified'] and status['backup']['trusted_by'] == 'key', status
        assert not status['plan']['actions'], status
        identity = self.observer.check_recoverable(key or self.key)
        assert set(identity) == set(IDENTITY) and self.observer.version() and self.observer.default_key()


def remove(place, failed):
    if place is not None:
        shutil.rmtree(place.directory, ignore_errors=True)

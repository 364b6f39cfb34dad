# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who has keepsakectl and Element's engine, on one homeserver."""
import itertools
import json
import os
import re
import subprocess
import urllib.request

from servers import TESTS

PASSWORD = 'a password for tests'
users = itertools.count(1)


class Person:
    """A user of a Synapse, with a directory for what Keepsake and Element keep."""

    def __init__(self, program, server, directory):
        self.program = program
        self.server = server
        self.user = f'person{next(users)}'
        server.register(self.user, PASSWORD)
        self.directory = directory / self.user
        self.directory.mkdir()
        (self.directory / 'password').write_text(PASSWORD)

    def keepsake(self, *arguments, status=0):
        return json.loads(self.keepsake_text(*arguments, status=status))

    def keepsake_text(self, *arguments, status=0):
        done = subprocess.run(
            [self.program, '--profile', self.directory / 'profile', '--store-key-file', self.directory / 'store.key',
             '--json', *arguments], capture_output=True, text=True, timeout=120,
            env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    def login(self, status=0):
        return self.keepsake('login', '--homeserver', self.server.url, '--user', self.user, '--password-file',
                             str(self.directory / 'password'), '--device-name', 'Keepsake in a test', status=status)

    def element(self, verb, *arguments, session='element'):
        """A verb of the peer: in the session that is kept under a name, or (None) in a new one."""
        done = subprocess.run(
            [TESTS / 'interop/peer-run', verb, '--hs', self.server.url, '--user', self.user, '--password', PASSWORD,
             *(['--state', self.directory / session] if session else []), *arguments], capture_output=True, text=True, timeout=180)
        answer = json.loads(done.stdout.splitlines()[-1])
        assert answer['ok'], answer
        return answer

    def setup(self, *how):
        """Sets Secure Backup up; the answer, and the Security Key as it was saved."""
        file = self.directory / 'key.txt'
        answer = self.keepsake('setup', *how, '--save-key', str(file), '--password-file',
                               str(self.directory / 'password'))
        key = file.read_text()
        # What Element's own file upload takes: at most 128 bytes, base58 and white space.
        assert len(key) <= 128 and re.fullmatch(r'[1-9A-HJ-NP-Za-km-z\s]+', key), key
        return answer, key.strip()

    def identity(self):
        """The public keys of the identity, as anybody sees them."""
        token = self.call('POST', '/login', {'type': 'm.login.password', 'password': PASSWORD,
                                        'identifier': {'type': 'm.id.user', 'user': self.user}})['access_token']
        query = self.call('POST', '/keys/query', {'device_keys': {f'@{self.user}:localhost': []}}, token)
        return [list(query[kind][f'@{self.user}:localhost']['keys']) for kind in
                ('master_keys', 'self_signing_keys', 'user_signing_keys')]

    def call(self, method, path, body=None, token=None):
        headers = {'Content-Type': 'application/json', **({'Authorization': 'Bearer ' + token} if token else {})}
        request = urllib.request.Request(self.server.url + '/_matrix/client/v3' + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

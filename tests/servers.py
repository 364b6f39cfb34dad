# SPDX-License-Identifier: GPL-3.0-or-later
"""Homeservers for tests: started on a free port of 127.0.0.1, and ended by their process ID."""
import hashlib
import hmac
import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

TESTS = Path(__file__).resolve().parent
SKIP = 77


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return str(probe.getsockname()[1])


def ask(url, method='GET', body=None, timeout=30):
    """What a server answers to JSON, or to nothing."""
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


def register(server, user, password, secret='keepsake-tests', admin=False):
    """Makes an account by Synapse's shared-secret API, which the test homeserver has too. The answer: user_id,
    access_token, device_id, home_server."""
    url = server.rstrip('/') + '/_synapse/admin/v1/register'
    nonce = ask(url)['nonce']
    fields = [nonce, user, password, 'admin' if admin else 'notadmin']
    mac = hmac.new(secret.encode(), '\0'.join(fields).encode(), hashlib.sha1).hexdigest()
    return ask(url, 'POST', {'nonce': nonce, 'username': user, 'password': password, 'admin': admin, 'mac': mac})


class Homeserver:
    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        self.url = None
        for line in self.process.stdout:
            if line.startswith('READY'):
                self.url = line.split()[1]
                break
        if self.url is None:
            status = self.process.wait()
            if status == SKIP:
                print('TAP version 13\n1..0 # SKIP no working Synapse could be had from the package mirror')
                sys.exit(0)
            raise RuntimeError(f'{command[0]} ended with {status}')

    def register(self, user, password):
        return register(self.url, user, password)

    def control(self, method, path, body=None):
        return ask(self.url + path, method, body, timeout=10)

    def end(self):
        self.process.terminate()
        self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class TestHomeserver(Homeserver):
    def __init__(self, program, *arguments):
        super().__init__([program, '--exit-with-stdin', *arguments])

    def lie(self, name, **members):
        self.control('PUT', '/_keepsake/persona', {'name': name, **members})

    def be_honest(self):
        self.control('DELETE', '/_keepsake/persona')


class Synapse(Homeserver):
    def __init__(self, directory):
        super().__init__([TESTS / 'interop/synapse-run', directory, '0'])


class FaultProxy(Homeserver):
    """Stands in front of a homeserver; see tests/proxy/README.md for what a rule can say."""

    def __init__(self, upstream):
        super().__init__([TESTS / 'proxy/keepsake-fault-proxy', '--upstream', upstream, '--exit-with-stdin'])

    def rule(self, **members):
        self.control('POST', '/_proxy/rules', members)

    def be_honest(self):
        """Without any rules again."""
        self.control('DELETE', '/_proxy/rules')

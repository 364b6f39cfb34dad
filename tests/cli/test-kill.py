#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-kill.py KEEPSAKECTL HOMESERVER: keepsakectl is killed (kill -9) at every request of a verb, before the
homeserver has seen it and after it has answered. The next run converges, and nothing is locked or lost."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from servers import TESTS, Homeserver, TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
PROXY = Homeserver([TESTS / 'proxy/keepsake-fault-proxy', '--upstream', SERVER.url, '--exit-with-stdin'])
PASSWORD = 'a password for tests'
users = 0


class Place:
    def __init__(self):
        global users
        users += 1
        self.user = f'victim{users}'
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-kill.'))
        (self.directory / 'password').write_text(PASSWORD)
        rules([])

    def start(self, *arguments, stopped=False):
        wait = ['sh', '-c', 'kill -STOP $$; exec "$@"', 'sh'] if stopped else []
        return subprocess.Popen(
            [*wait, PROGRAM, '--profile', self.directory / 'profile', '--store-key-file', self.directory / 'key', '--json',
             *arguments], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
            env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})

    def run(self, *arguments):
        with self.start(*arguments) as process:
            answer = json.loads(process.stdout.read())
        return process.returncode, answer

    def login(self):
        return ('login', '--homeserver', PROXY.url, '--user', self.user, '--password-file',
                str(self.directory / 'password'))

    def sessions(self):
        body = {'type': 'm.login.password', 'password': PASSWORD, 'device_id': 'OBSERVER',
                'identifier': {'type': 'm.id.user', 'user': self.user}}
        token = call('POST', SERVER.url + '/_matrix/client/v3/login', body)['access_token']
        devices = call('GET', SERVER.url + '/_matrix/client/v3/devices', token=token)['devices']
        return {device['device_id'] for device in devices if (device.get('display_name') or '').startswith('Keepsake')}


def call(method, url, body=None, token=None):
    headers = {'Content-Type': 'application/json', **({'Authorization': 'Bearer ' + token} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=10) as answer:
        return json.load(answer)


def rules(wanted):
    PROXY.control('PUT', '/_proxy/rules', wanted)


def requests_of(place, *arguments):
    """How many requests a verb makes, undisturbed."""
    PROXY.control('DELETE', '/_proxy/log')
    place.run(*arguments)
    return len(PROXY.control('GET', '/_proxy/log')['requests'])


def kill_at(place, number, moment, *arguments):
    """Starts a verb and kills it at its request `number`. It starts stopped, because the rule needs its ID."""
    process = place.start(*arguments, stopped=True)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    rules([{'nth': number, 'at': moment, 'action': 'kill', 'pid': process.pid}])
    os.kill(process.pid, signal.SIGCONT)
    process.communicate(timeout=60)
    rules([])
    return process.returncode


def end(place, failed):
    rules([])
    shutil.rmtree(place.directory, ignore_errors=True)


def test_login_killed_at_every_request_can_be_done_again(place):
    count = requests_of(place, *place.login())
    assert count >= 3, count
    place.run('logout')
    for number in range(1, count + 1):
        for moment in ('request', 'response'):
            assert kill_at(place, number, moment, *place.login()) == -9, (number, moment)
            status, answer = place.run('status')
            if status == 3:  # it had not come so far
                status, answer = place.run(*place.login())
                assert status == 0, answer
                status, answer = place.run('status')
            assert status == 0 and answer['user_id'] == f'@{place.user}:localhost', answer
            assert answer['device_id'] in place.sessions()
            status, answer = place.run('logout')
            assert status == 0, answer


def test_logout_killed_at_every_request_can_be_done_again(place):
    for moment in ('request', 'response'):
        place.run(*place.login())
        before = place.sessions()
        assert kill_at(place, 1, moment, 'logout') == -9
        status, answer = place.run('logout')
        assert status == 0, answer
        status, answer = place.run('status')
        assert status == 3, answer
        assert not before & place.sessions()


try:
    tap.run(globals(), Place, end)
finally:
    PROXY.end()
    SERVER.end()

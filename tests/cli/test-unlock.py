#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-unlock.py KEEPSAKECTL HOMESERVER: keepsakectl unlock from the outside, on accounts that a program without any
code of Keepsake's has set up: answers, bad input, kill -9 at every request, and that no secret is in what it logs."""
import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from secure_backup import BACKUP, SECRETS, Observer, write_recovery_key  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
PASSWORD = 'a password for tests'
users = itertools.count(1)


class Place:
    """A person whose account is set up, and a new session of it that Keepsake has."""

    def __init__(self, url=SERVER.url):
        self.user = f'user{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.observer = Observer(SERVER.url, self.user, PASSWORD)
        self.key, self.key_id, self.version = self.observer.reset(PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-unlock.'))
        self.text = write_recovery_key(self.key)
        self.file('password', PASSWORD)
        self.key_file = self.file('key.txt', self.text + '\n')
        self.device = self.json('login', '--homeserver', url, '--user', self.user, '--password-file',
                                str(self.directory / 'password'))['device_id']

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def start(self, *arguments, stopped=False, stdin=None, **more):
        wait = ['sh', '-c', 'kill -STOP $$; exec "$@"', 'sh'] if stopped else []
        # No session bus: what the keyring does must not matter here.
        return subprocess.Popen(
            [*wait, PROGRAM, '--profile', self.directory / 'profile', '--store-key-file', self.directory / 'store.key',
             *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent', **more})

    def run(self, *arguments, stdin=None, **more):
        with self.start(*arguments, **more) as process:
            said, errors = process.communicate(stdin, timeout=120)
        return process.returncode, said, errors

    def json(self, *arguments, status=0, stdin=None):
        code, said, errors = self.run('--json', *arguments, stdin=stdin)
        assert code == status, (code, said, errors)
        assert len(said.strip().splitlines()) == 1, said
        return json.loads(said)

    def unlock(self, **more):
        return self.json('unlock', '--key-file', self.key_file, **more)

    def refused(self, *arguments, stdin=None):
        """The error's code; nothing was changed by it."""
        code = self.json('unlock', *arguments, status=1, stdin=stdin)['error']['code']
        status = self.json('status')
        assert status['state'] == 'locked' and not status['device_verified'], status
        assert not any(secret['here'] for secret in status['secrets'].values()), status
        assert not self.signed()
        return code

    def signed(self):
        """Whether others see this session as signed by the identity that is published."""
        seen = self.observer.ask('POST', 'keys/query', {'device_keys': {self.observer.user_id: []}})
        device = seen['device_keys'].get(self.observer.user_id, {}).get(self.device, {})
        name = 'ed25519:' + self.observer.identity()['self_signing']
        return name in device.get('signatures', {}).get(self.observer.user_id, {})

    def check_whole(self):
        status = self.json('status')
        assert status['state'] == 'ready' and status['device_verified'], status
        assert status['backup']['trusted_by'] == 'key' and status['backup']['version'] == self.version, status
        assert all(s == {'stored': True, 'here': True, 'matches': True} for s in status['secrets'].values()), status
        assert self.signed()


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


def test_key_opens_all(place):
    before = place.observer.check_recoverable(place.key)
    answer = place.unlock()
    assert answer['state'] == 'ready' and answer['opened_by'] == 'key' and answer['key_id'] == place.key_id, answer
    assert answer['default_key'] and answer['device_verified'] and answer['backup_key'], answer
    assert answer['uploaded'] == 0 and answer['corrected_group'] == 0, answer
    assert set(answer['secrets']) == set(SECRETS)
    assert all(s == {'stored': True, 'here': True, 'matches': True} for s in answer['secrets'].values()), answer
    place.check_whole()
    assert place.observer.check_recoverable(place.key) == before
    place.unlock()
    place.check_whole()


def test_key_from_standard_input_and_from_a_note(place):
    note = f'Recovery key for work:\r\n\r\n  {place.text}\r\n\r\nDo not lose it.\r\n'
    assert place.json('unlock', '--key-file', '-', stdin=note)['state'] == 'ready'
    place.check_whole()


def test_mistake_in_the_key_is_shown_to_the_person_and_not_to_scripts(place):
    groups = place.text.split()
    groups[6] = groups[6][:2] + ('x' if groups[6][2] != 'x' else 'y') + groups[6][3:]
    wrong = place.file('wrong.txt', ' '.join(groups))
    code, said, errors = place.run('unlock', '--key-file', wrong)
    assert code == 0 and f'group 7 of the key. It has to be: {place.text.split()[6]}\n' in said, said
    answer = place.json('unlock', '--key-file', wrong)
    assert answer['corrected_group'] == 7
    assert place.text.split()[6] not in json.dumps(answer)


def test_wrong_input_is_told_apart(place):
    other = write_recovery_key(os.urandom(32))
    assert place.refused('--key-file', '-', stdin=other) == 'wrong-key'
    assert place.refused('--key-file', '-', stdin=place.text[:-1]) == 'broken-key'
    assert place.refused('--key-file', '-', stdin='milk and eggs') == 'not-a-key'
    assert place.refused('--key-file', '-', stdin='-----BEGIN MEGOLM SESSION DATA-----\nAAAA\n') == 'room-key-file'
    assert place.refused('--key-file', str(place.directory / 'none')) == 'file'
    assert place.refused('--phrase-file', '-', stdin='a phrase of mine') == 'no-phrase'
    assert place.refused('--keyring') == 'keyring'


def test_secret_that_is_damaged_costs_only_itself(place):
    name = 'm.cross_signing.user_signing'
    before = place.observer.account_data(name)
    place.observer.put(name, place.observer.account_data(BACKUP))
    answer = place.unlock()
    assert answer['parts'] == {s: 'damaged' if s == name else 'opened' for s in SECRETS}, answer
    assert answer['device_verified'] and answer['backup_key'], answer
    code, said, _ = place.run('unlock', '--key-file', place.key_file)
    assert code == 0 and f'{name}: damaged on the homeserver.\n' in said, said
    place.observer.put(name, before)
    place.unlock()
    place.check_whole()


def test_identity_that_was_reset(place):
    place.unlock()
    key, _, place.version = place.observer.reset(PASSWORD)
    assert place.json('status')['state'] == 'conflict'
    new = place.file('new.txt', write_recovery_key(key))
    answer = place.json('unlock', '--key-file', new)
    assert answer['identity_changed'] and not answer['device_verified'] and answer['state'] == 'conflict', answer
    assert answer['parts'] == {s: 'opened' if s == BACKUP else 'changed' for s in SECRETS}, answer
    assert not place.signed()
    assert place.json('unlock', '--key-file', new, '--accept-new-identity')['state'] == 'ready'
    place.check_whole()


def test_logout_keeps_private_keys_that_the_server_does_not_tell_of(place):
    """What it may have lost since is here alone; one answer that fails is no leave to destroy it."""
    place.unlock()
    for path in 'keys/query', 'room_keys/version$', 'account_data/m.megolm_backup.v1$':
        SERVER.lie('server-errors', path=path)
        try:
            assert place.json('logout', status=1)['error']['code'] == 'secrets-only-here', path
        finally:
            SERVER.be_honest()
        place.check_whole()
    place.json('logout')


def test_wrong_usage(place):
    for arguments in ([], ['--key-file', place.key_file, '--keyring'], ['--key-file'], ['--phrase', 'x'],
                      ['--key-file', place.key_file, place.text]):
        assert place.run('unlock', *arguments)[0] == 2, arguments


def test_no_secret_in_the_log_or_in_clear_on_disk(place):
    code, said, errors = place.run('--verbose', 'unlock', '--key-file', place.key_file, G_MESSAGES_DEBUG='all')
    assert code == 0 and 'step' in errors, errors
    secrets = [place.key, *place.observer.open_secrets(place.key)[place.key_id].values()]
    assert len(secrets) == 5
    words = [place.text, place.text.replace(' ', ''), place.text.split()[5]]
    for secret in secrets:
        words += [base64.b64encode(secret).decode().rstrip('='), secret.hex()]
    for word in words:
        assert word not in said and word not in errors, 'a secret was logged'
    for path in (place.directory / 'profile').rglob('*'):
        if path.is_file():
            content = path.read_bytes()
            for secret in secrets:
                assert secret not in content and base64.b64encode(secret).rstrip(b'=') not in content, path


def test_killed_at_every_request_it_is_locked_or_whole(_):
    with FaultProxy(SERVER.url) as proxy:
        for moment in ('request', 'response'):
            for number in itertools.count(1):
                place = Place(proxy.url)
                # It starts stopped, because the rule needs its ID.
                process = place.start('--json', 'unlock', '--key-file', place.key_file, stopped=True)
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
                proxy.control('PUT', '/_proxy/rules', [{'nth': number, 'at': moment, 'action': 'kill',
                                                        'pid': process.pid}])
                os.kill(process.pid, signal.SIGCONT)
                process.communicate(timeout=120)
                proxy.control('DELETE', '/_proxy/rules')
                killed = process.returncode == -signal.SIGKILL
                status = place.json('status')
                if killed and status['state'] != 'ready':
                    assert status['state'] == 'locked' and not status['device_verified'], status
                    assert not any(secret['here'] for secret in status['secrets'].values()), status
                    place.unlock()
                place.check_whole()
                place.observer.check_recoverable(place.key)
                remove(place, False)
                if not killed:
                    break
            assert number > 12, 'it was never killed late'


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

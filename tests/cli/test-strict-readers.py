#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-strict-readers.py KEEPSAKECTL HOMESERVER: what keepsakectl writes, and what other clients have written, opened by
readers as strict as NeoChat, gomuks and nheko are."""
import copy
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / 'interop/clients')]
import tap  # noqa: E402
from account_oracle import Sight  # noqa: E402
from client_accounts import lay  # noqa: E402
from secure_backup import BACKUP, SECRETS, Observer, binary, public_half, read_recovery_key, seal, write_recovery_key  # noqa: E402
from servers import TestHomeserver  # noqa: E402
from strict_readers import READERS, Gomuks, NeoChat, Nheko, Refused  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
PASSWORD = 'a password for tests'
ACCOUNTS = TESTS / 'data/accounts'
DEFAULT, DESCRIPTION = 'm.secret_storage.default_key', 'm.secret_storage.key.'
users = itertools.count(1)


class Place:
    """A person, and a session of theirs that Keepsake has."""

    def __init__(self):
        self.user = f'user{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.observer = Observer(SERVER.url, self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-readers.'))
        self.password = self.file('password', PASSWORD)
        self.run('login', '--homeserver', SERVER.url, '--user', self.user, '--password-file', self.password)

    def file(self, name, text):
        (self.directory / name).write_text(text)
        return str(self.directory / name)

    def run(self, *arguments):
        # No session bus: what the keyring does must not matter here.
        done = subprocess.run(
            [PROGRAM, '--profile', self.directory / 'profile', '--store-key-file', self.directory / 'store.key', '--json',
             *arguments], capture_output=True, text=True, timeout=120,
            env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def mend(self, key_text):
        """Unlocks with the key, and repairs."""
        self.run('unlock', '--key-file', self.file('key.txt', key_text))
        answer = self.run('repair', '--password-file', self.password)
        assert answer['state'] == 'ready', answer
        return answer

    def check_all_open(self, key):
        """For every reader, to what is published."""
        sight = Sight(self.observer)
        for reader in READERS:
            opened = reader(sight.data, key).open()
            assert set(opened) == set(SECRETS), (reader, set(opened))
            for name, value in opened.items():
                assert public_half(name, value) == sight.half_of(name), (reader, name)


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


def account_of(name):
    return json.loads((ACCOUNTS / name).read_text())


def is_refused(reader, data, key):
    try:
        reader(data, key).open()
    except Refused:
        return True
    return False


def change(data, how):
    """The account with each text of its secret storage changed."""
    other = copy.deepcopy(data)
    described = other[DESCRIPTION + other[DEFAULT]['key']]
    entries = [entry for name in SECRETS if name in other for entry in other[name]['encrypted'].values()]
    for entry in (described, *entries):
        for member in ('iv', 'mac', 'ciphertext'):
            if member in entry:
                entry[member] = how(entry[member])
    return other


def check_client_account(name, openers):
    account = account_of(name)
    data, key = account['account_data'], read_recovery_key(account['security_key'])
    for reader in READERS:
        if reader not in openers:
            assert is_refused(reader, data, key), reader
            continue
        opened = reader(data, key).open()
        assert set(SECRETS[:3]) <= set(opened), (reader, set(opened))


def test_only_nheko_opens_the_account_of_nheko_0_12_1(_):
    check_client_account('nheko-0.12.1.json', (Nheko,))


def test_all_but_neochat_open_the_account_of_gomuks_0_3_1(_):
    check_client_account('gomuks-0.3.1.json', (Gomuks, Nheko))


def pad(sealed):
    return {member: text + '=' * (-len(text) % 4) for member, text in sealed.items()}


def test_readers_refuse_what_their_clients_refuse(_):
    account = account_of('gomuks-0.3.1.json')
    data, key = account['account_data'], read_recovery_key(account['security_key'])
    key_id = data[DEFAULT]['key']
    data[BACKUP] = {'encrypted': {key_id: pad(seal(key, BACKUP, b'A' * 43 + b'='))}}
    for reader in READERS:
        assert not is_refused(reader, data, key), reader
    bare = change(data, lambda text: text.rstrip('='))
    # The one that turned people away from Keepsake's own accounts.
    assert is_refused(NeoChat, bare, key) and is_refused(Gomuks, bare, key)
    assert not is_refused(Nheko, bare, key)
    described = {**data, DESCRIPTION + key_id: bare[DESCRIPTION + key_id]}
    assert is_refused(Gomuks, described, key)
    assert not is_refused(NeoChat, described, key) and not is_refused(Nheko, described, key)
    web = change(data, lambda text: '-_' + text[2:])
    short = change(data, lambda text: text if len(text) != 24 else text[:16])
    for reader in READERS:
        assert is_refused(reader, web, key), reader
        assert is_refused(reader, short, key), reader
        assert is_refused(reader, data, os.urandom(32)), reader
        for name in SECRETS[:3]:
            # Right in all but one place.
            spoilt = copy.deepcopy(data)
            entry = next(iter(spoilt[name]['encrypted'].values()))
            entry['mac'] = 'A' * 43 + '='
            assert is_refused(reader, spoilt, key), (reader, name)
    # Padded outside and not inside.
    inside = copy.deepcopy(data)
    inside[SECRETS[0]]['encrypted'][key_id] = pad(seal(key, SECRETS[0], b'A' * 43))
    assert is_refused(Gomuks, inside, key) and not is_refused(NeoChat, inside, key)
    # Another key's entry that comes first by name.
    before = copy.deepcopy(data)
    before[SECRETS[0]]['encrypted']['!'] = seal(os.urandom(32), SECRETS[0], b'A' * 43)
    assert is_refused(Nheko, before, key) and not is_refused(NeoChat, before, key)


def test_readers_open_what_setup_writes(place):
    key_file = place.directory / 'saved'
    place.run('setup', '--generate', '--save-key', str(key_file), '--password-file', place.password,
              '--no-keyring')
    assert place.run('status')['state'] == 'ready'
    text = key_file.read_text()
    place.check_all_open(read_recovery_key(text[text.index('Es'):].splitlines()[0]))


def test_readers_open_what_repair_writes_to_other_clients_accounts(_):
    for name in ('nheko-0.12.1.json', 'gomuks-0.3.1.json'):
        place = Place()
        account = account_of(name)
        lay(place.observer, account, PASSWORD)
        place.mend(account['security_key'])
        place.check_all_open(read_recovery_key(account['security_key']))
        remove(place, False)


def test_readers_open_what_repair_writes_from_scratch(_):
    """The key of a backup becomes that of a storage with a new name and new secrets; a description is written again; so
    is each secret, padded, where another client's unpadded one was lost."""
    place = Place()
    key = os.urandom(32)
    place.observer.ask('POST', 'room_keys/version', {
        'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2',
        'auth_data': {'public_key': public_half(BACKUP, key), 'signatures': {}}})
    place.mend(write_recovery_key(key))
    place.check_all_open(key)
    key_id = place.observer.default_key()
    for name in (*SECRETS, DESCRIPTION + key_id):
        place.observer.put(name, {})
        answer = place.run('repair', '--key-file', place.directory / 'key.txt', '--password-file', place.password)
        assert answer['state'] == 'ready', answer
        place.check_all_open(key)
    remove(place, False)


def test_readers_open_the_account_whose_default_key_was_another(place):
    """Its secrets are another client's: padded or not, they stay as they are, so each reader is given them padded."""
    data = account_of('4s-default-is-not-the-secrets-key.json')
    key = read_recovery_key((ACCOUNTS / '4s-recovery-key-NEW.txt').read_text())
    entries = data[SECRETS[0]]['encrypted']
    new = next(iter(entries))
    account = {'account_data': data, 'version': account_of('backup-version.json'), 'security_key': write_recovery_key(key)}
    lay(place.observer, account, PASSWORD)
    place.mend(account['security_key'])
    assert place.observer.default_key() == new
    sight = Sight(place.observer)
    assert len(Nheko(sight.data, key).open()) == len(SECRETS)
    padded = change(sight.data, lambda text: text.rstrip('=') + '=' * (-len(text.rstrip('=')) % 4))
    assert len(NeoChat(padded, key).open()) == len(SECRETS)
    assert binary(sight.half_of(BACKUP))


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-repair.py KEEPSAKECTL HOMESERVER: keepsakectl repair on accounts as other clients leave them. What it writes is
read by a program without any code of Keepsake's: everything opens with the person's own key afterwards."""
import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from account_generator import ROOM, room_key, seal_entry  # noqa: E402
from client_accounts import lay, sign_again  # noqa: E402
from ctl_place import PASSWORD, Place, remove  # noqa: E402
from secure_backup import (BACKUP, SECRETS, binary, public_half, read_recovery_key, seal, unpadded,  # noqa: E402
                           write_recovery_key)
from servers import FaultProxy, TestHomeserver  # noqa: E402

SERVER = TestHomeserver(sys.argv[2])
Place.program, Place.server = sys.argv[1], SERVER
ACCOUNTS = Path(__file__).resolve().parent.parent / 'data' / 'accounts'


def check_client(name, user, actions):
    account = json.loads((ACCOUNTS / name).read_text())
    for by in ('key', 'phrase'):
        place = Place(user + by)
        lay(place.observer, account, PASSWORD)
        given = place.file('given', account['security_' + by])
        answer = place.unlock(f'--{by}-file', given)
        assert answer['device_verified'], answer
        assert all(answer['parts'][name] == 'opened' for name in SECRETS[:3]), answer
        assert answer['next_step'] == 'repair' and answer['state'] == 'incomplete', answer
        assert place.plan()['actions'] == actions, place.plan()
        before = place.observer.version()
        answer = place.repair()
        assert answer['state'] == 'ready' and answer['next_step'] == 'none', answer
        place.check_whole(read_recovery_key(account['security_key']))
        # The phrase still opens it, also where the description was written again.
        answer = place.unlock('--phrase-file', place.file('phrase', account['security_phrase']))
        assert answer['opened_by'] == 'phrase' and answer['state'] == 'ready', answer
        # What was there before is kept.
        if before is not None:
            assert place.observer.ask('GET', 'room_keys/version/' + before['version']) == before
        remove(place, False)


def test_account_of_nheko_0_12_1(_):
    check_client('nheko-0.12.1.json', 'nha', ['describe-key', 'backup'])


def test_account_of_gomuks_0_3_1(_):
    check_client('gomuks-0.3.1.json', 'gma', ['store', 'backup'])


def test_account_of_gomuks_26_08_stays_as_it_is(place):
    """All of it is there, without padding, as the specification asks for it."""
    account = json.loads((ACCOUNTS / 'gomuks-26.08.json').read_text())
    lay(place.observer, account, PASSWORD)
    answer = place.unlock('--key-file', place.file('key.txt', account['security_key']))
    assert answer['state'] == 'ready' and answer['next_step'] == 'none', answer
    place.check_whole(read_recovery_key(account['security_key']))
    for kind, content in account['account_data'].items():
        assert place.observer.account_data(kind) == content, kind


def test_repair_that_asks_for_the_password_is_told_as_one(place):
    """What was stored before the homeserver asked is not left out of the answer."""
    account = json.loads((ACCOUNTS / 'gomuks-0.3.1.json').read_text())
    keys = sign_again(account, place.observer.user_id)
    del keys['user_signing_key']
    place.observer.ask('POST', 'keys/device_signing/upload', keys)
    for kind, content in account['account_data'].items():
        place.observer.put(kind, content)
    place.unlock('--key-file', place.file('key.txt', account['security_key']))
    plan = place.plan()
    assert plan['actions'] == ['store', 'publish', 'backup'] and plan['store'] == [BACKUP], plan
    assert {**place.repair()['plan'], 'make': plan['make']} == plan
    place.check_whole(read_recovery_key(account['security_key']))


def test_whole_account_needs_nothing(place):
    place.set_up()
    assert place.unlock()['next_step'] == 'none'
    assert place.plan()['actions'] == []
    before = place.observer.check_recoverable(place.key)
    assert place.repair()['plan']['actions'] == []
    assert place.observer.check_recoverable(place.key) == before


def test_what_is_missing_comes_from_here(place):
    place.set_up().unlock()
    for name in SECRETS:
        place.observer.put(name, {})
        # It is open here, so that only a repair with the key can store it again.
        assert place.plan()['store'] == [name] and place.plan()['needs_key'], place.plan()
        assert place.json('repair', status=4)['error']['code'] == 'locked'
        place.repair('--key-file', place.key_file)
        place.check_whole()


def test_default_key_that_is_not_the_secrets_key(place):
    place.set_up()
    other = os.urandom(32)
    described = seal(other, '', bytes(32))
    place.observer.put('m.secret_storage.key.OLD', {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2',
                                                    'iv': described['iv'], 'mac': described['mac']})
    place.observer.put('m.secret_storage.default_key', {'key': 'OLD'})
    description = place.observer.account_data('m.secret_storage.key.' + place.key_id)
    assert place.unlock()['next_step'] == 'repair'
    assert place.plan()['actions'] == ['name-key'], place.plan()
    place.repair()
    place.check_whole()
    # The description that is right is nobody's to write again.
    assert place.observer.account_data('m.secret_storage.key.' + place.key_id) == description


def test_key_that_was_planted_in_the_default_keys_place(place):
    """Threat A19: another key claims all secrets. The person's own key opens everything, and is named again."""
    place.set_up().unlock()
    other = os.urandom(32)
    described = seal(other, '', bytes(32))
    place.observer.put('m.secret_storage.key.planted', {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2',
                                                        'iv': described['iv'], 'mac': described['mac']})
    for name in SECRETS:
        entries = place.observer.account_data(name)
        entries['encrypted']['planted'] = seal(other, name, unpadded(os.urandom(32)).encode())
        place.observer.put(name, entries)
    place.observer.put('m.secret_storage.default_key', {'key': 'planted'})
    status = place.json('status')
    assert status['state'] == 'conflict' and status['next_step'] == 'unlock', status
    assert place.unlock()['next_step'] == 'repair'
    assert place.plan()['actions'] == ['name-key'], place.plan()
    place.repair()
    place.check_whole()


def test_key_that_was_changed_elsewhere(place):
    """The new key is all that it takes."""
    place.set_up().unlock()
    new = os.urandom(32)
    described = seal(new, '', bytes(32))
    place.observer.put('m.secret_storage.key.new', {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2',
                                                    'iv': described['iv'], 'mac': described['mac']})
    for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
        place.observer.put(name, {'encrypted': {'new': seal(new, name, unpadded(secret).encode())}})
    place.observer.put('m.secret_storage.default_key', {'key': 'new'})
    status = place.json('status')
    assert status['state'] == 'conflict' and status['next_step'] == 'unlock', status
    assert place.unlock('--key-file', place.file('new.txt', write_recovery_key(new)))['next_step'] == 'none'
    place.check_whole(new)


def test_description_that_is_gone_or_odd(_):
    for content in ({}, {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2', 'iv': 7}, {'algorithm': 7},
                    {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2', 'passphrase': {'algorithm': 'm.pbkdf2'}},
                    {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2', 'name': 7, 'passphrase': []}):
        place = Place().set_up()
        place.observer.put('m.secret_storage.key.' + place.key_id, content)
        assert place.unlock()['next_step'] == 'repair'
        assert place.plan()['actions'] == ['describe-key'], place.plan()
        place.repair()
        place.check_whole()
        remove(place, False)


def test_description_keeps_what_it_says_besides(place):
    """The phrase, above all, and what a newer client may say of it."""
    place.set_up()
    odd = {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2', 'iv': 7, 'name': 'mine', 'newer': [1],
           'passphrase': {'algorithm': 'm.newer', 'salt': 'x'}}
    place.observer.put('m.secret_storage.key.' + place.key_id, odd)
    place.unlock()
    place.repair()
    place.check_whole()
    after = place.observer.account_data('m.secret_storage.key.' + place.key_id)
    assert {name: after[name] for name in ('name', 'newer', 'passphrase')} == {
        name: odd[name] for name in ('name', 'newer', 'passphrase')}, after


def test_storage_that_was_switched_off(place):
    place.set_up().unlock()
    identity, version = place.observer.identity(), place.observer.version()
    for kind, content in json.loads((ACCOUNTS / '4s-switched-off.json').read_text()).items():
        place.observer.put(kind, content)
    place.observer.put('m.secret_storage.key.' + place.key_id, {})
    status = place.json('status')
    assert status['next_step'] == 'repair' and status['plan']['needs_key'], status
    answer = place.repair('--key-file', place.key_file)
    assert answer['state'] == 'ready', answer
    place.check_whole()
    assert place.observer.identity() == identity
    assert place.observer.version()['version'] == version['version']


def test_backup_that_is_gone_or_no_backup(_):
    for spoil in ('delete', '45 bytes', 'algorithm'):
        place = Place().set_up()
        if spoil == 'delete':
            place.observer.ask('DELETE', 'room_keys/version/' + place.version)
        else:
            version = json.loads((ACCOUNTS / 'backup-version-45-bytes.json').read_text())
            place.observer.ask('POST', 'room_keys/version', {
                'algorithm': 'm.megolm_backup.v9' if spoil == 'algorithm' else version['algorithm'],
                'auth_data': version['auth_data']})
        answer = place.unlock()
        assert answer['device_verified'] and answer['next_step'] == 'repair', answer
        assert place.plan()['actions'][-1] == 'backup', place.plan()
        place.repair()
        place.check_whole()
        remove(place, False)


def test_backup_key_that_nobody_has(place):
    place.set_up()
    place.observer.put(BACKUP, {})
    assert place.unlock()['parts'][BACKUP] == 'nothing'
    plan = place.plan()
    assert plan['actions'] == ['store', 'backup'] and plan['lost'] == [BACKUP], plan
    assert plan['old_version'] == place.version
    place.repair()
    place.check_whole()
    assert place.observer.ask('GET', 'room_keys/version/' + place.version)


def test_account_of_2019_with_a_backup_alone(place):
    """The key of the backup becomes the key of all that the account lacks."""
    private = os.urandom(32)
    place.observer.ask('POST', 'room_keys/version', {
        'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2',
        'auth_data': {'public_key': public_half(BACKUP, private), 'signatures': {}}})
    key_file = place.file('key.txt', write_recovery_key(private))
    answer = place.unlock('--key-file', key_file)
    assert answer['opened_by'] == 'backup-key' and answer['next_step'] == 'repair', answer
    assert place.repair()['state'] == 'ready'
    place.check_whole(private)
    assert place.observer.version()['version'] == '1'


def lay_without_identity(place):
    """What gomuks stores, of an identity that no server publishes any more."""
    account = json.loads((ACCOUNTS / 'gomuks-0.3.1.json').read_text())
    for kind, content in account['account_data'].items():
        place.observer.put(kind, content)
    place.key = read_recovery_key(account['security_key'])
    place.key_file = place.file('key.txt', account['security_key'])


def test_public_halves_are_published_again(place):
    lay_without_identity(place)
    answer = place.unlock()
    assert all(answer['parts'][name] == 'unused' for name in SECRETS[:3]) and not answer['device_verified'], answer
    assert answer['next_step'] == 'repair'
    plan = place.plan()
    assert plan['publish'] == list(SECRETS[:3]) and 'publish' in plan['actions'], plan
    place.repair()
    place.check_whole()


def test_server_that_asks_who_it_is(place):
    lay_without_identity(place)
    place.unlock()
    SERVER.lie('always-authenticates', path='device_signing/upload$')
    try:
        assert place.json('repair', status=1)['error']['code'] == 'auth-needed'
        wrong = place.file('wrong', 'another password')
        assert place.json('repair', '--password-file', wrong, status=1)['error']['code'] == 'wrong-password'
        # What was done before the question stays, and nothing is published yet.
        assert place.observer.identity() == {}
        place.repair()
    finally:
        SERVER.be_honest()
    place.check_whole()


def test_nothing_is_stored_under_a_phrase_that_can_be_guessed(place):
    """Threat A19: of a thousand rounds."""
    place.set_up()
    description = place.observer.account_data('m.secret_storage.key.' + place.key_id)
    place.observer.put('m.secret_storage.key.' + place.key_id, {**description, 'passphrase': {
        'algorithm': 'm.pbkdf2', 'iterations': 1000, 'salt': 'salt'}})
    place.observer.put(BACKUP, {})
    before = {kind: place.observer.account_data(kind) for kind in SECRETS}
    place.unlock()
    plan = place.plan()
    assert plan['weak_key'] and plan['actions'] == [] and plan['lost'] == [BACKUP], plan
    place.repair()
    assert {kind: place.observer.account_data(kind) for kind in SECRETS} == before
    assert place.observer.version()['version'] == place.version


def test_backup_key_that_is_the_security_key_is_stored_again(place):
    """It opens the backup without being stored, and other clients look nowhere but in the storage."""
    private = os.urandom(32)
    place.observer.ask('POST', 'room_keys/version', {
        'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2',
        'auth_data': {'public_key': public_half(BACKUP, private), 'signatures': {}}})
    key_file = place.file('key.txt', write_recovery_key(private))
    place.unlock('--key-file', key_file)
    place.repair()
    for content in ({}, {'encrypted': {place.observer.default_key(): {'iv': 7}}}):
        place.observer.put(BACKUP, content)
        assert place.repair('--key-file', key_file)['plan']['store'] == [BACKUP]
        place.check_whole(private)


def test_identity_keys_that_nobody_has_are_named(place):
    place.set_up()
    place.observer.put('m.cross_signing.self_signing', {})
    answer = place.unlock()
    assert answer['parts']['m.cross_signing.self_signing'] == 'nothing' and answer['backup_key'], answer
    plan = place.plan()
    assert plan['lost'] == ['m.cross_signing.self_signing'] and not plan['publish'], plan
    assert place.json('status')['next_step'] in ('unlock', 'other-session')
    before = place.observer.identity()
    place.repair()
    assert place.observer.identity() == before


def said(place, *arguments):
    with place.start(*arguments) as process:
        return process.communicate(timeout=120)[0]


def test_of_what_is_only_locked_nothing_is_called_missing(place):
    """Before a key was tried nobody knows; and where all is well, that is said."""
    place.set_up()
    assert said(place, 'repair', '--dry-run').splitlines() == [
        'Secure Backup: locked', 'Next: keepsakectl unlock, with your Security Key or Phrase']
    place.unlock()
    assert said(place, 'repair', '--dry-run') == 'Nothing has to be repaired.\nSecure Backup: ready\n'
    assert said(place, 'repair') == 'Nothing had to be repaired.\nSecure Backup: ready\n'


def test_what_is_announced_and_what_was_done_are_told_apart(place):
    place.set_up()
    place.observer.put('m.megolm_backup.v1', {})
    place.unlock()
    plan = said(place, 'repair', '--dry-run').splitlines()
    done = said(place, 'repair', '--password-file', place.password_file).splitlines()
    assert plan[0] == 'A repair does this:' and done[0] == 'Repaired. This was done:', (plan, done)
    lines = ['  - store under the Security Key: m.megolm_backup.v1',
             '  - make a new backup; the one before, which nothing here opens, stays on the homeserver']
    assert plan[1:3] == done[1:3] == lines, (plan, done)
    assert done[3].startswith('Enter the Security Key once more in the app'), done


def test_restore_is_named_before_the_advice_to_reset(place):
    """The identity is beyond repair, and the backup opens: nobody loses it by following the advice."""
    place.set_up()
    half = place.observer.version()['auth_data']['public_key']
    session_key, session_id = room_key(os.urandom(32))
    place.observer.ask('PUT', f'room_keys/keys?version={place.version}', {
        'rooms': {ROOM: {'sessions': {session_id: seal_entry(binary(half), session_key)}}}})
    place.observer.put('m.cross_signing.self_signing', {'encrypted': {place.key_id: {
        'iv': 'AAAA', 'mac': 'AAAA', 'ciphertext': 'AAAA'}}})
    place.unlock()
    lines = said(place, 'status').splitlines()
    named = [n for n, line in enumerate(lines) if 'keepsakectl restore brings them' in line]
    advice = [n for n, line in enumerate(lines) if line.startswith('Next: nothing here can put it right')]
    assert named and advice and named[0] < advice[0], lines
    assert place.json('restore')['new'] == 1
    assert 'keepsakectl restore' not in said(place, 'status')


def test_where_all_is_lost_no_key_is_asked_for_that_nothing_can_prove(place):
    """Only the public halves are left, or an empty backup of which nobody has the key."""
    place.set_up()
    for kind in (*SECRETS, 'm.secret_storage.default_key', 'm.secret_storage.key.' + place.key_id):
        place.observer.put(kind, {})
    status = place.json('status')
    assert status['next_step'] == 'unlock', status
    assert 'with the key or phrase of the backup itself' in said(place, 'status')
    place.observer.ask('DELETE', f'room_keys/version/{place.version}')
    status = place.json('status')
    assert status['next_step'] == 'other-session' and not status['plan']['needs_key'], status
    assert not status['plan']['actions'], status


def test_identity_of_another_is_left_alone(place):
    place.set_up().unlock()
    place.observer.reset(PASSWORD)
    before = place.observer.identity(), place.observer.version()
    assert place.json('status')['next_step'] == 'accept-identity'
    assert place.json('repair', status=1)['error']['code'] == 'identity-changed'
    assert (place.observer.identity(), place.observer.version()) == before


def test_other_identity_is_taken_by_no_repair_before_the_person_has_said_so(place):
    """The account was reset elsewhere. Its new key opens the backup, which is proven by itself; the identity is not
    taken with it, neither by the unlock nor by a repair with or without the key."""
    place.set_up().unlock()
    place.set_up()
    signed = place.observer.ask('POST', 'keys/query', {'device_keys': {place.observer.user_id: []}})
    answer = place.unlock()
    assert answer['identity_changed'] and answer['next_step'] == 'accept-identity', answer
    for more in ([], ['--key-file', place.key_file]):
        assert place.plan()['actions'] == []
        assert place.repair(*more, status=1)['error']['code'] == 'identity-changed'
        status = place.json('status')
        assert status['state'] == 'conflict' and status['next_step'] == 'accept-identity', status
    assert place.observer.ask('POST', 'keys/query', {'device_keys': {place.observer.user_id: []}}) == signed
    assert place.unlock('--key-file', place.key_file, '--accept-new-identity')['state'] == 'ready'
    place.check_whole()


def test_key_is_wiped_once_all_is_well(place):
    place.set_up()
    place.observer.put(BACKUP, {})
    place.unlock()
    database = place.directory / 'profile'
    journal = ['sqlite3', str(next(database.rglob('keepsake.db'))), 'SELECT count(*) FROM journal']
    assert subprocess.run(journal, capture_output=True, text=True, check=True).stdout == '1\n'
    place.repair()
    assert subprocess.run(journal, capture_output=True, text=True, check=True).stdout == '0\n'


def test_killed_at_every_request_it_goes_on(_):
    """A key's description that was emptied and a backup whose key is gone: what is stored and made survives kill -9.
    Every third request in turn stands for all, unless this is a long run."""
    step = 1 if os.environ.get('KEEPSAKE_LONG') else 3
    with FaultProxy(SERVER.url) as proxy:
        for first, moment in ((1, 'request'), (2, 'response')):
            for number in itertools.count(first, step):
                place = Place(url=proxy.url).set_up()
                place.observer.put(BACKUP, {})
                place.observer.put('m.secret_storage.key.' + place.key_id, {})
                place.unlock()
                identity = place.observer.identity()
                process = place.start('--json', 'repair', stopped=True)
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
                proxy.control('PUT', '/_proxy/rules', [{'nth': number, 'at': moment, 'action': 'kill',
                                                        'pid': process.pid}])
                os.kill(process.pid, signal.SIGCONT)
                process.communicate(timeout=120)
                proxy.control('DELETE', '/_proxy/rules')
                killed = process.returncode == -signal.SIGKILL
                if killed:
                    place.repair()
                place.check_whole()
                assert place.observer.identity() == identity
                # At most one version was made, however often it began.
                assert int(place.observer.version()['version']) <= int(place.version) + 1
                remove(place, False)
                if not killed:
                    break
            assert number > 20, 'it was never killed late'


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

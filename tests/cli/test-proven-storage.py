#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-proven-storage.py KEEPSAKECTL HOMESERVER: what lies in secret storage is well-formed, and not what the Security Key
has opened; or the server shows something odd in the place of what it is of. Nobody is told that all is well, and nobody
signs out with the only copy."""
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from ctl_place import PASSWORD, Place, remove  # noqa: E402
from secure_backup import BACKUP, IDENTITY, SECRETS, seal, unpadded, write_recovery_key  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

SERVER = TestHomeserver(sys.argv[2])
PROXY = FaultProxy(SERVER.url)
Place.program, Place.server = sys.argv[1], SERVER
STORAGE = 'm.secret_storage.v1.aes-hmac-sha2'


def ready():
    place = Place(url=PROXY.url).set_up()
    place.secrets = place.observer.open_secrets(place.key)[place.key_id]
    place.unlock()
    place.check_whole()
    return place


def put(place, name, key=None, value=None):
    """Seals it anew under the same ID."""
    entry = seal(key or place.key, name, unpadded(value or place.secrets[name]).encode())
    place.observer.put(name, {'encrypted': {place.key_id: entry}})


def describe(place, key):
    described = seal(key, '', bytes(32))
    place.observer.put('m.secret_storage.key.' + place.key_id,
                       {'algorithm': STORAGE, 'iv': described['iv'], 'mac': described['mac']})


def spoil(place, name):
    content = place.observer.account_data(name)
    content['encrypted'][place.key_id]['mac'] = unpadded(os.urandom(32))
    place.observer.put(name, content)


def spoil_all(place):
    for name in SECRETS:
        spoil(place, name)


def seal_with_another(place, key=None):
    key = key or os.urandom(32)
    for name in SECRETS:
        put(place, name, key)
    return key


def seal_other_values(place):
    for name in SECRETS:
        put(place, name, value=os.urandom(32))


def seal_and_describe_with_another(place):
    describe(place, seal_with_another(place))


def logout_is_refused(place):
    said = place.json('logout', status=1)['error']
    assert said['code'] == 'secrets-only-here', said
    return said


CHANGES = {
    'all MACs': (spoil_all, SECRETS, True),
    'the MAC of the backup key': (lambda place: spoil(place, BACKUP), (BACKUP,), True),
    'the MAC of the master key': (lambda place: spoil(place, SECRETS[0]), SECRETS[:1], True),
    'another key': (seal_with_another, SECRETS, True),
    'other values': (seal_other_values, SECRETS, True),
    'another key and its description': (seal_and_describe_with_another, SECRETS, False),
}


def test_what_was_changed_is_never_ready():
    """One change after the other; where the ID is still the key's, the key puts it right."""
    for what, (change, names, mends) in CHANGES.items():
        place = ready()
        change(place)
        status = place.json('status')
        assert status['state'] == 'incomplete' and status['next_step'] == 'unlock', (what, status)
        assert [n for n in SECRETS if not status['secrets'][n]['stored']] == list(names), (what, status)
        plan = status['plan']
        assert sorted(plan['store']) == sorted(names) and plan['needs_key'] and not plan['lost'], (what, plan)
        assert "hasn't seen" in logout_is_refused(place)['message'], what
        if mends:
            follow(place)
            place.check_whole()
        else:
            assert place.unlock(status=1)['error']['code'] == 'wrong-key'
            assert place.json('status')['next_step'] == 'unlock'
            logout_is_refused(place)
        place.json('logout', *([] if mends else ['--force']))
        remove(place, False)


def follow(place):
    """What is said to lead on, with what the person has."""
    for _ in range(4):
        step = place.json('status')['next_step']
        if step == 'none':
            return
        if step == 'unlock':
            with place.start('--json', 'unlock', '--key-file', place.key_file) as process:
                process.communicate(timeout=120)
        else:
            assert step == 'repair', step
            place.repair()
    raise AssertionError('it leads nowhere')


def test_repair_with_the_key_puts_it_right_at_once():
    for change in (spoil_all, seal_other_values):
        place = ready()
        change(place)
        place.repair('--key-file', place.key_file)
        place.check_whole()
        place.json('logout')
        remove(place, False)


def test_the_same_secrets_sealed_anew_are_proven_by_the_key():
    """Another client of the person has done that: one unlock, and nothing is written."""
    place = ready()
    for name in SECRETS:
        put(place, name)
    describe(place, place.key)
    status = place.json('status')
    assert status['state'] == 'incomplete' and status['next_step'] == 'unlock', status
    before = {name: place.observer.account_data(name) for name in SECRETS}
    assert place.unlock()['next_step'] == 'none'
    place.check_whole()
    assert {name: place.observer.account_data(name) for name in SECRETS} == before
    place.json('logout')
    remove(place, False)


def test_what_others_store_beside_it_changes_nothing():
    place = ready()
    other = os.urandom(32)
    for name in SECRETS:
        content = place.observer.account_data(name)
        content['encrypted']['other'] = seal(other, name, unpadded(os.urandom(32)).encode())
        content['of.another.client'] = 1
        place.observer.put(name, content)
    place.check_whole()
    place.json('logout')
    remove(place, False)


def test_after_a_set_up_and_a_repair_it_is_proven():
    place = Place()
    saved = place.directory / 'saved.txt'
    place.json('setup', '--generate', '--save-key', saved, '--password-file', place.password_file)
    place.key_file, place.key_id = str(saved), place.observer.default_key()
    assert place.json('status')['state'] == 'ready'
    backup = place.observer.account_data(BACKUP)
    for change, step in ((spoil, 'unlock'), (lambda place, name: place.observer.put(name, {}), 'repair')):
        change(place, BACKUP)
        assert place.json('status')['next_step'] == step
        place.repair('--key-file', place.key_file)
        assert place.json('status')['state'] == 'ready'
        # The older entry opens as well; but it is not the one that was seen to.
        place.observer.put(BACKUP, backup)
        assert place.json('status')['next_step'] == 'unlock'
        assert place.unlock()['next_step'] == 'none'
    place.json('logout')
    remove(place, False)


def empty_storage(place):
    for name in (*SECRETS, 'm.secret_storage.default_key'):
        place.observer.put(name, {})


def answer(path, body, **more):
    PROXY.rule(path=path, times=0, action='answer', body=json.dumps(body), **more)


def odd_identity(place):
    user = place.observer.user_id
    answer('/keys/query', {'device_keys': {}, **{f'{kind}_keys': {user: {}} for kind in IDENTITY}})


def odd_version(place):
    answer('/room_keys/version', {'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2', 'auth_data': {}, 'version': '1',
                                  'etag': '1', 'count': 3})


def test_odd_answers_make_no_private_key_useless():
    """Storage has lost them, and what they are of is shown in a way that nobody can read, or not at all."""
    for lies in ((odd_identity, odd_version), (odd_identity,), (odd_version,),
                 (lambda _: answer('/keys/query', {'device_keys': {}}),),
                 (lambda _: answer('/room_keys/version', {'errcode': 'M_NOT_FOUND'}, status=404),)):
        place = ready()
        empty_storage(place)
        for lie in lies:
            lie(place)
        logout_is_refused(place)
        PROXY.be_honest()
        logout_is_refused(place)
        place.repair('--key-file', place.key_file)
        place.check_whole()
        place.json('logout')
        remove(place, False)


def test_what_is_shown_instead_is_for_the_person_to_judge():
    """A server can show an identity and a backup of its own. Whoever has made them knows; a word, and it is left."""
    place = ready()
    place.observer.reset(PASSWORD)
    status = place.json('status')
    assert status['state'] == 'conflict' and status['next_step'] == 'accept-identity', status
    said = logout_is_refused(place)
    assert 'If you reset Secure Backup in another app' in said['message'] and '--force' in said['message'], said
    place.json('logout', '--force')
    remove(place, False)


def test_whoever_takes_the_new_ones_is_not_asked():
    place = ready()
    key, place.key_id, place.version = place.observer.reset(PASSWORD)
    new = place.file('new.txt', write_recovery_key(key))
    assert place.unlock('--key-file', new, '--accept-new-identity')['state'] == 'ready'
    place.check_whole(key)
    place.json('logout')
    remove(place, False)


try:
    tap.run(globals())
finally:
    PROXY.end()
    SERVER.end()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-odd-spelling.py KEEPSAKECTL HOMESERVER: what other clients have stored in a spelling of their own. It opens and is
used, is never called whole, and a repair stores the same again as every client reads it."""
import base64
import hashlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from ctl_place import Place, remove  # noqa: E402
from secure_backup import BACKUP, IDENTITY, SECRETS, public_half, seal, unpadded, write_recovery_key  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

SERVER = TestHomeserver(sys.argv[2])
Place.program, Place.server = sys.argv[1], SERVER
STORAGE = 'm.secret_storage.v1.aes-hmac-sha2'
DESCRIPTION = 'm.secret_storage.key.'
PHRASE = 'correct horse battery staple'


def url_safe(text):
    return text.replace('+', '-').replace('/', '_')


def twice(secret):
    return unpadded(unpadded(secret).encode())


def put_text(place, name, text, key_id=None):
    place.observer.put(name, {'encrypted': {key_id or place.key_id: seal(place.key, name, text.encode())}})


def check_repaired(place, actions, store=()):
    """From right after the unlock on: never called whole before, whole afterwards, and with the same backup."""
    identity, version = place.observer.identity(), place.observer.version()['version']
    status = place.json('status')
    assert status['state'] == 'incomplete' and status['next_step'] == 'repair', status
    plan = place.plan()
    assert plan['actions'] == actions and sorted(plan['store']) == sorted(store) and not plan['needs_key'], plan
    assert not plan['lost'] and not plan['make'], plan
    answer = place.repair()
    assert answer['state'] == 'ready' and answer['next_step'] == 'none', answer
    place.check_whole()
    assert (place.observer.identity(), place.observer.version()['version']) == (identity, version)


def check_all_open(answer):
    assert all(answer['parts'][name] == 'opened' for name in SECRETS) and answer['device_verified'], answer
    assert answer['next_step'] == 'repair' and answer['state'] == 'incomplete', answer


def test_secrets_in_odd_words_open_and_are_stored_again(_):
    for write in (lambda secret: unpadded(secret) + '\n', lambda secret: f' {unpadded(secret)}=\r\n',
                  lambda secret: base64.encodebytes(unpadded(secret).encode()).decode(), twice,
                  write_recovery_key, lambda secret: write_recovery_key(secret).replace(' ', '')):
        place = Place().set_up()
        for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
            put_text(place, name, write(secret))
        check_all_open(place.unlock())
        check_repaired(place, ['store'], SECRETS)
        remove(place, False)


def test_backup_key_as_a_list_of_numbers(_):
    for write in (lambda secret: ','.join(map(str, secret)), lambda secret: json.dumps(list(secret)),
                  lambda secret: f'[{",".join(map(str, secret))}]\n'):
        place = Place().set_up()
        secret = place.observer.open_secrets(place.key)[place.key_id][BACKUP]
        put_text(place, BACKUP, write(secret))
        check_all_open(place.unlock())
        check_repaired(place, ['store'], [BACKUP])
        remove(place, False)


def test_entries_and_descriptions_in_odd_base64(_):
    for write in (lambda text: text + '\n', lambda text: f'\t{text}==== ', lambda text: text[:9] + '\r\n' + text[9:]):
        place = Place().set_up()
        for name in (*SECRETS, DESCRIPTION + place.key_id):
            content = place.observer.account_data(name)
            entry = content['encrypted'][place.key_id] if name in SECRETS else content
            entry.update({member: write(text) for member, text in entry.items() if member != 'algorithm'})
            place.observer.put(name, content)
        check_all_open(place.unlock())
        check_repaired(place, ['describe-key', 'store'], SECRETS)
        remove(place, False)


def test_entries_in_the_url_safe_alphabet(place):
    place.set_up()
    for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
        entry = {'mac': ''}
        while not set(entry['mac']) & {'+', '/'}:
            entry = seal(place.key, name, unpadded(secret).encode())
        place.observer.put(name, {'encrypted': {place.key_id: {member: url_safe(text) for member, text in entry.items()}}})
    check_all_open(place.unlock())
    check_repaired(place, ['store'], SECRETS)


def lay_passthrough(place):
    """As Element left it in 2020: the backup's key is the Security Key itself."""
    place.observer.ask('POST', 'room_keys/version', {
        'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2',
        'auth_data': {'public_key': public_half(BACKUP, place.key), 'signatures': {}}})
    place.observer.put(BACKUP, {'encrypted': {place.key_id: {'passthrough': True}}})


def test_backup_key_that_is_passed_through(place):
    place.set_up()
    lay_passthrough(place)
    check_all_open(place.unlock())
    check_repaired(place, ['store'], [BACKUP])


def test_backup_key_that_is_passed_through_in_an_open_session(place):
    """Its note was wiped, so that the repair needs the key once more; and that is enough."""
    place.set_up()
    lay_passthrough(place)
    place.unlock()
    place.repair()
    place.observer.put(BACKUP, {'encrypted': {place.key_id: {'passthrough': True}}})
    assert place.plan()['needs_key'], place.plan()
    place.repair('--key-file', place.key_file)
    place.check_whole()


def by_phrase(place, **passphrase):
    """An account whose key comes from PHRASE, and is described with @passphrase."""
    place.set_up()
    secrets = place.observer.open_secrets(place.key)[place.key_id]
    place.key = hashlib.pbkdf2_hmac('sha512', PHRASE.encode(), b'salt', 200000)[:32]
    place.key_file = place.file('key.txt', write_recovery_key(place.key))
    for name, secret in secrets.items():
        put_text(place, name, unpadded(secret))
    described = seal(place.key, '', bytes(32))
    description = {'algorithm': STORAGE, 'iv': described['iv'], 'mac': described['mac'],
                   'passphrase': {'algorithm': 'm.pbkdf2', 'salt': 'salt', **passphrase}}
    place.observer.put(DESCRIPTION + place.key_id, description)
    return place.file('phrase', PHRASE), description


def test_numbers_of_a_phrase_in_odd_words(_):
    for numbers in ({'iterations': 200000.0}, {'iterations': '200000'}, {'iterations': 200000, 'bits': '256'},
                    {'iterations': '200000', 'bits': 256.0}):
        place = Place()
        phrase_file, description = by_phrase(place, newer=[1], **numbers)
        check_all_open(place.unlock('--phrase-file', phrase_file))
        check_repaired(place, ['describe-key'])
        after = place.observer.account_data(DESCRIPTION + place.key_id)
        whole = {**description['passphrase'], **{name: 200000 if name == 'iterations' else 256 for name in numbers}}
        assert json.dumps(after['passphrase'], sort_keys=True) == json.dumps(whole, sort_keys=True), after
        assert place.unlock('--phrase-file', phrase_file)['state'] == 'ready'
        remove(place, False)


def test_phrase_of_another_kind_is_told_as_one(_):
    """It is not called none, the key opens all, and a repair of all else leaves it as it was."""
    for passphrase in ({'algorithm': 'm.newer', 'rounds': 3}, {'algorithm': 'm.pbkdf2', 'salt': 'salt', 'iterations': 1.5},
                       {'algorithm': 'm.pbkdf2', 'salt': 7, 'iterations': 200000}):
        place = Place()
        phrase_file, description = by_phrase(place)
        description['passphrase'] = passphrase
        place.observer.put(DESCRIPTION + place.key_id, description)
        assert place.unlock('--phrase-file', phrase_file, status=1)['error']['code'] == 'unsupported'
        assert place.unlock()['state'] == 'ready'
        place.observer.put(DESCRIPTION + place.key_id, {**description, 'iv': description['iv'] + '\n'})
        check_all_open(place.unlock())
        check_repaired(place, ['describe-key'])
        assert place.observer.account_data(DESCRIPTION + place.key_id)['passphrase'] == passphrase
        remove(place, False)


def test_description_loses_no_more_than_what_no_client_could_read(_):
    newer = {'algorithm': 'm.newer', 'rounds': 3}
    for before, kept in (({'name': 'mine', 'passphrase': []}, {'name': 'mine'}),
                         ({'name': 7, 'passphrase': newer}, {'passphrase': newer}),
                         ({'name': 'mine', 'passphrase': newer, 'iv': 7}, {'name': 'mine', 'passphrase': newer})):
        place = Place().set_up()
        description = place.observer.account_data(DESCRIPTION + place.key_id)
        place.observer.put(DESCRIPTION + place.key_id, {**description, **before})
        check_all_open(place.unlock())
        check_repaired(place, ['describe-key'])
        after = place.observer.account_data(DESCRIPTION + place.key_id)
        assert {name: after[name] for name in after if name in ('name', 'passphrase')} == kept, after
        remove(place, False)


def test_more_rounds_than_anybody_can_do(_):
    """They cost the phrase, and nothing else."""
    for rounds, code in ((2**53 - 1, 'hard-phrase'), (2.0**53, 'unsupported'), (str(2**53), 'unsupported')):
        place = Place()
        phrase_file, _ = by_phrase(place, iterations=rounds)
        assert place.unlock('--phrase-file', phrase_file, status=1)['error']['code'] == code
        assert place.unlock()['state'] == 'ready'
        remove(place, False)


def bury(place, others):
    """The key is not the default one, and stands behind many others."""
    place.set_up()
    described = seal(os.urandom(32), '', bytes(32))
    place.observer.put(DESCRIPTION + 'default', {'algorithm': STORAGE, 'iv': described['iv'], 'mac': described['mac']})
    place.observer.put('m.secret_storage.default_key', {'key': 'default'})
    for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
        entries = {f'a{number:03}': seal(os.urandom(32), name, b'other') for number in range(others)}
        place.observer.put(name, {'encrypted': {**entries, place.key_id: seal(place.key, name, unpadded(secret).encode())}})


def test_key_that_stands_behind_others(place):
    bury(place, 31)
    check_all_open(place.unlock())
    place.repair()
    place.check_whole()


def test_nothing_is_judged_where_not_all_keys_are_tried(place):
    bury(place, 60)
    for given in (place.key_file, place.file('other.txt', write_recovery_key(os.urandom(32)))):
        assert place.unlock('--key-file', given, status=1)['error']['code'] == 'unsupported'


def test_key_with_an_empty_id(place):
    """No default key can have it. It opens all, and gets an ID in a repair."""
    place.set_up()
    for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
        place.observer.put(name, {'encrypted': {'': seal(place.key, name, unpadded(secret).encode())}})
    place.observer.put(DESCRIPTION, place.observer.account_data(DESCRIPTION + place.key_id))
    place.observer.put(DESCRIPTION + place.key_id, {})
    place.observer.put('m.secret_storage.default_key', {'key': ''})
    check_all_open(place.unlock())
    place.repair()
    place.check_whole()


def test_identity_in_odd_words_is_the_identity(_):
    """Padded, and for more than one use: all three are proven."""
    def pad(key):
        key['keys'] = {name + '=': text + '=' for name, text in key['keys'].items()}

    for spell in (pad, lambda key: key['keys'].update({name: text + '=' for name, text in key['keys'].items()}),
                  lambda key: key['usage'].append('newer')):
        with FaultProxy(SERVER.url) as proxy:
            place = Place(url=proxy.url).set_up()
            query = place.observer.ask('POST', 'keys/query', {'device_keys': {place.observer.user_id: []}})
            spell(query['master_keys'][place.observer.user_id])
            proxy.control('PUT', '/_proxy/rules', [{'path': 'keys/query', 'times': 0, 'action': 'answer',
                                                    'body': json.dumps(query)}])
            parts = place.unlock()['parts']
            assert all(parts['m.cross_signing.' + kind] == 'opened' for kind in IDENTITY), parts
            remove(place, False)


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

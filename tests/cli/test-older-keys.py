#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-older-keys.py KEEPSAKECTL HOMESERVER: accounts that have more than one backup or Security Key. What an older one
opens is not lost by a repair, and none that was replaced comes back."""
import hashlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from account_generator import CURVE, ROOM, STORAGE, room_key, seal_entry  # noqa: E402
from ctl_place import PASSWORD, Place, remove  # noqa: E402
from secure_backup import BACKUP, SECRETS, binary, public_half, seal, unpadded, write_recovery_key  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

SERVER = TestHomeserver(sys.argv[2])
Place.program, Place.server = sys.argv[1], SERVER


def describe(place, key, key_id, **more):
    described = seal(key, '', bytes(32))
    place.observer.put('m.secret_storage.key.' + key_id,
                       {'algorithm': STORAGE, 'iv': described['iv'], 'mac': described['mac'], **more})


def entry(key, name, secret):
    return seal(key, name, unpadded(secret).encode())


def fill(place, version, half, count):
    sessions = {}
    for _ in range(count):
        session_key, session_id = room_key(os.urandom(32))
        sessions[session_id] = seal_entry(binary(half), session_key)
    place.observer.ask('PUT', f'room_keys/keys?version={version}', {'rooms': {ROOM: {'sessions': sessions}}})


def new_version(place, half):
    return place.observer.ask('POST', 'room_keys/version', {
        'algorithm': CURVE, 'auth_data': {'public_key': half, 'signatures': {}}})['version']


def test_key_of_an_older_backup_is_kept_and_used(place):
    """Another client made a new version and stopped before its key was stored."""
    place.set_up()
    half = place.observer.version()['auth_data']['public_key']
    fill(place, place.version, half, 3)
    new_version(place, public_half(BACKUP, os.urandom(32)))
    stored = place.observer.account_data(BACKUP)
    assert place.unlock()['parts'][BACKUP] == 'mismatch'
    plan = place.plan()
    assert plan['actions'] == ['backup'] and plan['lost'] == [BACKUP] and not plan['make'], plan
    answer = place.repair()
    assert answer['uploaded'] == 3, answer
    place.check_whole()
    assert place.observer.account_data(BACKUP) == stored
    now = place.observer.version()
    assert now['version'] == '3' and now['count'] == 3 and now['auth_data']['public_key'] == half, now


def test_backup_that_another_client_has_made_anew_is_not_replaced(place):
    """Its key is stored, and the one here is of the version before: the Security Key shows it."""
    place.set_up().unlock()
    private = os.urandom(32)
    new_version(place, public_half(BACKUP, private))
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, private)}})
    status = place.json('status')
    assert status['next_step'] == 'unlock' and status['plan']['needs_key'], status
    assert place.json('repair', status=4)['error']['code'] == 'locked'
    assert place.repair('--key-file', place.key_file)['plan']['actions'] == []
    assert place.observer.version()['version'] == '2'
    place.check_whole()


def test_backup_whose_public_key_nobody_can_read_is_emptied_into_the_new_one(place):
    place.set_up()
    half = place.observer.version()['auth_data']['public_key']
    version = new_version(place, half + '\n!')
    fill(place, version, half, 5)
    place.unlock()
    assert place.repair()['uploaded'] == 5
    place.check_whole()


def test_key_that_is_written_over_gives_what_it_opens_first(place):
    """A client stores the key of the version before once more, over that of the current one."""
    place.set_up()
    old = place.observer.open_secrets(place.key)[place.key_id][BACKUP]
    fill(place, place.version, public_half(BACKUP, old), 3)
    private = os.urandom(32)
    new_version(place, public_half(BACKUP, private))
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, private)}})
    place.unlock()
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, old)}})
    assert place.unlock()['parts'][BACKUP] == 'mismatch'
    assert place.plan()['actions'] == ['store'], place.plan()
    assert place.repair()['uploaded'] == 3
    place.check_whole()


def test_key_that_is_only_here_gives_what_it_opens_before_it_goes(place):
    """Another client has made a new backup and stored its key; this session has never read the one before."""
    place.set_up()
    fill(place, place.version, place.observer.version()['auth_data']['public_key'], 3)
    place.unlock()
    private = os.urandom(32)
    new_version(place, public_half(BACKUP, private))
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, private)}})
    answer = place.unlock()
    assert answer['uploaded'] == 3 and answer['state'] == 'ready', answer


def test_current_backup_under_another_key_is_not_replaced_by_an_older_one(place):
    place.set_up()
    other, private = os.urandom(32), os.urandom(32)
    describe(place, other, 'second')
    new_version(place, public_half(BACKUP, private))
    mine = place.observer.account_data(BACKUP)['encrypted']
    place.observer.put(BACKUP, {'encrypted': {**mine, 'second': entry(other, BACKUP, private)}})
    assert place.unlock()['next_step'] == 'unlock'
    assert place.observer.version()['version'] == '2'


def test_default_key_that_opened_nothing_is_never_called_known(place):
    """The person's key opens all; the default one is well-formed, and nobody has ever seen it open anything."""
    place.set_up()
    describe(place, os.urandom(32), 'garbage')
    for name in SECRETS:
        mine = place.observer.account_data(name)['encrypted']
        place.observer.put(name, {'encrypted': {**mine, 'garbage': entry(os.urandom(32), name, os.urandom(32))}})
    place.observer.put('m.secret_storage.default_key', {'key': 'garbage'})
    place.unlock()
    place.repair()
    for kind in 'm.secret_storage.key.garbage', 'm.secret_storage.key.' + place.key_id:
        place.observer.put(kind, {**place.observer.account_data(kind), 'name': 'new'})
        status = place.json('status')
        assert status['state'] != 'ready' and status['next_step'] == 'unlock', status
    assert place.json('logout', status=1)['error']['code'] == 'secrets-only-here'


def test_another_key_is_asked_for_before_anything_is_made_anew(place):
    """The backup's key lies under it."""
    place.set_up()
    half = place.observer.version()['auth_data']['public_key']
    fill(place, place.version, half, 3)
    other = os.urandom(32)
    describe(place, other, 'second')
    secret = place.observer.open_secrets(place.key)[place.key_id][BACKUP]
    place.observer.put(BACKUP, {'encrypted': {'second': entry(other, BACKUP, secret)}})
    answer = place.unlock()
    assert answer['parts'][BACKUP] == 'nothing' and answer['next_step'] == 'unlock', answer
    answer = place.unlock('--key-file', place.file('other.txt', write_recovery_key(other)))
    assert answer['parts'][BACKUP] == 'opened', answer
    assert place.json('restore')['new'] == 3
    # Who has no other key goes on without it.
    second = Place(user=place.user + 'b').set_up()
    second.observer.put(BACKUP, {'encrypted': {'second': entry(other, BACKUP, secret)}})
    assert second.unlock()['next_step'] == 'unlock'
    assert second.repair()['state'] == 'ready'
    assert 'second' in second.observer.account_data(BACKUP)['encrypted']
    remove(second, False)


def lay_backup_under_another_key(place, count):
    """What a client leaves that has stored the backup's key under a key of its own."""
    place.set_up()
    other = os.urandom(32)
    describe(place, other, 'second')
    secret = place.observer.open_secrets(place.key)[place.key_id][BACKUP]
    fill(place, place.version, public_half(BACKUP, secret), count)
    place.observer.put(BACKUP, {'encrypted': {'second': entry(other, BACKUP, secret)}})
    return place.file('other.txt', write_recovery_key(other))


def test_key_that_is_found_after_the_repair_brings_back_the_older_backup(place):
    """The person went on without it, and has found it since."""
    other = lay_backup_under_another_key(place, 4)
    place.unlock()
    assert place.repair()['state'] == 'ready'
    stored = {name: place.observer.account_data(name) for name in SECRETS}
    answer = place.unlock('--key-file', other)
    assert answer['only_older'] and answer['parts'][BACKUP] == 'older', answer
    assert (answer['older_keys'], answer['older_new'], answer['uploaded']) == (4, 4, 4), answer
    assert answer['state'] == 'ready' and answer['next_step'] == 'none', answer
    again = place.unlock('--key-file', other)
    assert (again['older_keys'], again['older_new'], again['uploaded']) == (4, 0, 0), again
    assert {name: place.observer.account_data(name) for name in SECRETS} == stored
    assert place.observer.version()['count'] == 4
    place.check_whole()


def test_backups_own_key_brings_it_back_after_a_newer_one_was_made(place):
    """It is stored nowhere any more: the person wrote it down when the backup was new."""
    place.set_up()
    old = place.observer.open_secrets(place.key)[place.key_id][BACKUP]
    fill(place, place.version, public_half(BACKUP, old), 4)
    private = os.urandom(32)
    new_version(place, public_half(BACKUP, private))
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, private)}})
    written_down = place.file('old.txt', write_recovery_key(old))
    answer = place.unlock('--key-file', written_down)
    assert answer['only_older'] and answer['opened_by'] == 'backup-key' and not answer['backup_key'], answer
    assert (answer['state'], answer['next_step'], answer['older_keys']) == ('locked', 'unlock', 4), answer
    answer = place.unlock()
    assert answer['state'] == 'ready' and answer['uploaded'] == 4, answer
    answer = place.unlock('--key-file', written_down)
    assert (answer['only_older'], answer['older_keys'], answer['older_new']) == (True, 4, 0), answer
    place.check_whole()
    never = place.file('never.txt', write_recovery_key(os.urandom(32)))
    assert place.unlock('--key-file', never, status=None)['error']['code'] == 'wrong-key'
    # As long as an older version is not told of, nobody knows.
    with FaultProxy(SERVER.url) as proxy:
        second = place.again(url=proxy.url)
        proxy.rule(path='room_keys/version/1$', times=0, action='answer', status=403, body='{"errcode":"M_FORBIDDEN"}')
        assert second.unlock('--key-file', written_down, status=None)['error']['code'] == 'forbidden'
        proxy.be_honest()
        assert second.unlock('--key-file', written_down)['older_keys'] == 4
        remove(second, False)


def leave_a_gap(place, n):
    """As on a server that draws the numbers of versions from a counter for all of its accounts."""
    for _ in range(n):
        place.observer.ask('DELETE', 'room_keys/version/' + new_version(place, public_half(BACKUP, os.urandom(32))))


def test_key_here_gives_what_it_opens_however_far_away_its_version_is(place):
    """This session knows which version it is the key of."""
    place.set_up()
    fill(place, place.version, place.observer.version()['auth_data']['public_key'], 3)
    place.unlock()
    leave_a_gap(place, 30)
    private = os.urandom(32)
    new_version(place, public_half(BACKUP, private))
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, private)}})
    answer = place.unlock()
    assert answer['uploaded'] == 3 and answer['state'] == 'ready', answer
    assert place.json('status')['local_keys'] == 3


def test_key_here_stays_as_long_as_what_it_opens_is_not_known(_):
    """The answer about its version, or about the room keys in it, makes no sense: the only key is kept."""
    odd = ({'path': 'room_keys/version/1$', 'kind': 'html'}, {'path': 'room_keys/version/1$', 'body': '{}'},
           {'path': 'room_keys/version/1$', 'body': '{}', 'status': 404},
           {'path': r'room_keys/keys\?version=1$', 'body': '{"rooms":{}}'})
    with FaultProxy(SERVER.url) as proxy:
        for rule in odd:
            place = Place(url=proxy.url).set_up()
            assert place.version == '1'
            fill(place, '1', place.observer.version()['auth_data']['public_key'], 2)
            place.unlock()
            private = os.urandom(32)
            new_version(place, public_half(BACKUP, private))
            place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, private)}})
            proxy.rule(method='GET', times=0, action='answer', **rule)
            answer = place.unlock()
            assert answer['parts'][BACKUP] == 'unknown' and answer['state'] != 'ready', (rule, answer)
            proxy.be_honest()
            answer = place.unlock()
            assert answer['state'] == 'ready' and answer['uploaded'] == 2, (rule, answer)
            remove(place, False)


def test_stored_key_is_not_written_over_where_its_version_may_be_anywhere(place):
    """The current backup's key is here, and a client has stored the one of the version before once more."""
    place.set_up()
    fill(place, place.version, place.observer.version()['auth_data']['public_key'], 3)
    stored = place.observer.account_data(BACKUP)
    leave_a_gap(place, 30)
    private = os.urandom(32)
    new_version(place, public_half(BACKUP, private))
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, private)}})
    place.unlock()
    place.observer.put(BACKUP, stored)
    place.unlock()
    assert place.repair(status=1)['error']['code'] == 'unsupported'
    assert place.observer.account_data(BACKUP) == stored


def test_older_of_two_backups_without_secret_storage_opens_too(place):
    """As in 2019: each with a key of its own, the first from a phrase."""
    salt, rounds = 'a salt of 2019', 1000
    old = hashlib.pbkdf2_hmac('sha512', b'mellon mellon', salt.encode(), rounds, 32)
    place.observer.ask('POST', 'room_keys/version', {
        'algorithm': CURVE, 'auth_data': {'public_key': public_half(BACKUP, old), 'signatures': {},
                                          'private_key_salt': salt, 'private_key_iterations': rounds}})
    fill(place, '1', public_half(BACKUP, old), 3)
    new_version(place, public_half(BACKUP, os.urandom(32)))
    answer = place.unlock('--phrase-file', place.file('phrase.txt', 'mellon mellon'))
    assert answer['only_older'] and (answer['older_keys'], answer['older_new']) == (3, 3), answer
    assert place.json('status')['local_keys'] == 3


def next_line(place, *arguments):
    with place.start(*arguments) as process:
        said = process.communicate(timeout=120)[0]
    return next((line for line in said.splitlines() if line.startswith('Next:')), None)


def test_terminal_asks_for_another_key_once_one_was_tried(place):
    lay_backup_under_another_key(place, 1)
    assert next_line(place, 'status') == 'Next: keepsakectl unlock, with your Security Key or Phrase'
    assert 'another Security Key' in next_line(place, 'unlock', '--key-file', place.key_file)
    assert next_line(place, 'repair', '--dry-run').endswith('Without one, keepsakectl repair does this')
    assert next_line(place, 'repair') is None


def test_key_of_an_older_backup_opens_nothing_else(place):
    """A new session: what the older key brings stays here until the current one opens."""
    other = lay_backup_under_another_key(place, 2)
    place.unlock()
    place.repair()
    second = place.again()
    answer = second.unlock('--key-file', other)
    assert answer['only_older'] and answer['older_new'] == 2 and answer['uploaded'] == 0, answer
    assert answer['state'] == 'locked' and answer['next_step'] == 'unlock', answer
    assert not answer['device_verified'] and not any(part['here'] for part in answer['secrets'].values()), answer
    answer = second.unlock('--key-file', place.key_file)
    assert answer['state'] == 'ready' and answer['uploaded'] == 2, answer
    remove(second, False)


def test_key_of_an_older_backup_is_the_accounts_where_none_is_named(place):
    """What it opens leads to the repair, and not to being entered again."""
    other = lay_backup_under_another_key(place, 2)
    new_version(place, public_half(BACKUP, os.urandom(32)))
    for name in SECRETS:
        if name != BACKUP:
            place.observer.put(name, {})
    place.observer.put('m.secret_storage.default_key', {})
    assert place.json('unlock', '--key-file', other, status=1)['error']['code'] == 'mismatch'
    status = place.json('status')
    assert status['next_step'] == 'repair' and 'backup' in status['plan']['actions'], status
    assert place.repair()['uploaded'] == 2


def test_older_key_whose_backup_is_gone_is_an_old_key(place):
    other = lay_backup_under_another_key(place, 2)
    place.unlock()
    place.repair()
    place.observer.ask('DELETE', f'room_keys/version/{place.version}')
    assert place.json('unlock', '--key-file', other, status=1)['error']['code'] == 'old-key'


def test_older_backup_that_is_not_told_of_is_no_verdict_on_its_key(place):
    other = lay_backup_under_another_key(place, 2)
    place.unlock()
    place.repair()
    with FaultProxy(SERVER.url) as proxy:
        second = place.again(url=proxy.url)
        proxy.rule(path=f'room_keys/version/{place.version}$', method='GET', action='answer', status=403,
                   body=json.dumps({'errcode': 'M_FORBIDDEN', 'error': ''}))
        code = second.json('unlock', '--key-file', other, status=None)['error']['code']
        assert code not in ('old-key', 'wrong-key'), code
        proxy.be_honest()
        assert second.unlock('--key-file', other)['older_new'] == 2
        remove(second, False)


def lay_backup_of_2019(place, rounds):
    salt = 'a salt of 32 letters, as riot had'
    key = hashlib.pbkdf2_hmac('sha512', b'a phrase of 2019', salt.encode(), rounds, 32)
    place.observer.ask('POST', 'room_keys/version', {'algorithm': CURVE, 'auth_data': {
        'public_key': public_half(BACKUP, key), 'private_key_salt': salt, 'private_key_iterations': rounds,
        'signatures': {}}})
    return key, place.file('phrase', 'a phrase of 2019')


def test_phrase_of_2019_opens_what_is_made_under_it(place):
    key, phrase = lay_backup_of_2019(place, 500000)
    assert place.unlock('--phrase-file', phrase)['opened_by'] == 'backup-key'
    assert place.repair()['state'] == 'ready'
    place.check_whole(key)
    description = place.observer.account_data('m.secret_storage.key.' + place.observer.default_key())
    assert description['passphrase']['iterations'] == 500000, description
    for by, file in ('--phrase-file', phrase), ('--key-file', place.file('key', write_recovery_key(key))):
        second = place.again()
        answer = second.unlock(by, file)
        assert answer['state'] == 'ready' and all(word == 'opened' for word in answer['parts'].values()), answer
        remove(second, False)


def test_nothing_is_stored_under_a_phrase_of_2019_that_can_be_guessed(place):
    lay_backup_of_2019(place, 1000)
    answer = place.unlock('--phrase-file', place.file('phrase', 'a phrase of 2019'))
    assert answer['backup_key'], answer
    plan = place.plan()
    assert plan['weak_key'] and not plan['actions'], plan


def test_key_that_was_replaced_does_not_become_the_default_again(place):
    """Clients leave its entries beside those of the new one."""
    place.set_up()
    new = os.urandom(32)
    describe(place, new, 'new')
    for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
        old = place.observer.account_data(name)['encrypted']
        place.observer.put(name, {'encrypted': {**old, 'new': entry(new, name, secret)}})
    place.observer.put('m.secret_storage.default_key', {'key': 'new'})
    for _ in range(2):
        answer = place.unlock()
        assert answer['state'] == 'conflict' and answer['next_step'] == 'unlock', answer
        assert not answer['default_key'] and answer['device_verified'], answer
        place.repair()
        assert place.observer.default_key() == 'new'
    assert place.unlock('--key-file', place.file('new.txt', write_recovery_key(new)))['next_step'] == 'none'


def test_another_key_of_the_account_leaves_a_whole_session_as_it_is(place):
    """It opens all, too, but is not the one that other clients ask for."""
    place.set_up().unlock()
    other = os.urandom(32)
    describe(place, other, 'second')
    for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
        mine = place.observer.account_data(name)['encrypted']
        place.observer.put(name, {'encrypted': {**mine, 'second': entry(other, name, secret)}})
    answer = place.unlock('--key-file', place.file('other.txt', write_recovery_key(other)))
    assert answer['state'] == 'ready' and answer['next_step'] == 'none', answer
    place.check_whole()


def test_older_backup_under_a_key_that_nothing_describes_is_not_another_keys(place):
    """The key at hand opens it, and not all that lies beside it."""
    place.set_up()
    fill(place, place.version, place.observer.version()['auth_data']['public_key'], 2)
    new_version(place, public_half(BACKUP, os.urandom(32)))
    place.observer.put('m.secret_storage.key.' + place.key_id, {})
    place.observer.put('m.secret_storage.default_key', {})
    damaged = place.observer.account_data(SECRETS[2])
    damaged['encrypted'][place.key_id] = entry(os.urandom(32), SECRETS[2], os.urandom(32))
    place.observer.put(SECRETS[2], damaged)
    answer = place.unlock()
    assert answer['parts'][BACKUP] == 'mismatch' and answer['next_step'] == 'repair', answer
    assert place.repair()['uploaded'] == 2


def test_identity_that_was_reset_leads_on_once_it_is_accepted(place):
    """Storage is still that of the identity before."""
    place.set_up().unlock()
    old = {name: place.observer.account_data(name) for name in SECRETS}
    key_id, description = place.key_id, place.observer.account_data('m.secret_storage.key.' + place.key_id)
    place.observer.reset(PASSWORD)
    for name, content in old.items():
        place.observer.put(name, content)
    place.observer.put('m.secret_storage.key.' + key_id, description)
    place.observer.put('m.secret_storage.default_key', {'key': key_id})
    assert place.json('status')['next_step'] == 'accept-identity'
    place.json('unlock', '--key-file', place.key_file, '--accept-new-identity', status=1)
    assert place.json('status')['next_step'] == 'unlock'


def test_dry_run_with_the_key_changes_nothing(place):
    place.set_up()
    place.observer.put(BACKUP, {})
    with FaultProxy(SERVER.url) as proxy:
        second = place.again(url=proxy.url)
        answer = second.json('repair', '--dry-run', '--key-file', place.key_file)
        asked = proxy.control('GET', '/_proxy/log')['requests']
        assert answer['plan']['actions'] == ['store', 'sign', 'backup'], answer
        # This session's own sign-in is all that was ever written.
        writes = [line for line in asked if line['method'] != 'GET' and 'keys/query' not in line['path']
                  and not line['path'].endswith('/login')]
        assert not writes, writes
        assert second.json('status')['next_step'] == 'unlock'
        remove(second, False)


def test_secret_that_is_not_told_of_for_once_is_not_written_over(place):
    place.set_up()
    place.observer.put('m.secret_storage.key.' + place.key_id, {})
    with FaultProxy(SERVER.url) as proxy:
        second = place.again(url=proxy.url)
        second.unlock('--key-file', place.key_file)
        before = {name: place.observer.account_data(name) for name in SECRETS}
        for name in SECRETS:
            for body in '{}', json.dumps({'errcode': 'M_NOT_FOUND', 'error': ''}):
                proxy.rule(path=f'account_data/{name}$', method='GET', action='answer', body=body,
                           status=200 if body == '{}' else 404)
                second.json('repair', '--password-file', second.password_file, status=None)
                proxy.be_honest()
                assert {kind: place.observer.account_data(kind) for kind in SECRETS} == before, (name, body)
                place.observer.put('m.secret_storage.key.' + place.key_id, {})
        remove(second, False)


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

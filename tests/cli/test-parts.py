#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-parts.py KEEPSAKECTL HOMESERVER: one part of an account makes no sense. It is named and left as it is, and the
others are judged, opened and repaired as if it were alone."""
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from ctl_place import Place, remove  # noqa: E402
from secure_backup import BACKUP, SECRETS, seal  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

SERVER = TestHomeserver(sys.argv[2])
Place.program, Place.server = sys.argv[1], SERVER
STORAGE = 'm.secret_storage.v1.aes-hmac-sha2'
VERSION = r'/room_keys/version(\?|$)'


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {'a': value}
    return value


# What no reader of Keepsake's takes.
UNREADABLE = ({'x': nested(80)}, {f'm{i}': 1 for i in range(5000)})


def check_unread(place, names, next_step):
    status = place.json('status')
    assert status['state'] not in ('ready', 'offline', 'not-set-up') and status['unread'] == names, status
    assert status['next_step'] == next_step and status['failure']['code'] == 'bad-answer', status
    assert status['failure']['request'].startswith(('GET ', 'POST ')), status
    said = place.start('status').communicate(timeout=120)[0]
    assert 'left as it is: ' + ', '.join(names) in said, said
    return status


def test_unreadable_secret_hides_no_other(_):
    """Of a session that has opened nothing so far, and of one that has all."""
    for number, name in enumerate(SECRETS):
        odd = UNREADABLE[number % 2]
        for known in (False, True):
            place = Place().set_up()
            if known:
                place.unlock()
            place.observer.put(name, {**place.observer.account_data(name), **odd})
            before = place.observer.account_data(name)
            if not known:
                answer = place.unlock()
                others = [other for other in SECRETS if other != name]
                assert [answer['parts'][other] for other in others] == ['opened'] * 3, answer
                assert answer['parts'][name] == 'unknown' and answer['state'] != 'offline', answer
            # Of the backup's key nobody can say yet that another Security Key would not be it.
            status = check_unread(place, [name], 'other-session' if known or name != BACKUP else 'unlock')
            assert status['secrets'][name] == {'stored': None, 'here': known, 'matches': known}, status
            assert all(status['secrets'][other]['matches'] for other in SECRETS if other != name), status
            assert not status['plan']['actions'] and not status['plan']['lost'], status
            place.repair(*([] if known else ['--key-file', place.key_file]))
            assert place.observer.account_data(name) == before
            if known or name != BACKUP:
                place.json('restore')
            assert place.observer.version()['version'] == place.version
            remove(place, False)


def test_repair_goes_on_beside_an_unreadable_secret(_):
    """Another secret is stored again; the one that cannot be read is neither written over nor made anew."""
    for lost, unread in ((BACKUP, SECRETS[0]), (SECRETS[0], BACKUP), (SECRETS[2], SECRETS[1])):
        place = Place().set_up()
        place.unlock()
        place.observer.put(unread, {**place.observer.account_data(unread), 'x': nested(80)})
        place.observer.put(lost, {})
        before = place.observer.account_data(unread)
        status = check_unread(place, [unread], 'repair')
        assert status['plan']['actions'] == ['store'] and status['plan']['store'] == [lost], status
        place.repair('--key-file', place.key_file)
        assert place.observer.account_data(unread) == before
        assert lost in place.observer.open_secrets(place.key)[place.key_id]
        check_unread(place, [unread], 'other-session')
        remove(place, False)


def test_what_may_lie_in_an_unreadable_secret_is_not_made_anew(_):
    """The backup's key in a session that does not have it; a master key that nobody publishes."""
    place = Place().set_up()
    place.observer.put(BACKUP, {**place.observer.account_data(BACKUP), 'x': nested(80)})
    place.unlock()
    place.repair('--key-file', place.key_file)
    assert place.observer.version()['version'] == place.version
    remove(place, False)
    place = Place()
    key = os.urandom(32)
    described = seal(key, '', bytes(32))
    place.observer.put('m.secret_storage.key.KEY', {'algorithm': STORAGE, 'iv': described['iv'], 'mac': described['mac']})
    place.observer.put('m.secret_storage.default_key', {'key': 'KEY'})
    place.observer.put(SECRETS[0], {'encrypted': {}, 'x': nested(80)})
    status = check_unread(place, [SECRETS[0]], place.json('status')['next_step'])
    assert not set(status['plan']['make']) & set(SECRETS[:3]) and not status['plan']['publish'], status
    remove(place, False)


def test_numbers_beyond_reason_cost_only_themselves(_):
    """In a description they make a phrase that is not read; beside a secret they are no matter, and nothing is written over."""
    for iterations in (2**53, 2**63, 2**200):
        place = Place().set_up()
        kind = 'm.secret_storage.key.' + place.key_id
        place.observer.put(kind, {**place.observer.account_data(kind), 'passphrase': {
            'algorithm': 'm.pbkdf2', 'iterations': iterations, 'salt': 'salt'}})
        before = place.observer.account_data(kind)
        assert place.unlock()['next_step'] == 'none'
        place.repair('--key-file', place.key_file)
        place.check_whole()
        # A phrase that cannot be read here may be read elsewhere.
        assert place.observer.account_data(kind) == before
        remove(place, False)
    place = Place().set_up()
    place.observer.put(BACKUP, {**place.observer.account_data(BACKUP), 'x': 2**60})
    assert place.unlock()['state'] == 'ready'
    place.observer.put(BACKUP, {'x': 2**60})
    status = place.json('status')
    assert status['state'] == 'incomplete' and not status['plan']['actions'], status
    place.repair('--key-file', place.key_file)
    assert place.observer.account_data(BACKUP) == {'x': 2**60}
    remove(place, False)


def test_unreadable_description_is_left_as_it_is(place):
    place.set_up()
    kind = 'm.secret_storage.key.' + place.key_id
    place.observer.put(kind, {**place.observer.account_data(kind), 'x': nested(80)})
    place.observer.put(SECRETS[2], {})
    before = place.observer.account_data(kind)
    answer = place.unlock()
    assert [answer['parts'][name] for name in SECRETS] == ['opened', 'opened', 'nothing', 'opened'], answer
    check_unread(place, ['security-key'], 'other-session')
    place.repair('--key-file', place.key_file)
    assert place.observer.account_data(kind) == before and place.observer.account_data(SECRETS[2]) == {}


def test_odd_version_is_one_as_far_as_it_can_be_read(_):
    fine = ({'version': 1}, {'etag': 5}, {'etag': ...}, {'count': '3'}, {'count': 3.0}, {'count': ...}, {'count': -1})
    useless = ({'auth_data': None}, {'auth_data': []}, {'auth_data': ...}, {'algorithm': 5}, {'algorithm': ...})
    with FaultProxy(SERVER.url) as proxy:
        for odd in fine + useless:
            proxy.be_honest()
            place = Place(url=proxy.url).set_up()
            real = place.observer.version()
            answer = {name: value for name, value in {**real, **odd}.items() if value is not ...}
            proxy.rule(method='GET', path=VERSION, times=0, action='answer', body=json.dumps(answer))
            opened = place.unlock()
            status = place.json('status')
            assert status['backup']['version'] == '1' and status['unread'] == [], (odd, status)
            assert place.start('status').wait(120) == 0
            if odd in fine:
                assert opened['state'] == 'ready' and status['state'] == 'ready', (odd, opened, status)
                assert status['backup']['etag'] == (None if 'etag' in odd else real['etag']), status
                assert status['backup']['count'] == (None if 'count' in odd else real['count']), status
                place.json('restore')
            else:
                assert status['state'] != 'ready' and status['next_step'] == 'repair', (odd, status)
                assert status['plan']['old_version'] == '1', (odd, status)
            remove(place, False)


def test_server_without_backups_has_none(_):
    with FaultProxy(SERVER.url) as proxy:
        place = Place(url=proxy.url).set_up()
        proxy.rule(method='GET', path=VERSION, times=0, action='answer', status=404,
                   body='{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}')
        answer = place.unlock()
        assert [answer['parts'][name] for name in SECRETS] == ['opened'] * 3 + ['unused'], answer
        status = place.json('status')
        assert status['state'] == 'incomplete' and status['backup'] is None and status['unread'] == [], status
        remove(place, False)


def test_nonsense_of_the_server_is_waited_out(_):
    """Nothing is made, signed or stored while it lasts, and all is well afterwards."""
    nonsense = ((VERSION, '{}', 'backup', 'retry'), (VERSION, '<html>', 'backup', 'retry'),
                ('/keys/query', '{"device_keys":5}', 'identity', 'retry'), ('/keys/query', '[]', 'identity', 'retry'),
                ('secret_storage.default_key$', '[]', 'security-key', 'other-session'))
    with FaultProxy(SERVER.url) as proxy:
        for path, body, name, next_step in nonsense:
            proxy.be_honest()
            place = Place(url=proxy.url).set_up()
            place.unlock()
            known = place.json('status')
            place.observer.put(SECRETS[1], {})
            proxy.rule(path=path, times=0, action='answer', body=body)
            # The backup's own answer says nothing of where the self-signing key is stored.
            status = check_unread(place, [name], 'repair' if name == 'backup' else next_step)
            assert status['plan']['actions'] == (['store'] if name == 'backup' else []), status
            assert not status['plan']['lost'] and not status['plan']['make'], status
            assert (status['device_verified'] is None) == (name == 'identity'), status
            place.json('repair', '--key-file', place.key_file, '--password-file', place.password_file)
            assert (place.observer.account_data(SECRETS[1]) == {}) == (name != 'backup')
            proxy.be_honest()
            assert place.observer.version()['version'] == place.version
            if name != 'backup':
                place.repair('--key-file', place.key_file)
            place.check_whole()
            assert place.json('status')['backup'] == known['backup']
            remove(place, False)


def test_where_nothing_makes_sense_the_last_known_is_told(_):
    with FaultProxy(SERVER.url) as proxy:
        place = Place(url=proxy.url).set_up()
        place.unlock()
        known = place.json('status')
        proxy.rule(path='/_matrix', times=0, action='answer', kind='html')
        status = place.json('status')
        assert status['state'] == 'offline' and status['last_state'] == 'ready', status
        assert status['next_step'] == 'retry' and status['failure']['code'] == 'bad-answer', status
        assert status['backup'] == known['backup'], status
        remove(place, False)


def test_account_without_any_of_it_lacks_nothing(place):
    status = place.json('status')
    assert status['state'] == 'not-set-up' and status['next_step'] == 'set-up' and status['plan'] is None, status


def test_restore_of_a_backup_that_was_deleted_says_so(place):
    place.set_up()
    place.unlock()
    place.json('restore')
    place.observer.ask('DELETE', 'room_keys/version/' + place.version)
    for room in ([], ['--room', '!room:localhost']):
        error = place.json('restore', *room, status=1)['error']
        assert error['code'] == 'no-backup' and 'no backup on the homeserver' in error['message'], error
    assert place.json('status')['next_step'] == 'unlock'
    assert place.unlock()['next_step'] == 'repair'
    place.repair()
    place.check_whole()


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

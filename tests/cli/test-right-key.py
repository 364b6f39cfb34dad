#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-right-key.py KEEPSAKECTL HOMESERVER: the person has the right Security Key, and it opens little or nothing. Each
account is led on, and nothing is written over what another key may open."""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from ctl_place import Place, remove  # noqa: E402
from secure_backup import BACKUP, SECRETS, seal, unpadded, write_recovery_key  # noqa: E402
from servers import TestHomeserver  # noqa: E402

SERVER = TestHomeserver(sys.argv[2])
Place.program, Place.server = sys.argv[1], SERVER
STORAGE = 'm.secret_storage.v1.aes-hmac-sha2'


def describe(place, key, key_id):
    described = seal(key, '', bytes(32))
    place.observer.put('m.secret_storage.key.' + key_id,
                       {'algorithm': STORAGE, 'iv': described['iv'], 'mac': described['mac']})


def entry(key, name, secret):
    return seal(key, name, unpadded(secret).encode())


def test_secrets_under_two_ids_of_one_key_all_open(_):
    """Two to one ID, two to the other; or the backup's alone, whose entry under the default ID is damaged."""
    for moved in (SECRETS[:2], SECRETS[2:], (SECRETS[1], BACKUP), (BACKUP,)):
        place = Place().set_up()
        for name, secret in place.observer.open_secrets(place.key)[place.key_id].items():
            if name in moved:
                there = {'second': entry(place.key, name, secret)}
                damaged = {place.key_id: {'iv': 7}} if len(moved) == 1 else {}
                place.observer.put(name, {'encrypted': {**there, **damaged}})
        if moved[0] == SECRETS[1]:
            describe(place, place.key, 'second')
        answer = place.unlock()
        assert all(answer['parts'][name] == 'opened' for name in SECRETS) and answer['device_verified'], answer
        assert answer['next_step'] == 'repair', answer
        plan = place.plan()
        assert plan['actions'] == ['store'] and sorted(plan['store']) == sorted(moved) and not plan['lost'], plan
        place.repair()
        place.check_whole()
        remove(place, False)


def test_two_keys_open_what_each_of_them_opens(place):
    """One after the other, and neither takes away what the other has opened."""
    place.set_up()
    other = os.urandom(32)
    describe(place, other, 'second')
    secrets = place.observer.open_secrets(place.key)[place.key_id]
    for name in SECRETS[2:]:
        place.observer.put(name, {'encrypted': {'second': entry(other, name, secrets[name])}})
    answer = place.unlock()
    assert [answer['parts'][name] for name in SECRETS] == ['opened', 'opened', 'nothing', 'nothing'], answer
    status = place.json('status')
    assert status['plan']['lost'] == list(SECRETS[2:]), status
    answer = place.unlock('--key-file', place.file('other.txt', write_recovery_key(other)))
    assert [answer['parts'][name] for name in SECRETS] == ['nothing', 'nothing', 'opened', 'opened'], answer
    assert answer['next_step'] == 'repair' and not place.plan()['lost'], place.plan()
    place.repair()
    status = place.json('status')
    assert status['state'] == 'ready', status


def test_storage_that_was_emptied_gets_a_backup_under_its_key(_):
    """The key fits its description, and nothing is there that it could open."""
    for content in ({}, {'encrypted': {}}):
        place = Place().set_up()
        for name in SECRETS:
            place.observer.put(name, content)
        error = place.unlock(status=1)['error']
        assert error['code'] == 'nothing-stored', error
        status = place.json('status')
        assert status['next_step'] == 'repair', status
        plan = status['plan']
        assert plan['actions'] == ['store', 'backup'] and plan['store'] == [BACKUP], plan
        assert plan['old_version'] == place.version and set(plan['lost']) == set(SECRETS), plan
        identity = place.observer.identity()
        answer = place.repair()
        assert answer['next_step'] == 'other-session' and answer['state'] == 'incomplete', answer
        assert BACKUP in place.observer.open_secrets(place.key)[place.key_id]
        assert place.observer.identity() == identity
        assert place.observer.ask('GET', 'room_keys/version/' + place.version)
        remove(place, False)


def test_repair_with_the_key_itself_goes_the_same_way(place):
    place.set_up()
    for name in SECRETS:
        place.observer.put(name, {})
    answer = place.repair('--key-file', place.key_file)
    assert answer['plan']['actions'] == ['store', 'backup'], answer
    assert BACKUP in place.observer.open_secrets(place.key)[place.key_id]


def test_backup_that_belongs_to_none_of_what_is_stored(place):
    """Another client made a backup and stored its key nowhere; the identity was lost before."""
    place.set_up()
    place.observer.put(BACKUP, {'encrypted': {place.key_id: entry(place.key, BACKUP, os.urandom(32))}})
    for name in SECRETS[:3]:
        place.observer.put(name, {})
    assert place.unlock(status=1)['error']['code'] == 'mismatch'
    status = place.json('status')
    assert status['next_step'] == 'repair' and status['plan']['actions'] == ['backup'], status
    place.repair()
    assert place.observer.version()['version'] == '2'


def test_nothing_is_written_over_what_another_key_may_open(place):
    """The description is that of the key at hand, and all that lies under its ID is another's."""
    place.set_up()
    mine = os.urandom(32)
    describe(place, mine, place.key_id)
    mine_file = place.file('mine.txt', write_recovery_key(mine))
    before = {name: place.observer.account_data(name) for name in SECRETS}
    assert place.unlock('--key-file', mine_file, status=1)['error']['code'] == 'damaged'
    status = place.json('status')
    assert status['next_step'] == 'unlock' and not status['plan']['actions'], status
    place.repair()
    place.repair('--key-file', mine_file, status=1)
    assert {name: place.observer.account_data(name) for name in SECRETS} == before
    assert place.observer.version()['version'] == place.version
    # The right one opens it all the same, and its description is put back.
    assert place.unlock()['next_step'] == 'repair'
    place.repair()
    place.check_whole()


def test_damaged_secret_is_not_asked_another_key_for(place):
    """The key opens all but one under its ID, so that no other key is that of this one."""
    place.set_up()
    for content in {'iv': 7}, entry(os.urandom(32), SECRETS[2], os.urandom(32)), entry(place.key, SECRETS[2], os.urandom(32)):
        place.observer.put(SECRETS[2], {'encrypted': {place.key_id: content}})
        assert place.unlock()['next_step'] == 'other-session'
        assert place.plan()['lost'] == [SECRETS[2]], place.plan()


def test_key_that_opens_nothing_does_not_take_the_place_of_one_that_does(place):
    """The default key is another's, with nothing under it; what is noted of the right one stays."""
    place.set_up()
    other = os.urandom(32)
    describe(place, other, 'empty')
    place.observer.put('m.secret_storage.default_key', {'key': 'empty'})
    place.observer.put(BACKUP, {})
    assert place.unlock()['next_step'] == 'repair'
    plan = place.plan()
    place.unlock('--key-file', place.file('other.txt', write_recovery_key(other)), status=1)
    assert place.plan() == plan
    place.repair()
    place.check_whole()


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

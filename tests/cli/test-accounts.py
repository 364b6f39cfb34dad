#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-accounts.py KEEPSAKECTL HOMESERVER: accounts in every combination of parts that are right, absent, odd or of
another key. A program without any code of Keepsake's says what can be opened and what has changed. A seeded sample with
every pair of values; KEEPSAKE_LONG=1: more than 500."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from account_generator import DIMENSIONS, OTHER_ID, VALUES, Account, choose, pairs_of  # noqa: E402
from account_oracle import DEFAULT, DESCRIPTION, Sight, differences, nothing  # noqa: E402
from secure_backup import BACKUP, SECRETS, fits, public_half, write_recovery_key  # noqa: E402
from servers import TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
PASSWORD = 'a password for tests'
SEED = os.environ.get('KEEPSAKE_SEED', '10')
COUNT = 512 if os.environ.get('KEEPSAKE_LONG') else 60
AT_ONCE = 3
# 0: done; 1: it could not be; 4: there is something to do first.
STATUSES = (0, 1, 4)
LEADS_ON = ('set-up', 'unlock', 'repair', 'accept-identity', 'other-session')


class Session:
    """Of Keepsake, on one of the accounts."""

    def __init__(self, number, combination):
        self.user = f'user{number}'
        SERVER.register(self.user, PASSWORD)
        self.account = Account(SERVER.url, self.user, PASSWORD, combination, SEED)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-accounts.'))
        self.password = self.file('password', PASSWORD)
        self.key = self.file('key.txt', write_recovery_key(self.account.key))
        status, answer = self.run('login', '--homeserver', SERVER.url, '--user', self.user, '--password-file',
                                  self.password)
        assert status == 0, answer

    def file(self, name, text):
        (self.directory / name).write_text(text)
        return str(self.directory / name)

    def run(self, *arguments):
        """Its exit status and what it answers."""
        # No session bus: what the keyring does must not matter here.
        done = subprocess.run(
            [PROGRAM, '--profile', self.directory / 'profile', '--store-key-file', self.directory / 'store.key', '--json',
             *arguments], capture_output=True, text=True, timeout=120,
            env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})
        assert done.returncode in STATUSES, (arguments, done.returncode, done.stdout, done.stderr)
        return done.returncode, json.loads(done.stdout)

    def see(self):
        return Sight(self.account.observer)

    def status(self):
        code, answer = self.run('status')
        assert code == 0, answer
        assert (answer['plan'] is None) == (answer['state'] == 'not-set-up'), answer
        answer['plan'] = answer['plan'] or {'actions': [], 'needs_key': False}
        ready = answer['state'] == 'ready'
        assert answer['next_step'] == 'none' if ready else answer['next_step'] in LEADS_ON, answer
        assert (answer['next_step'] == 'repair') <= bool(answer['plan']['actions']), answer
        return answer


def check_unlock(session, before):
    """What was opened."""
    code, answer = session.run('unlock', '--key-file', session.key)
    can = before.opened(session.account.key)
    if can:
        assert code == 0, ('not opened', can, answer)
    opened = {name for name, word in answer.get('parts', {}).items() if word == 'opened'}
    assert opened == can, ('opened', opened, 'can be', can, answer)
    if code == 0:
        verifiable = {'m.cross_signing.master', 'm.cross_signing.self_signing'} <= can
        assert answer['device_verified'] == verifiable, answer
    after = session.see()
    changes = differences(before, after)
    if session.account.spelling == 'keepsake':
        # It may pad its own spelling: the same bytes.
        changes['data'] = {kind for kind in changes['data'] if padless(before.data[kind]) != padless(after.data[kind])}
    assert nothing(changes), ('an unlock changed', changes)
    return opened, after


def padless(content):
    return json.loads(json.dumps(content).replace('=', ''))


def check_restore(session, backup):
    code, answer = session.run('restore')
    if backup:
        assert code == 0 and answer['total'] == 1 and answer['new'] == 1, answer
    else:
        assert code in (1, 4), answer


def check_repair(session, status, before):
    """What was announced is what was done, and nothing else. The sight after it, and whether it was done."""
    plan = status['plan']
    code, answer = session.run('repair', '--password-file', session.password)
    after = session.see()
    changes = differences(before, after)
    if code != 0:
        assert nothing(changes), (answer, 'changed', changes)
        assert status['state'] == 'not-set-up' or plan['needs_key'] or not plan['actions'], (plan, answer)
        return after, False
    announced = set(plan['store'])
    if 'name-key' in plan['actions']:
        announced.add(DEFAULT)
    descriptions = {kind for kind in changes['data'] if kind.startswith(DESCRIPTION)}
    assert len(descriptions) == ('describe-key' in plan['actions']), (plan, changes)
    assert changes['data'] - descriptions == announced, (plan, changes)
    assert changes['public'] == {name.rpartition('.')[2] for name in plan['publish']}, (plan, changes)
    assert len(changes['made']) == ('backup' in plan['actions']) and not changes['lost'], (plan, changes)
    for name in plan['store']:
        old = before.data.get(name, {}).get('encrypted')
        for key_id, entry in old.items() if isinstance(old, dict) else ():
            if key_id == OTHER_ID and key_id not in before.values(name, session.account.key):
                assert after.data[name]['encrypted'][key_id] == entry, 'another key lost what it opens'
    assert answer['plan']['actions'] == plan['actions'], (plan, answer)
    return after, True


def check_claim(session, status, seen):
    """Who is told that all is ready has all back with the one key, in any client."""
    if status['state'] != 'ready':
        return
    key, default = session.account.key, seen.data[DEFAULT]['key']
    description = seen.data[DESCRIPTION + default]
    # Without the two any key is taken for the right one.
    assert not {'iv', 'mac'} <= description.keys() or fits(key, description), ('another key is described', status)
    for name in SECRETS:
        value = seen.values(name, key).get(default)
        assert value is not None and public_half(name, value) == seen.half_of(name), (name, status)


def check_end(session, plan, repaired, after):
    """Whatever is published can be had back with the person's key, or was called lost."""
    status = session.status()
    check_claim(session, status, after)
    if not repaired:
        return
    assert not status['plan']['actions'], ('a second repair would do', status)
    published = {name for name in SECRETS if after.half_of(name) is not None}
    assert published <= after.opened(session.account.key) | set(plan['lost']), (
        'nobody opens', published - after.opened(session.account.key), plan, status)
    if 'sign' in plan['actions']:
        assert status['device_verified'], status


def check(number, combination):
    session = Session(number, combination)
    try:
        start = session.see()
        opened, before = check_unlock(session, start)
        status = session.status()
        check_claim(session, status, before)
        # What the status shows is what a dry run shows: every fourth is enough to see that.
        if number % 4 == 0 and status['state'] != 'not-set-up':
            code, answer = session.run('repair', '--dry-run')
            assert code == 0 and answer['plan'] == status['plan'], (status, answer)
            assert nothing(differences(before, session.see())), 'a dry run changed something'
        check_restore(session, BACKUP in opened)
        after, repaired = check_repair(session, status, before)
        check_end(session, status['plan'], repaired, after)
        return status['next_step'], repaired and bool(status['plan']['actions'])
    except BaseException as error:
        raise AssertionError(f'account {number}: {combination} {session.account.forms}') from error
    finally:
        shutil.rmtree(session.directory, ignore_errors=True)


def test_the_sample_has_every_pair_of_values():
    chosen = [tuple(some[name] for name in DIMENSIONS) for some in choose(COUNT, SEED)]
    pairs = set().union(*map(pairs_of, chosen))
    n = len(DIMENSIONS)
    assert len(pairs) == n * (n - 1) // 2 * len(VALUES) ** 2
    assert len(chosen) >= COUNT and len(set(chosen)) == len(chosen)


def test_every_account_opens_what_can_be_opened_and_is_changed_as_announced():
    steps, repaired, failures = {}, 0, []
    chosen = list(enumerate(choose(COUNT, SEED), 1))
    if os.environ.get('KEEPSAKE_ACCOUNT'):
        chosen = [chosen[int(os.environ['KEEPSAKE_ACCOUNT']) - 1]]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(check, number, combination) for number, combination in chosen]
        for run in runs:
            try:
                step, mended = run.result()
                steps[step] = steps.get(step, 0) + 1
                repaired += mended
            except AssertionError as error:
                failures.append(str(error))
                for line in traceback.format_exception(error):
                    print('# ' + line.rstrip().replace('\n', '\n# '))
    print(f'# {len(runs)} accounts; repaired: {repaired}; next step after the unlock: {steps}')
    assert not failures, f'{len(failures)} of {len(runs)}: {failures}'


try:
    tap.run(globals())
finally:
    SERVER.end()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-salvage.py KEEPSAKECTL PUT-ROOM-KEYS HOMESERVER: keepsakectl salvage from the outside: what a database that was
set aside still holds comes in, whatever is damaged in it, and the file stays as it was."""
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from servers import TestHomeserver  # noqa: E402

PROGRAM, PUT = sys.argv[1:3]
SERVER = TestHomeserver(sys.argv[3])
PASSWORD = 'a password for tests'
KEYS = 300
PAGE = 4096
users = itertools.count(1)


class Session:
    """One of Keepsake's, with a profile of its own."""

    def __init__(self, place, name, store_key=None):
        self.directory = place.directory
        self.profile = place.directory / name
        self.store_key = store_key or place.directory / (name + '.key')
        self.json('login', '--homeserver', SERVER.url, '--user', place.user, '--password-file', place.password)

    @property
    def database(self):
        return self.profile / 'keepsake.db'

    def json(self, *arguments, status=0):
        # No session bus: what the keyring does must not matter here.
        done = subprocess.run([PROGRAM, '--profile', self.profile, '--store-key-file', self.store_key, '--json',
                               *arguments], capture_output=True, text=True, timeout=120,
                              env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        self.warned = [line for line in done.stderr.splitlines() if 'damaged' in line]
        return json.loads(done.stdout) if status != 2 else done.stderr

    def put_keys(self, count):
        subprocess.run([PUT, self.profile, self.store_key, str(count)], check=True, capture_output=True)

    def local_keys(self):
        return self.json('status')['local_keys']

    def sql(self, script):
        database = sqlite3.connect(self.database)
        database.execute('PRAGMA foreign_keys = ON')
        database.executescript(script)
        database.close()

    def salvage(self, file, status=0):
        return self.json('salvage', str(file), status=status)


def copy_database(database, target):
    """Whole: who was the last to close it may have left the end of it in the log."""
    for end in '', '-wal':
        if Path(f'{database}{end}').exists():
            shutil.copy(f'{database}{end}', f'{target}{end}')
    copy = sqlite3.connect(target)
    copy.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    copy.close()


class Place:
    """An account with room keys here, and a copy of its database."""

    def __init__(self):
        self.user = f'user{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-salvage.'))
        self.password = self.directory / 'password'
        self.password.write_text(PASSWORD)
        self.first = Session(self, 'first')
        self.first.put_keys(KEYS)
        self.aside = self.directory / 'keepsake-set-aside.db'
        copy_database(self.first.database, self.aside)
        self.aside.chmod(0o400)

    def pages_of(self, table):
        database = sqlite3.connect(f'file:{self.aside}?immutable=1', uri=True)
        pages = [row[0] for row in database.execute('SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ?',
                                                    (table, 'leaf'))]
        database.close()
        return pages

    def zero(self, page):
        self.aside.chmod(0o600)
        with self.aside.open('r+b') as file:
            file.seek((page - 1) * PAGE)
            file.write(bytes(PAGE))
        self.aside.chmod(0o400)


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


def test_keys_that_are_lost_here_come_in(place):
    place.first.sql('DELETE FROM room_keys WHERE id % 3 = 0')
    left = place.first.local_keys()
    before = place.aside.read_bytes()
    answer = place.first.salvage(place.aside)
    assert (answer['total'], answer['new'], answer['already']) == (KEYS, KEYS - left, left), answer
    assert answer['private_keys'] == 0 and answer['unusable'] == 0, answer
    assert place.first.local_keys() == KEYS
    assert place.first.salvage(place.aside)['already'] == KEYS
    assert place.aside.read_bytes() == before and place.aside.stat().st_mode & 0o7777 == 0o400
    left_over = [path.name for path in place.first.profile.iterdir() if 'bring-in' in path.name]
    assert not left_over, left_over


def test_what_a_damaged_file_still_holds_comes_in(place):
    pages = place.pages_of('room_keys')
    assert len(pages) > 4, pages
    place.zero(pages[1])
    place.first.sql('DELETE FROM room_keys')
    answer = place.first.salvage(place.aside)
    assert KEYS * 3 // 4 < answer['new'] < KEYS, answer
    assert place.first.local_keys() == answer['new']


def test_file_without_its_accounts_comes_in(place):
    for page in place.pages_of('accounts'):
        place.zero(page)
    place.first.sql('DELETE FROM room_keys')
    assert place.first.salvage(place.aside)['new'] == KEYS


def test_file_of_an_earlier_session_of_the_same_person(place):
    """Its store key is another one, which the same file opens."""
    second = Session(place, 'second', store_key=place.first.store_key)
    assert second.salvage(place.aside)['new'] == KEYS
    assert second.local_keys() == KEYS


def test_private_keys_that_are_not_here_come_in(place):
    place.first.json('setup', '--generate', '--password-file', str(place.password),
                     '--save-key', str(place.directory / 'key.txt'))
    copy_database(place.first.database, place.directory / 'with-secrets.db')
    place.first.sql("DELETE FROM secrets WHERE name = 'm.cross_signing.master'")
    place.first.sql('DELETE FROM room_keys WHERE id % 3 = 0')
    answer = place.first.salvage(place.directory / 'with-secrets.db')
    assert answer['private_keys'] == 1 and answer['new'] > 0, answer
    # They have been in the backup, which is asked again.
    assert answer['uploaded'] == answer['new'] and answer['backed_up'] is True, answer
    assert place.first.salvage(place.directory / 'with-secrets.db')['private_keys'] == 0


def test_file_that_is_locked_with_another_key_changes_nothing(place):
    second = Session(place, 'second')
    assert second.salvage(place.aside, status=1)['error']['code'] == 'file-locked'
    assert second.local_keys() == 0


def test_file_of_somebody_else_changes_nothing(place):
    other = Place()
    stranger = Session(other, 'stranger', store_key=place.first.store_key)
    assert stranger.salvage(place.aside, status=1)['error']['code'] == 'nothing-in-file'
    assert stranger.local_keys() == 0
    remove(other, False)


def test_what_is_no_database(place):
    text = place.directory / 'letter.txt'
    text.write_text('Dear all,\n' * 1000)
    fifo = place.directory / 'fifo'
    os.mkfifo(fifo)
    for file, code in ((text, 'nothing-in-file'), (place.directory / 'nothing-there', 'file'),
                       (place.directory, 'file'), (fifo, 'file')):
        answer = place.first.salvage(file, status=1)
        assert answer['error']['code'] == code, (file, answer)
        assert not place.first.warned, (file, place.first.warned)
    assert text.read_text() == 'Dear all,\n' * 1000
    assert place.first.local_keys() == KEYS


def test_wrong_usage(place):
    place.first.json('salvage', status=2)
    place.first.json('salvage', str(place.aside), str(place.aside), status=2)


def test_lost_page_of_any_table_leaves_the_rest_here(place):
    """The whole way: a damaged profile is mended when it is opened, with the account and the key still at hand."""
    for table in 'accounts', 'store_key_slots', 'store_key', 'olm_accounts':
        pages = place.pages_of(table)
        assert pages, table
        with place.first.database.open('r+b') as file:
            file.seek((pages[0] - 1) * PAGE)
            file.write(bytes(PAGE))
        # Nothing is mended by a verb that only reads.
        place.first.json('salvage', str(place.aside))
        status = place.first.json('status')
        assert status['local_keys'] == KEYS, (table, status)


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

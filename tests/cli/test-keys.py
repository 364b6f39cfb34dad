#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-keys.py KEEPSAKECTL PUT-ROOM-KEYS HOMESERVER: keepsakectl keys export and keys import from the outside: files
that come back, are never half there, and are not taken for something else."""
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from servers import TestHomeserver  # noqa: E402

PROGRAM, PUT = sys.argv[1:3]
SERVER = TestHomeserver(sys.argv[3])
PASSWORD = 'a password for tests'
PHRASE = 'seven silver sails over the harbour'
KEYS = 400
BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
users = itertools.count(1)


class Session:
    """One of Keepsake's, with a profile of its own."""

    def __init__(self, place, name):
        self.directory = place.directory
        self.profile = place.directory / name
        self.store_key = place.directory / (name + '.key')
        self.json('login', '--homeserver', SERVER.url, '--user', place.user, '--password-file', place.password)

    def start(self, *arguments, **how):
        # No session bus: what the keyring does must not matter here.
        return subprocess.Popen([PROGRAM, '--profile', self.profile, '--store-key-file', self.store_key, '--json',
                                 *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how,
                                env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})

    def json(self, *arguments, status=0, say=None):
        with self.start(*arguments, stdin=subprocess.PIPE) as process:
            said, errors = process.communicate(say, timeout=120)
        assert process.returncode == status, (process.returncode, said, errors)
        return json.loads(said) if status != 2 else errors

    def put_keys(self, count):
        """Their room and session IDs."""
        said = subprocess.run([PUT, self.profile, self.store_key, str(count)], check=True, capture_output=True,
                              text=True).stdout
        return [line.split()[:2] for line in said.splitlines()]

    def export(self, *more, file=None, phrase=PHRASE, status=0):
        return self.json('keys', 'export', file or self.directory / 'keys.txt', '--phrase-file', '-', *more,
                         status=status, say=phrase)

    def take(self, *more, file=None, phrase=PHRASE, status=0):
        return self.json('keys', 'import', file or self.directory / 'keys.txt', '--phrase-file', '-', *more,
                         status=status, say=phrase)


class Place:
    """An account with room keys here."""

    def __init__(self):
        self.user = f'user{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-keys.'))
        self.password = self.directory / 'password'
        self.password.write_text(PASSWORD)
        self.files = self.directory / 'files'
        self.files.mkdir()
        self.file = self.files / 'keys.txt'
        self.first = Session(self, 'first')
        self.keys = self.first.put_keys(KEYS)


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


def counts(answer):
    return {name: answer[name] for name in ('total', 'new', 'better', 'already')} | {'failed': len(answer['failed'])}


def code(answer):
    return answer['error']['code']


def test_all_keys_go_from_one_session_to_another(place):
    assert place.first.export(file=place.file) == {'sessions': KEYS, 'left_out': 0}
    assert place.file.stat().st_mode & 0o7777 == 0o600
    second = Session(place, 'second')
    # With the newline that an editor leaves, which is not counted.
    assert counts(second.take(file=place.file, phrase=PHRASE + '\n')) == {
        'total': KEYS, 'new': KEYS, 'better': 0, 'already': 0, 'failed': 0}
    assert second.json('status')['local_keys'] == KEYS
    assert second.json('status')['pending_upload'] == KEYS
    assert counts(second.take(file=place.file))['already'] == KEYS


def test_mark_that_an_editor_put_before_the_phrase_is_no_part_of_it(place):
    place.first.export(file=place.file, phrase='\ufeff' + PHRASE)
    second = Session(place, 'second')
    assert second.take(file=place.file)['new'] == KEYS
    # One that was exported with the mark in it opens by the same file.
    assert second.take(file=place.file, phrase='\ufeff' + PHRASE)['already'] == KEYS


def test_what_is_imported_goes_into_the_backup(place):
    place.first.export(file=place.file)
    second = Session(place, 'second')
    answer = second.take(file=place.file)
    assert answer['uploaded'] == 0 and answer['backed_up'] is False, answer
    second.json('setup', '--generate', '--save-key', place.directory / 'key.txt', '--password-file', place.password)
    key = second.put_keys(1)[0]
    second.export('--room', key[0], '--overwrite', file=place.file)
    third = Session(place, 'third')
    third.json('unlock', '--key-file', place.directory / 'key.txt')
    answer = third.take(file=place.file)
    assert answer['uploaded'] == answer['new'] > 0 and answer['backed_up'] is True, answer
    status = third.json('status')
    assert status['pending_upload'] == 0 and status['backup']['count'] == KEYS + 1, status


def test_one_room_alone(place):
    room = place.keys[0][0]
    there = sum(1 for key in place.keys if key[0] == room)
    assert place.first.export('--room', room, file=place.file)['sessions'] == there < KEYS
    assert counts(Session(place, 'second').take(file=place.file))['new'] == there


def test_another_file_is_kept_unless_told(place):
    place.file.write_text('my only diary')
    assert code(place.first.export(file=place.file, status=1)) == 'file-exists'
    assert place.file.read_text() == 'my only diary'
    assert place.first.export('--overwrite', file=place.file)['sessions'] == KEYS
    assert place.file.read_text().startswith('-----BEGIN MEGOLM SESSION DATA-----\n')


def test_weak_phrase_makes_no_file(place):
    for phrase in ('keepsake', 'password1', place.user):
        assert code(place.first.export(file=place.file, phrase=phrase, status=1)) == 'weak-phrase'
    assert code(place.first.export(file=place.file, phrase='', status=1)) == 'file'
    assert not list(place.files.iterdir())


def test_nothing_to_export_makes_no_file(place):
    assert code(Session(place, 'second').export(file=place.file, status=1)) == 'nothing-to-export'
    assert code(place.first.export('--room', '!nowhere:localhost', file=place.file, status=1)) == 'nothing-to-export'
    assert not list(place.files.iterdir())


def test_what_is_wrong_with_a_file_is_said(place):
    second = Session(place, 'second')
    place.first.export(file=place.file)
    text = place.file.read_text()

    def refused(content, phrase=PHRASE):
        other = place.files / 'other.txt'
        other.write_text(content)
        answer = code(second.take('--accept-failures', file=other, phrase=phrase, status=1))
        assert second.json('status')['local_keys'] == 0
        return answer

    assert refused(text, phrase='seven silver snails') == 'wrong-phrase'
    assert refused(text[:-60]) == 'damaged'
    # Well behind the beginning, by which the phrase is known to be right.
    assert refused(text[:5000] + ('A' if text[5000] != 'A' else 'B') + text[5001:]) == 'damaged'
    # The version is in the first two characters: from 1 to 2.
    at = text.index('\n') + 2
    later = BASE64[BASE64.index(text[at]) + 16]
    assert refused(text[:at] + later + text[at + 1:]) == 'unknown-version'
    assert refused('EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d\n') == 'security-key'
    assert refused('[{"session_key":"AQ"}]') == 'not-encrypted'
    assert refused('{"rooms":{"!a:b":{"sessions":{}}}}') == 'backup-copy'
    assert refused('') == 'not-a-key-file'
    assert refused('Dear diary') == 'not-a-key-file'
    assert code(second.take(file=place.files / 'missing', status=1)) == 'file'


def test_every_text_that_holds_the_file_is_read(place):
    place.first.export(file=place.file)
    text = place.file.read_text()
    changed = place.files / 'changed.txt'
    for number, content in enumerate((text.replace('\n', '\r\n'), '\ufeff' + text, text.rstrip('\n'),
                                      'Here you are:\n\n' + text + '\n-- \nAlice')):
        changed.write_bytes(content.encode())
        assert counts(Session(place, f'session{number}').take(file=changed))['new'] == KEYS


def test_wrong_usage(place):
    for arguments in (('keys',), ('keys', 'forget'), ('keys', 'export', '--phrase-file', '-'),
                      ('keys', 'export', 'a', 'b', '--phrase-file', '-'), ('keys', 'import', 'a')):
        place.first.json(*arguments, status=2)


def test_export_beside_the_process_that_holds_the_account(place):
    """It only reads; an import has to wait."""
    place.first.export(file=place.file)
    stopped = subprocess.Popen([PROGRAM, '--profile', place.first.profile, '--store-key-file', place.first.store_key,
                                'keys', 'import', place.file, '--phrase-file', '-'], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent'})
    try:
        stopped.stdin.write(PHRASE)
        stopped.stdin.close()
        # It has the account when it says what it does.
        assert stopped.stderr.readline()
        stopped.send_signal(signal.SIGSTOP)
        again = place.files / 'again.txt'
        assert place.first.export(file=again)['sessions'] == KEYS
        assert code(place.first.take(file=place.file, status=5)) == 'held'
    finally:
        stopped.send_signal(signal.SIGCONT)
        stopped.stdout.read()
        stopped.stderr.read()
        assert stopped.wait(60) == 0
        stopped.stdout.close()
        stopped.stderr.close()


def test_killed_anywhere_an_export_leaves_no_part(place):
    chance = random.Random(20261122)
    whole = 0
    for i in range(20):
        process = place.first.start('keys', 'export', place.file, '--phrase-file', '-', stdin=subprocess.PIPE)
        process.stdin.write(PHRASE)
        process.stdin.close()
        process.stdin = None
        time.sleep(chance.uniform(0, 1.5))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        there = list(place.files.iterdir())
        assert there in ([], [place.file]), there
        if there:
            # Then it is all of it.
            assert counts(place.first.take(file=place.file))['already'] == KEYS
            place.file.unlink()
            whole += 1
    assert place.first.export(file=place.file)['sessions'] == KEYS


def test_killed_anywhere_an_import_is_all_or_nothing(place):
    place.first.put_keys(5000)
    place.first.export(file=place.file)
    chance = random.Random(20261122)
    second = Session(place, 'second')
    for i in range(15):
        process = second.start('keys', 'import', place.file, '--phrase-file', '-', stdin=subprocess.PIPE)
        process.stdin.write(PHRASE)
        process.stdin.close()
        process.stdin = None
        time.sleep(chance.uniform(0, 1.5))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert second.json('status')['local_keys'] in (0, KEYS + 5000)
    second.take(file=place.file)
    assert second.json('status')['local_keys'] == KEYS + 5000


try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

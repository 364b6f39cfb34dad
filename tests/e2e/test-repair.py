#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-repair.py KEEPSAKE HOMESERVER KEEPSAKECTL: Secure Backup, as other clients leave it, is repaired in the real window
with the keyboard alone. Where the keyboard is, is asked as a screen reader does."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from account_generator import ROOM, STORAGE, room_key, seal_entry  # noqa: E402
from driver import App, gone, key, name_of, need, need_text, until, xdotool  # noqa: E402
from secure_backup import BACKUP, SECRETS, Observer, binary, seal, unpadded, write_recovery_key  # noqa: E402
from servers import TestHomeserver  # noqa: E402

PROGRAM, HOMESERVER, CTL = sys.argv[1:4]
DIRECTORY = tempfile.mkdtemp(prefix='keepsake-e2e.')
SERVER = TestHomeserver(HOMESERVER)
PASSWORD = 'canary-password-7431'
KEYS = 12
STAYS = ['Your Security Key and Security Phrase', 'Your identity and your verified sessions']
started = 0


class Person:
    """Whose account another client has set up, with KEYS room keys in the backup; and a session of theirs."""

    def __init__(self):
        global started
        started += 1
        self.user = f'user{started}'
        SERVER.register(self.user, PASSWORD)
        self.profile = f'{DIRECTORY}/profile{started}'
        self.observer = Observer(SERVER.url, self.user, PASSWORD)
        self.key, self.key_id, self.version = self.observer.reset(PASSWORD)
        self.app = None
        half = binary(self.observer.version()['auth_data']['public_key'])
        sessions = {}
        for _ in range(KEYS):
            session_key, session_id = room_key(os.urandom(32))
            sessions[session_id] = seal_entry(half, session_key)
        self.observer.ask('PUT', f'room_keys/keys?version={self.version}', {'rooms': {ROOM: {'sessions': sessions}}})

    def file(self, name, text):
        path = Path(f'{DIRECTORY}/{self.user}.{name}')
        path.write_text(text)
        return str(path)

    def ctl(self, *arguments):
        done = subprocess.run([CTL, '--profile', self.profile, '--json', *arguments], capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def sign_in(self):
        self.ctl('login', '--homeserver', SERVER.url, '--user', self.user, '--password-file',
                 self.file('password', PASSWORD))

    def unlock(self):
        self.ctl('unlock', '--key-file', self.file('key', write_recovery_key(self.key)))

    def delete_backup(self):
        self.observer.ask('DELETE', f'room_keys/version/{self.version}')

    def open(self, button, role='push button'):
        """Security & Privacy, and from there by Tab and Enter."""
        self.app = App(PROGRAM, '--profile', self.profile, log=f'{self.profile}.log', env={'G_MESSAGES_DEBUG': 'all'})
        self.root = self.app.root
        self.window = driver.main_window(self.root)
        need(self.root, role, button, 30)
        self.tab_to(button)
        key('Return')
        until('the dialog', self.dialog)

    def dialog(self):
        return driver.window(self.root, besides=self.window)

    def is_on(self, title):
        until(f'the page "{title}"', lambda: self.dialog() and self.dialog().name == title, 60)

    def focus(self):
        """Where the keyboard is."""
        return next((node for node in driver.walk(self.dialog() or self.window) if 'focused' in driver.states(node)),
                    None)

    def is_at(self, name):
        until(f'the keyboard to be in "{name}"', lambda: self.focus() and name_of(self.focus()) == name)

    def tab(self, name='Tab'):
        before = self.focus()
        key(name)
        return name_of(until('the keyboard to go on', lambda: self.focus() != before and self.focus()))

    def tab_to(self, name):
        for _ in range(30):
            if self.tab() == name:
                return
        raise AssertionError(f'Tab does not get to "{name}"')

    def round(self):
        """All that Tab gets to, until it is where it was."""
        names = [self.tab()]
        while len(names) < 30 and (len(names) < 2 or names[0] != names[-1]):
            names.append(self.tab())
        return names[:-1]

    def is_closed(self):
        until('the dialog to close', lambda: self.dialog() is None)


def end(person, failed):
    if person.app is None:
        return
    if failed:
        print('# the log:\n# ' + person.app.read_log()[-4000:].replace('\n', '\n# '))
        driver.screenshot(f'{DIRECTORY}/{person.user}.png')
    status = person.app.end()
    assert failed or status == 0, person.app.read_log()


def test_backup_that_is_gone_is_made_anew(person):
    person.sign_in()
    person.unlock()
    person.ctl('restore')
    person.delete_backup()
    person.unlock()
    person.open('Repair…')
    person.is_on('Repair Secure Backup')
    person.is_at('Repair')
    assert person.round() == ['Cancel', 'A backup of your room keys', 'Create a new backup', *STAYS, 'Technical Details',
                              'Repair'], person.round()
    # Enter in a row is for that row, and not for the button that would repair.
    person.tab_to('Technical Details')
    key('Return')
    need(person.dialog(), 'list item', 'Key backup')
    assert person.tab() == 'Key backup'
    person.is_on('Repair Secure Backup')
    assert person.observer.version() is None
    person.tab_to('Repair')
    key('Return')
    person.is_on('Secure Backup Is Repaired')
    person.is_at('Done')
    key('Return')
    person.is_closed()
    gone(person.root, 'push button', 'Repair…')
    assert person.observer.version()['count'] == KEYS
    person.observer.check_recoverable(person.key)


def test_key_is_entered_where_it_is_needed(person):
    """The right key opens nothing any more: it is taken all the same."""
    for name in SECRETS:
        person.observer.put(name, {})
    person.delete_backup()
    person.sign_in()
    person.open('Repair…')
    person.is_on('Repair Secure Backup')
    person.is_at('Continue')
    key('Return')
    person.is_on('Enter Your Security Key')
    xdotool('type', '--delay', 0, write_recovery_key(os.urandom(32)))
    key('Return')
    need_text(person.dialog(), "doesn't fit")
    # The keyboard is still in the entry.
    key('ctrl+a')
    xdotool('type', '--delay', 0, write_recovery_key(person.key))
    key('Return')
    person.is_on('Repaired, but Not Whole Yet')
    person.is_at('Done')
    key('Escape')
    person.is_closed()
    assert BACKUP in person.observer.open_secrets(person.key)[person.key_id]


def test_what_cannot_be_repaired_is_read_and_left(person):
    person.observer.put(SECRETS[2], {})
    person.sign_in()
    person.unlock()
    person.ctl('restore')
    person.open('See What Helps…')
    person.is_on("This Can't Be Repaired Here")
    person.is_at('The key that verifies other people')
    assert person.round() == [f'{KEYS} room keys on this computer', 'Export…', 'Check Again', 'Close',
                              'The key that verifies other people'], person.round()
    person.tab_to('Check Again')
    key('Return')
    person.is_at('The key that verifies other people')
    key('Escape')
    person.is_closed()


def lay_backup_under_another_key(person):
    """The key that opens it, as its owner has it."""
    other = os.urandom(32)
    described = seal(other, '', bytes(32))
    person.observer.put('m.secret_storage.key.second', {'algorithm': STORAGE, 'iv': described['iv'], 'mac': described['mac']})
    secret = person.observer.open_secrets(person.key)[person.key_id][BACKUP]
    person.observer.put(BACKUP, {'encrypted': {'second': seal(other, BACKUP, unpadded(secret).encode())}})
    return write_recovery_key(other)


def test_rows_of_what_another_key_may_open_are_entered(person):
    lay_backup_under_another_key(person)
    person.sign_in()
    person.unlock()
    person.open('See What Helps…')
    person.is_on('Another Key May Open More')
    person.is_at('Enter Another Key…')
    assert person.round() == ['Go On Without Another Key…', 'The key of your backup', 'Check Again', 'Close',
                              'Enter Another Key…'], person.round()
    person.tab_to('Go On Without Another Key…')
    key('Return')
    person.is_on('Repair Secure Backup')
    person.is_at('Repair')
    key('Escape')
    person.is_closed()
    assert person.observer.version()['version'] == person.version


def test_whoever_has_no_key_is_told_what_helps(person):
    person.sign_in()
    person.open('Unlock')
    person.is_on('Unlock Secure Backup')
    xdotool('type', '--delay', 0, write_recovery_key(os.urandom(32)))
    key('Return')
    person.tab_to("If You Don't Have the Key…")
    key('Return')
    person.is_on("If You Don't Have the Key")
    person.is_at('Enter Another Key…')
    key('Return')
    person.is_on('Unlock Secure Backup')
    key('Escape')
    person.is_closed()


def test_key_that_is_found_after_the_repair_is_entered(person):
    other = lay_backup_under_another_key(person)
    person.sign_in()
    person.unlock()
    person.ctl('repair')
    person.open('Enter Another Key…', 'list item')
    person.is_on('Unlock Secure Backup')
    xdotool('type', '--delay', 0, other)
    key('Return')
    person.is_on('Older Backup Restored')
    need_text(person.dialog(), 'go into the current backup too')
    key('Return')
    person.is_closed()
    need_text(person.root, f'{KEYS} room keys are backed up')
    assert person.observer.version()['count'] == KEYS
    person.observer.check_recoverable(person.key)


try:
    tap.run(globals(), Person, end)
finally:
    SERVER.end()
    shutil.rmtree(DIRECTORY, ignore_errors=True)

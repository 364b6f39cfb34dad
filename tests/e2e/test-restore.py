#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-restore.py KEEPSAKE HOMESERVER|synapse KEEPSAKECTL PUT-ROOM-KEYS DRAG-SOURCE: "Unlock" and "Restore From Backup"
through the real window, of an account that an earlier session, with a profile of its own, has set up and filled."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from driver import App, click_until, enter, gone, key, need, need_text, press, texts, until  # noqa: E402
from notices import Notices  # noqa: E402
from secure_backup import Observer, write_recovery_key  # noqa: E402
from servers import FaultProxy, Synapse, TestHomeserver  # noqa: E402

PROGRAM, HOMESERVER, CTL, PUT, DRAG_SOURCE = sys.argv[1:6]
REAL = HOMESERVER == 'synapse'
DIRECTORY = tempfile.mkdtemp(prefix='keepsake-e2e.')
SERVER = Synapse(DIRECTORY + '/synapse') if REAL else TestHomeserver(HOMESERVER)
PASSWORD = 'canary-password-7431'
PHRASE = 'brass otter lantern quietly'
KEYS = 120
LOCKED = "This session can't open the backup yet"
started = 0


class Person:
    """Somebody with a backup of KEYS room keys, who signs in anew."""

    def __init__(self):
        global started
        started += 1
        self.user = f'user{started}'
        SERVER.register(self.user, PASSWORD)
        self.profile = f'{DIRECTORY}/profile{started}'
        self.first = f'{DIRECTORY}/first{started}'
        self.password = self.write('password', PASSWORD)
        self.phrase = self.write('phrase', PHRASE)
        self.key_file = f'{self.first}.key.txt'
        self.dialog = None
        self.app = None

    def write(self, name, text):
        path = f'{self.first}.{name}'
        Path(path).write_text(text)
        return path

    def ctl(self, *arguments):
        done = subprocess.run([CTL, '--profile', self.first, '--store-key-file', self.first + '.store', '--json',
                               *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def set_up(self, *how, keys=KEYS):
        """By the earlier session; its key."""
        self.ctl('login', '--homeserver', SERVER.url, '--user', self.user, '--password-file', self.password)
        self.keys = [line.split()[:2] for line in
                     subprocess.run([PUT, self.first, self.first + '.store', str(keys)], check=True,
                                    capture_output=True, text=True).stdout.splitlines()]
        answer = self.ctl('setup', *(how or ('--generate', '--no-keyring')), '--save-key', self.key_file,
                          '--password-file', self.password)
        assert answer['uploaded'] == keys, answer
        return Path(self.key_file).read_text().strip()

    def start(self):
        self.app = App(PROGRAM, '--profile', self.profile, log=f'{self.profile}.log', env={'G_MESSAGES_DEBUG': 'all'})
        self.root = self.app.root

    def sign_in(self, homeserver=SERVER.url):
        self.start()
        need_text(self.root, 'Welcome to Keepsake')
        press(self.root, 'Sign In')
        enter(self.root, 'User ID or homeserver', homeserver)
        need_text(self.root, homeserver)
        enter(self.root, 'User name', self.user)
        enter(self.root, 'Password', PASSWORD)
        press(self.root, 'Sign In')
        self.window = driver.main_window(self.root)
        need_text(self.root, 'Verify This Session')

    def sign_in_for_later(self, homeserver=SERVER.url):
        """And opens the dialog from the page, not from the offer."""
        self.sign_in(homeserver)
        press(self.root, 'Verify Later')
        need_text(self.root, LOCKED)
        self.open_dialog()

    def open_dialog(self):
        press(self.root, 'Unlock')
        self.has_dialog('Unlock Secure Backup')

    def has_dialog(self, heading):
        self.dialog = until('the dialog', lambda: driver.window(self.root, besides=self.window))
        need_text(self.dialog, heading)

    def give(self, text):
        enter(self.dialog, 'Security Key or Phrase', text)
        press(self.dialog, 'Unlock')

    def is_restored(self, keys=KEYS):
        need_text(self.dialog, 'History Restored', 30)
        need_text(self.dialog, f'{keys} room keys came back.')

    def close(self):
        press(self.dialog, 'Done')
        self.is_closed()

    def is_closed(self):
        until('the dialog to close', lambda: driver.window(self.root, besides=self.window) is None)
        self.dialog = None

    def finish(self):
        self.close()
        need_text(self.root, f'{KEYS} room keys are backed up.')
        gone(self.root, 'push button', 'Unlock')

    def open_row(self, name):
        self.dialog = click_until('the dialog', lambda: need(self.root, 'list item', name),
                                  lambda: driver.window(self.root, besides=self.window))

    def is_whole(self):
        """What is new and what was here before make up all of it."""
        def counts():
            numbers = [text for text in texts(self.dialog) if text.isdigit()]
            return len(numbers) == 3 and sum(map(int, numbers)) == KEYS
        until('all keys', counts)

    def damage(self, room, session):
        """One key of the backup, as whoever runs the server could."""
        observer = Observer(SERVER.url, self.user, PASSWORD)
        path = (f'room_keys/keys/{quote(room, safe="")}/{quote(session, safe="")}'
                f'?version={observer.version()["version"]}')
        entry = observer.ask('GET', path)
        data = entry['session_data']
        data['mac'] = ('A' if data['mac'][0] != 'A' else 'B') + data['mac'][1:]
        observer.ask('DELETE', path)
        observer.ask('PUT', path, entry)

    def other(self):
        return driver.window_besides(self.root, self.window, self.dialog)

    def open_file(self, path):
        """Through GTK's own file chooser."""
        chooser = click_until('the file chooser', lambda: need(self.dialog, 'list item', 'Open Key File…'), self.other)
        key('ctrl+l')
        driver.xdotool('type', '--delay', 0, path)
        press(chooser, 'Open')
        until('the file chooser to close', lambda: self.other() is None)


def picture(name):
    """For whoever wants to look: into the directory PICTURES."""
    if os.environ.get('PICTURES'):
        driver.screenshot(f'{os.environ["PICTURES"]}/{name}.png')


def swap(text, at):
    return text[:at] + text[at + 1] + text[at] + text[at + 2:]


def end(person, failed):
    if person.app is None:
        return
    if failed:
        driver.screenshot(f'{DIRECTORY}/failed.png')
        for line in person.app.read_log().splitlines()[-20:]:
            print('# ' + line)
        print('# on the screen: ' + ' | '.join(texts(person.app.root)))
    status = person.app.end()
    if not failed:
        assert status == 0, (status, person.app.read_log()[-2000:])
        log = person.app.read_log()
        assert PASSWORD not in log and PHRASE not in log, 'a secret is in the log'
        assert not re.search(r'Es[1-9A-HJ-NP-Za-km-z]{2} [1-9A-HJ-NP-Za-km-z]{4} ', log), 'the key is in the log'


def test_a_typed_key_brings_all_keys_back(person):
    """In whatever white space; and says what is wrong as long as something is."""
    shown = person.set_up()
    person.sign_in()
    picture('verify')
    press(person.root, 'Verify Later')
    need_text(person.root, "This session isn't verified")
    picture('locked')
    press(person.root, 'Verify…')
    need_text(person.root, 'Verify This Session')
    press(person.root, 'Verify Later')
    person.open_dialog()
    enter(person.dialog, 'Security Key or Phrase', shown[:29])
    need_text(person.dialog, 'Looks like a Security Key: 6 of 12 groups')
    picture('unlock')
    person.give(write_recovery_key(bytes(31) + b'x'))
    need_text(person.dialog, "This Security Key doesn't fit")
    picture('wrong-key')
    person.give('not the right phrase at all')
    need_text(person.dialog, 'Your account has no Security Phrase')
    enter(person.dialog, 'Security Key or Phrase', '  ' + shown.replace(' ', '') + '\t')
    need_text(person.dialog, 'This is a Security Key')
    key('Return')
    person.is_restored()
    picture('restored')
    person.finish()
    picture('unlocked')
    need_text(person.root, 'Verified')


def test_a_phrase_brings_all_keys_back(person):
    person.set_up('--phrase-file', person.phrase, '--no-keyring')
    person.sign_in()
    person.open_row('Use Security Key or Phrase')
    need_text(person.dialog, 'Unlock Secure Backup')
    person.give(PHRASE + 'x')
    need_text(person.dialog, "This isn't your Security Phrase", 30)
    need_text(person.dialog, 'Keep in the desktop keyring')
    picture('unlock-keep')
    person.give(PHRASE)
    person.is_restored()
    person.finish()
    key('alt+1')
    person.open_row('Sign Out…')
    need_text(person.dialog, 'Your Security Key stays in the desktop keyring')
    picture('sign-out-key-stays')
    press(person.dialog, 'Cancel')
    person.is_closed()


def test_a_key_file_brings_all_keys_back(person):
    person.set_up()
    person.sign_in_for_later()
    person.open_file(person.write('poem.txt', 'Nothing in here is a key.\n'))
    need_text(person.dialog, 'poem.txt: There is no Security Key in this')
    person.open_file(person.key_file)
    person.is_restored()
    person.finish()


def test_a_key_file_that_is_dropped_brings_all_keys_back(person):
    person.set_up()
    person.sign_in_for_later()
    driver.drag_file(DRAG_SOURCE, person.key_file, need(person.dialog, 'list item', 'Open Key File…'),
                     lambda: 'History Restored' in texts(person.dialog))
    person.is_restored()
    person.finish()


def test_the_key_in_the_keyring_brings_all_keys_back(person):
    """All data of the app is gone; the keyring has the key from before."""
    person.first = person.profile
    person.set_up('--generate')
    shutil.rmtree(person.profile)
    person.sign_in()
    need(person.root, 'push button', 'Use the Key in Your Keyring')
    picture('verify-keyring')
    press(person.root, 'Use the Key in Your Keyring')
    person.has_dialog('History Restored')
    person.is_restored()
    person.finish()


def test_a_restore_that_was_killed_goes_on_by_itself(person):
    shown = person.set_up()
    with FaultProxy(SERVER.url) as proxy:
        person.sign_in_for_later(proxy.url)
        proxy.rule(path='room_keys/keys', method='GET', at='body', bytes=40000, action='kill',
                   pid=person.app.process.pid)
        person.give(shown)
        person.app.process.wait(60)
        person.start()
        person.window = driver.main_window(person.root)
        need(person.root, 'list item', 'History Restored', 30)
        person.open_row('History Restored')
        person.is_whole()
        person.close()
        person.open_row('Restore From Backup…')
        need_text(person.dialog, 'No room key was new', 30)
        person.is_whole()


def test_a_restore_goes_on_in_the_background(person):
    shown = person.set_up()
    notices = Notices()
    with FaultProxy(SERVER.url) as proxy:
        person.sign_in_for_later(proxy.url)
        proxy.rule(path='room_keys/keys', method='GET', at='body', bytes=40000, action='hold')
        person.give(shown)
        need_text(person.dialog, 'Restoring Your History')
        picture('restoring')
        press(person.dialog, 'Run in the Background')
        person.is_closed()
        need(person.root, 'list item', 'Restoring From Backup')
        picture('background')
        person.open_row('Restoring From Backup')
        key('Escape')
        person.is_closed()
        proxy.be_honest()
        need(person.root, 'list item', 'History Restored', 30)
        assert notices.need('History Restored') == f'{KEYS} room keys came back.'
        person.open_row('History Restored')
        person.is_restored()
        person.finish()


def test_a_restore_that_was_stopped_does_not_go_on_by_itself(person):
    shown = person.set_up()
    with FaultProxy(SERVER.url) as proxy:
        person.sign_in_for_later(proxy.url)
        proxy.rule(path='room_keys/keys', method='GET', at='body', bytes=40000, action='hold')
        person.give(shown)
        need_text(person.dialog, 'Restoring Your History')
        press(person.dialog, 'Stop')
        need_text(person.dialog, 'Restoring Was Stopped')
        picture('stopped')
        person.close()
        proxy.be_honest()
        person.app.end()
        person.start()
        person.window = driver.main_window(person.root)
        need(person.root, 'list item', 'Restore From Backup…')
        person.open_row('Restore From Backup…')
        need_text(person.dialog, 'History Restored', 30)
        person.is_whole()


if not REAL:
    def test_a_mistyped_key_opens_and_is_put_right(person):
        shown = person.set_up()
        person.sign_in_for_later()
        at = next(i for i in range(5, 55) if ' ' not in shown[i:i + 2] and shown[i] != shown[i + 1])
        person.give(swap(shown, at))
        person.is_restored()
        group = at // 5
        need_text(person.dialog, f'There was a mistake in group {group + 1} of the key. '
                                 f'It has to be: {shown.split()[group]}')
        picture('corrected')

    def test_what_cannot_be_used_is_listed_with_its_reason(person):
        shown = person.set_up()
        person.damage(*person.keys[0])
        person.sign_in_for_later()
        person.give(shown)
        need_text(person.dialog, 'Not All of It Was Restored', 30)
        need_text(person.dialog, f'{KEYS - 1} room keys came back.')
        row = need(person.dialog, 'list item', 'Changed since, or made for another backup')
        driver.click(row)
        need_text(person.dialog, person.keys[0][0])
        need_text(person.dialog, person.keys[0][1])
        picture('reasons')


try:
    tap.run(globals(), Person, end)
finally:
    SERVER.end()

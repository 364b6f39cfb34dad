#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-key-files.py KEEPSAKE HOMESERVER KEEPSAKECTL PUT-ROOM-KEYS DRAG-SOURCE: "Export E2E Room Keys" and "Import E2E
Room Keys" through the real window; what it exports keepsakectl imports, and the other way round. And databases that
were set aside, dropped and chosen."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from driver import App, click_until, enter, key, need, need_text, press, texts, until  # noqa: E402
from servers import TestHomeserver  # noqa: E402

PROGRAM, HOMESERVER, CTL, PUT, DRAG_SOURCE = sys.argv[1:6]
DIRECTORY = tempfile.mkdtemp(prefix='keepsake-e2e.')
SERVER = TestHomeserver(HOMESERVER)
PASSWORD = 'canary-password-7431'
PHRASE = 'brass otter lantern quietly'
KEYS = 120
EXPORT, IMPORT = 'Export E2E Room Keys…', 'Import E2E Room Keys…'
started = 0


class Person:
    """Somebody with KEYS room keys in a session of keepsakectl, and a new session in the window."""

    def __init__(self):
        global started
        started += 1
        self.user = f'user{started}'
        SERVER.register(self.user, PASSWORD)
        self.profile = f'{DIRECTORY}/profile{started}'
        self.first = f'{DIRECTORY}/first{started}'
        self.file = f'{DIRECTORY}/keys{started}.txt'
        self.password = self.write('password', PASSWORD)
        self.phrase = self.write('phrase', PHRASE)
        self.dialog = self.app = None
        self.ctl('login', '--homeserver', SERVER.url, '--user', self.user, '--password-file', self.password)

    def write(self, name, text):
        path = f'{self.first}.{name}'
        Path(path).write_text(text)
        return path

    def ctl(self, *arguments, status=0):
        done = subprocess.run([CTL, '--profile', self.first, '--store-key-file', self.first + '.store', '--json',
                               *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def has_exported(self):
        subprocess.run([PUT, self.first, self.first + '.store', str(KEYS)], check=True, capture_output=True)
        assert self.ctl('keys', 'export', self.file, '--phrase-file', self.phrase)['sessions'] == KEYS

    def has_set_aside(self):
        """A database of KEYS room keys, under a name that tells nothing; the window may open it with the same file."""
        subprocess.run([PUT, self.first, self.first + '.store', str(KEYS)], check=True, capture_output=True)
        shutil.copy(f'{self.first}/keepsake.db', self.file)
        os.chmod(self.file, 0o400)

    def start(self, *options):
        self.app = App(PROGRAM, '--profile', self.profile, *options, log=f'{self.profile}.log',
                       env={'G_MESSAGES_DEBUG': 'all', 'GSETTINGS_BACKEND': 'keyfile'})
        self.root = self.app.root
        self.window = driver.main_window(self.root)
        need_text(self.root, 'Welcome to Keepsake')

    def sign_in(self, offer=True):
        if self.app is None:
            self.start()
        press(self.root, 'Sign In')
        enter(self.root, 'User ID or homeserver', SERVER.url)
        need_text(self.root, SERVER.url)
        enter(self.root, 'User name', self.user)
        enter(self.root, 'Password', PASSWORD)
        press(self.root, 'Sign In')
        if offer:
            driver.pass_offer(self.root)

    def open_row(self, name):
        self.dialog = click_until('the dialog', lambda: need(self.root, 'list item', name),
                                  lambda: driver.window(self.root, besides=self.window))
        need_text(self.dialog, name.rstrip('…'))

    def close(self):
        press(self.dialog, 'Done')
        until('the dialog to close', lambda: driver.window(self.root, besides=self.window) is None)
        self.dialog = None

    def other(self):
        return driver.window_besides(self.root, self.window, self.dialog)

    def choose(self, path, button, opener='Choose…'):
        """Through GTK's own file chooser."""
        press(self.dialog, opener)
        chooser = until('the file chooser', self.other)
        key('ctrl+a')
        driver.xdotool('type', '--delay', 0, path)
        press(chooser, button)
        until('the file chooser to close', lambda: self.other() is None)

    def choose_to_open(self, path):
        press(self.dialog, 'Choose…')
        chooser = until('the file chooser', self.other)
        key('ctrl+l')
        driver.xdotool('type', '--delay', 0, path)
        press(chooser, 'Open')
        until('the file chooser to close', lambda: self.other() is None)

    def drop(self):
        """On the window, where there is nothing that takes it."""
        def dialog():
            return driver.window(self.root, besides=self.window)
        driver.drag_file(DRAG_SOURCE, self.file, self.window, dialog)
        self.dialog = until('the dialog', dialog)

    def import_all(self):
        self.open_row(IMPORT)
        self.choose_to_open(self.file)
        need_text(self.dialog, Path(self.file).name)
        enter(self.dialog, 'Phrase', PHRASE)
        press(self.dialog, 'Import')
        need_text(self.dialog, 'Room Keys Imported', 30)
        need_text(self.dialog, f'{KEYS} room keys came in.')


def picture(name):
    """For whoever wants to look: into the directory PICTURES."""
    if os.environ.get('PICTURES'):
        driver.screenshot(f'{os.environ["PICTURES"]}/{name}.png')


def end(person, failed):
    if person.app is None:
        return
    if failed:
        driver.screenshot(f'{DIRECTORY}/failed.png')
        print(f'# {DIRECTORY}/failed.png')
        for line in person.app.read_log().splitlines()[-20:]:
            print('# ' + line)
        print('# on the screen: ' + ' | '.join(texts(person.app.root)))
    status = person.app.end()
    if not failed:
        log = person.app.read_log()
        assert status == 0, (status, log[-2000:])
        assert PASSWORD not in log and PHRASE not in log, 'a secret is in the log'
        assert not re.search(r'"session_key"|AQAAAA[A-Za-z0-9+/]{40}', log), 'a room key is in the log'


def test_what_is_exported_comes_back_elsewhere(person):
    person.has_exported()
    person.sign_in()
    person.import_all()
    picture('imported')
    person.close()
    person.open_row(EXPORT)
    picture('export')
    enter(person.dialog, 'Phrase', 'keepsake')
    need_text(person.dialog, 'Weak')
    enter(person.dialog, 'Phrase', PHRASE)
    need_text(person.dialog, 'Enter it once more')
    enter(person.dialog, 'Confirm Phrase', PHRASE + 'x')
    need_text(person.dialog, 'The two phrases differ.')
    picture('export-differs')
    enter(person.dialog, 'Confirm Phrase', PHRASE)
    ours = f'{DIRECTORY}/ours{started}.txt'
    person.choose(ours, 'Save')
    need_text(person.dialog, Path(ours).name)
    press(person.dialog, 'Export')
    need_text(person.dialog, 'Room Keys Exported', 30)
    need_text(person.dialog, str(KEYS))
    picture('exported')
    person.close()
    assert os.stat(ours).st_mode & 0o7777 == 0o600
    answer = person.ctl('keys', 'import', ours, '--phrase-file', person.phrase)
    assert answer['total'] == answer['already'] == KEYS and answer['failed'] == [], answer


def test_export_asks_for_a_file_if_none_was_chosen(person):
    person.has_exported()
    person.sign_in()
    person.import_all()
    person.close()
    person.open_row(EXPORT)
    enter(person.dialog, 'Phrase', PHRASE)
    enter(person.dialog, 'Confirm Phrase', PHRASE)
    ours = f'{DIRECTORY}/ours{started}.txt'
    person.choose(ours, 'Save', opener='Export')
    need_text(person.dialog, 'Room Keys Exported', 30)
    person.close()
    assert person.ctl('keys', 'import', ours, '--phrase-file', person.phrase)['already'] == KEYS


def test_nothing_to_export_is_said(person):
    person.sign_in()
    person.open_row(EXPORT)
    enter(person.dialog, 'Phrase', PHRASE)
    enter(person.dialog, 'Confirm Phrase', PHRASE)
    ours = f'{DIRECTORY}/ours{started}.txt'
    person.choose(ours, 'Save', opener='Export')
    need_text(person.dialog, 'There is no room key on this computer yet')
    assert not os.path.exists(ours)


def test_what_is_wrong_is_said_and_can_be_put_right(person):
    person.has_exported()
    person.sign_in()
    person.open_row(IMPORT)
    picture('import')
    person.choose_to_open(person.write('diary', 'Nothing in here is a key.\n'))
    need_text(person.dialog, 'This is not a file of room keys.')
    picture('import-other')
    person.choose_to_open(person.file)
    enter(person.dialog, 'Phrase', PHRASE + 'x')
    press(person.dialog, 'Import')
    need_text(person.dialog, 'This is not the phrase that the file was exported with.', 30)
    picture('import-wrong-phrase')
    enter(person.dialog, 'Phrase', PHRASE)
    press(person.dialog, 'Import')
    need_text(person.dialog, f'{KEYS} room keys came in.', 30)


def test_unlocking_with_a_room_key_file_leads_to_the_import(person):
    """It is too large for a key, as most of them are."""
    person.has_exported()
    assert os.stat(person.file).st_size > 65536
    person.ctl('setup', '--generate', '--no-keyring', '--save-key', f'{person.first}.key', '--password-file',
               person.password)
    person.sign_in(offer=False)
    press(person.root, 'Verify Later')
    press(person.root, 'Unlock')
    unlock = until('the dialog', lambda: driver.window(person.root, besides=person.window))
    chooser = click_until('the file chooser', lambda: need(unlock, 'list item', 'Open Key File…'),
                          lambda: driver.window_besides(person.root, person.window, unlock))
    key('ctrl+l')
    driver.xdotool('type', '--delay', 0, person.file)
    press(chooser, 'Open')
    need_text(unlock, 'exported room keys')
    picture('unlock-room-keys')
    driver.click(need(unlock, 'list item', IMPORT))
    until('the import', lambda: any(Path(person.file).name in text for text in texts(person.root)))
    person.dialog = until('the dialog', lambda: driver.window(person.root, besides=person.window))
    enter(person.dialog, 'Phrase', PHRASE)
    press(person.dialog, 'Import')
    need_text(person.dialog, f'{KEYS} room keys came in.', 30)


def test_database_that_was_set_aside_comes_in_when_it_is_dropped(person):
    person.has_set_aside()
    person.start('--store-key-file', person.first + '.store')
    person.drop()
    need_text(person.dialog, 'Sign In First')
    picture('sign-in-first')
    press(person.dialog, 'Sign In')
    person.sign_in()
    person.drop()
    need_text(person.dialog, 'Room Keys Imported', 30)
    need_text(person.dialog, f'{KEYS} room keys came in.')
    picture('set-aside')
    person.close()
    person.drop()
    need_text(person.dialog, 'Nothing New in the File', 30)
    person.close()
    assert os.stat(person.file).st_mode & 0o7777 == 0o400


def test_database_that_was_set_aside_can_be_chosen_with_the_keyboard_too(person):
    """Its key is not here: what it needs is said, and it can be tried again."""
    person.has_set_aside()
    person.sign_in()
    person.open_row(IMPORT)
    person.choose_to_open(person.file)
    need_text(person.dialog, "locked with a key that isn't on this computer", 30)
    picture('set-aside-locked')
    press(person.dialog, 'Import')
    need_text(person.dialog, "locked with a key that isn't on this computer", 30)


try:
    # The rows are at the end of the page.
    driver.remember_window_size('920x880')
    tap.run(globals(), Person, end)
finally:
    SERVER.end()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-history-element.py KEEPSAKE KEEPSAKECTL: what a real Element engine has said on a real Synapse, read through
the real window, and the file that it has sent."""
import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / 'interop')]
import driver  # noqa: E402
import person  # noqa: E402
import tap  # noqa: E402
from driver import App, click_until, enter, key, need, need_text, press, texts, until  # noqa: E402
from servers import Synapse  # noqa: E402

PROGRAM, CTL = sys.argv[1:3]
DIRECTORY = Path(tempfile.mkdtemp(prefix='keepsake-e2e.'))
SERVER = Synapse(str(DIRECTORY / 'synapse'))


class Person(person.Person):
    """With an account that Element has set up and talked with, and the window as a new session of it."""

    def __init__(self):
        super().__init__(CTL, SERVER, DIRECTORY)
        self.key = self.element('setup')['recovery_key']
        self.talked = self.element('talk', '--rotate', '4')
        self.app = App(PROGRAM, '--profile', str(self.directory / 'window'), log=str(self.directory / 'window.log'))
        self.root = self.app.root
        self.window = driver.main_window(self.root)
        need_text(self.root, 'Welcome to Keepsake')
        press(self.root, 'Sign In')
        enter(self.root, 'User ID or homeserver', SERVER.url)
        need_text(self.root, SERVER.url)
        enter(self.root, 'User name', self.user)
        enter(self.root, 'Password', person.PASSWORD)
        press(self.root, 'Sign In')
        press(self.root, 'Verify Later')
        need_text(self.root, "This session can't open the backup yet")

    def unlock(self):
        press(self.root, 'Unlock')
        dialog = until('the dialog', lambda: driver.window(self.root, besides=self.window))
        enter(dialog, 'Security Key or Phrase', self.key)
        press(dialog, 'Unlock')
        need_text(dialog, 'History Restored', 60)
        press(dialog, 'Done')
        until('the dialog to close', lambda: driver.window(self.root, besides=self.window) is None)

    def save_as(self, path):
        """The only file of the room, through GTK's own file chooser."""
        press(self.root, 'Save…')
        chooser = until('the file chooser', lambda: driver.window_besides(self.root, self.window))
        key('ctrl+a')
        driver.xdotool('type', '--delay', 0, path)
        press(chooser, 'Save')
        until('the file chooser to close', lambda: driver.window_besides(self.root, self.window) is None)


def picture(name):
    """For whoever wants to look: into the directory PICTURES."""
    if os.environ.get('PICTURES'):
        driver.screenshot(f'{os.environ["PICTURES"]}/{name}.png')


def end(person, failed):
    if failed:
        for line in person.app.read_log().splitlines()[-20:]:
            print('# ' + line)
        print('# on the screen: ' + ' | '.join(text[:60] for text in texts(person.app.root)))
    status = person.app.end()
    if not failed:
        assert status == 0, (status, person.app.read_log()[-2000:])


def test_what_element_said_and_sent_is_here(person):
    said = person.talked['said']
    person.unlock()
    key('alt+3')
    need_text(person.root, 'Encrypted Rooms')
    click_until('the room', lambda: need(person.root, 'list item', 'Room 1'),
                lambda: any('and after that – 再改' in text for text in texts(person.root)))
    # It may stand above what fits into the window.
    until('the older messages', lambda: any('<b>&amp; "quotes" \\' in text for text in texts(person.root)) or
          key('Page_Up'), 40)
    key('End')
    need_text(person.root, 'the answer')
    need_text(person.root, 'Message deleted')
    assert not any("can't be read" in text for text in texts(person.root)), texts(person.root)
    sent = next(one for one in said if 'content' in one)
    need_text(person.root, sent['name'])
    picture('element')
    path = person.directory / 'saved.txt'
    person.save_as(str(path))
    need(person.root, 'push button', 'Show in Files')
    picture('element-saved')
    assert path.read_bytes() == base64.b64decode(sent['content']), path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600, oct(path.stat().st_mode)


try:
    tap.run(globals(), Person, end)
finally:
    SERVER.end()
    shutil.rmtree(DIRECTORY, ignore_errors=True)

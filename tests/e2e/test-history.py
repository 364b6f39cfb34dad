#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-history.py KEEPSAKE HOMESERVER: "History" through the real window, from a locked session to old messages, with
the second account of the demo: it has rooms, and their keys in a backup."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from driver import App, click_until, enter, key, need, need_text, press, texts, until  # noqa: E402
from servers import TestHomeserver  # noqa: E402

PROGRAM, HOMESERVER = sys.argv[1:3]
DIRECTORY = tempfile.mkdtemp(prefix='keepsake-e2e.')
SERVER = TestHomeserver(HOMESERVER, '--demo')
HELP = subprocess.run([HOMESERVER, '--help'], check=True, capture_output=True, text=True).stdout
KEY = re.search(r'Security Key: ((?:\w{4} ?){12})', HELP)[1]
started = 0


class Person:
    def __init__(self):
        global started
        started += 1
        self.profile = f'{DIRECTORY}/profile{started}'
        self.app = App(PROGRAM, '--profile', self.profile, log=f'{self.profile}.log')
        self.root = self.app.root
        self.window = driver.main_window(self.root)
        need_text(self.root, 'Welcome to Keepsake')
        press(self.root, 'Sign In')
        enter(self.root, 'User ID or homeserver', SERVER.url)
        need_text(self.root, SERVER.url)
        enter(self.root, 'User name', 'bob')
        enter(self.root, 'Password', 'builder')
        press(self.root, 'Sign In')
        press(self.root, 'Verify Later')
        need_text(self.root, "This session can't open the backup yet")

    def open_history(self):
        key('alt+3')
        need_text(self.root, 'Encrypted Rooms')

    def open_room(self, name, shows):
        click_until(name, lambda: need(self.root, 'list item', name),
                    lambda: any(shows in text for text in texts(self.root)))

    def unlock(self):
        press(self.root, 'Unlock')
        dialog = until('the dialog', lambda: driver.window(self.root, besides=self.window))
        enter(dialog, 'Security Key or Phrase', KEY)
        press(dialog, 'Unlock')
        return dialog


def picture(name):
    """For whoever wants to look: into the directory PICTURES."""
    if os.environ.get('PICTURES'):
        driver.screenshot(f'{os.environ["PICTURES"]}/{name}.png')


def unreadable(root):
    """How many messages the cards that are there stand for."""
    counts = [re.match(r"(\d+|This) messages? can't be read", text) for text in texts(root)]
    return sum(1 if count[1] == 'This' else int(count[1]) for count in counts if count)


def end(person, failed):
    if failed:
        for line in person.app.read_log().splitlines()[-20:]:
            print('# ' + line)
        print('# on the screen: ' + ' | '.join(texts(person.app.root)))
    status = person.app.end()
    if not failed:
        assert status == 0, (status, person.app.read_log()[-2000:])


def test_from_a_locked_session_to_old_messages(person):
    person.open_history()
    need_text(person.root, 'Until it is unlocked, old messages stay unreadable.')
    need_text(person.root, '0 of the newest', 30)
    picture('rooms-locked')
    person.open_room('Allotment 14', "messages can't be read")
    need_text(person.root, 'Restoring from your backup may bring it.')
    picture('room-locked')
    key('alt+Left')
    dialog = person.unlock()
    need_text(dialog, 'History Restored', 60)
    press(dialog, 'Done')
    until('the dialog to close', lambda: driver.window(person.root, besides=person.window) is None)
    need_text(person.root, '50 of the newest 50 messages readable', 30)
    picture('rooms-restored')
    person.open_room('Allotment 14', 'Has anybody seen the blue watering can?')
    need_text(person.root, "don't prove who sent them")
    picture('room')

    def at_the_beginning():
        """All the way up, a page at a time."""
        if any('This is the beginning of the room' in text for text in texts(person.root)):
            return True
        key('Home')
        return False

    until('the beginning', at_the_beginning, 60)
    # On one card, or on one for each day that they are of: the messages end now, whatever the time is. The day of the
    # first one may end right after it.
    until('24 unreadable messages', lambda: unreadable(person.root) == 24)
    need_text(person.root, 'was not in your backup')
    need_text(person.root, '276 of 300 messages readable')
    picture('beginning')
    press(person.root, 'Go to the Newest Messages')
    key('alt+Left')
    need_text(person.root, 'Encrypted Rooms')
    need_text(person.root, '276 of 300 messages readable')
    picture('rooms')


def test_a_room_that_cannot_be_fetched_can_be_tried_again(person):
    person.open_history()
    need_text(person.root, 'Night shift')
    need_text(person.root, '0 of the newest', 30)
    SERVER.lie('server-errors', path='/messages', status=403)
    person.open_room('Night shift', 'No Messages Came')
    picture('failed')
    SERVER.be_honest()
    press(person.root, 'Try Again')
    need_text(person.root, "messages can't be read")


def test_keys_alone_lead_into_a_room_and_back(person):
    person.open_history()
    need_text(person.root, '0 of the newest', 30)
    until('a row to have the focus', lambda: (key('Tab'), any(
        'focused' in driver.states(node) for node in driver.walk(person.root)
        if driver.has_role(node, 'list item') and driver.name_of(node) in ('Family', 'Allotment 14', 'Night shift')))[1])
    key('Return')
    need_text(person.root, "messages can't be read")
    key('F5')
    need_text(person.root, "messages can't be read")
    key('alt+Left')
    need_text(person.root, 'Encrypted Rooms')
    # Nothing in such a room is there to have the keyboard, at first.
    SERVER.lie('server-errors', path='/messages', status=403)
    key('Return')
    need_text(person.root, 'No Messages Came')
    key('alt+Left')
    need_text(person.root, 'Encrypted Rooms')
    SERVER.be_honest()
    key('alt+1')
    need(person.root, 'list item', 'Sign Out…')


try:
    tap.run(globals(), Person, end)
finally:
    SERVER.end()

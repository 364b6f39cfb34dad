#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-keyring.py KEEPSAKE HOMESERVER none|silent|open: the app where the desktop keyring is missing, or locked with
nobody to unlock it, from the start or in the middle of a set-up. Each is a state with choices; nothing is lost."""
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from driver import App, enter, key, need, need_text, pass_offer, press, texts, until  # noqa: E402
from servers import TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
KIND = sys.argv[3]
PROFILE = os.environ['SCREEN_DIR'] + '/profile'


def start():
    return App(PROGRAM, '--profile', PROFILE, '--verbose')


def end(app, failed):
    if failed:
        print('# on the screen: ' + ' | '.join(texts(app.root)))
        for line in app.read_log().splitlines()[-20:]:
            print('# ' + line)
    status = app.end()
    assert failed or status == 0, status


def sign_in(app, user):
    SERVER.register(user, 'a long password')
    need_text(app.root, 'Welcome to Keepsake')
    press(app.root, 'Sign In')
    enter(app.root, 'User ID or homeserver', SERVER.url)
    need_text(app.root, SERVER.url)
    enter(app.root, 'User name', user)
    enter(app.root, 'Password', 'a long password')
    press(app.root, 'Sign In')
    pass_offer(app.root)


class Wizard:
    """As far as the key, which is shown."""

    def __init__(self, app):
        self.app = app
        self.window = driver.main_window(app.root)
        self.file = os.environ['SCREEN_DIR'] + f'/key-{KIND}.txt'
        press(app.root, 'Set Up')
        self.dialog = until('the wizard', lambda: driver.window(app.root, besides=self.window))
        need_text(self.dialog, 'Both work in Element')
        press(self.dialog, 'Continue')
        need_text(self.dialog, 'Save Your Security Key')

    def save(self):
        press(self.dialog, 'Save to File…')
        chooser = until('the file chooser', self.other)
        key('ctrl+a')
        driver.xdotool('type', '--delay', 0, self.file)
        press(chooser, 'Save')
        need_text(self.dialog, 'Saved and read back')

    def other(self):
        return driver.window_besides(self.app.root, self.window, self.dialog)

    def finish(self):
        press(self.dialog, 'Continue')
        need(self.dialog, 'push button', 'Done', 90)
        need_text(self.dialog, os.path.basename(self.file))
        with open(self.file) as file:
            assert len(file.read().split()) == 12


if KIND == 'none':
    def test_no_keyring_is_said_with_choices(app):
        need_text(app.root, 'No Desktop Keyring')
        need(app.root, 'push button', 'Continue Without Keyring')
        press(app.root, 'Try Again')
        need_text(app.root, 'No Desktop Keyring')

    def test_without_a_keyring_nothing_is_kept(app):
        press(app.root, 'Continue Without Keyring')
        sign_in(app, 'alone')
        app.end()
        kept = [path for path in Path(PROFILE).rglob('*') if path.is_file() and b'alone' in path.read_bytes()]
        assert not kept, kept
        again = start()
        try:
            need_text(again.root, 'No Desktop Keyring')
        finally:
            again.end()

    def test_set_up_without_a_keyring_ends_with_the_key_in_its_file(app):
        press(app.root, 'Continue Without Keyring')
        sign_in(app, 'careful')
        wizard = Wizard(app)
        need_text(wizard.dialog, 'Nothing is kept on this computer')
        wizard.save()
        wizard.finish()
elif KIND == 'open':
    def test_keyring_that_gets_locked_does_not_stop_a_set_up(app):
        """Nobody answers the prompt: the keyring denies it. The person has the key, and is told the truth."""
        sign_in(app, 'unlucky')
        wizard = Wizard(app)
        wizard.save()
        subprocess.run(['gdbus', 'call', '--session', '--dest', 'org.freedesktop.secrets', '--object-path',
                        '/org/freedesktop/secrets', '--method', 'org.freedesktop.Secret.Service.Lock',
                        "['/org/freedesktop/secrets/aliases/default']"], check=True, capture_output=True)
        wizard.finish()
        need_text(wizard.dialog, "It didn't take the Security Key; you have it all the same")
        found = subprocess.run(['secret-tool', 'search', '--all', 'user', '@unlucky:localhost'], capture_output=True,
                               text=True).stdout
        assert 'secret = Es' not in found, 'it is in the keyring all the same'
else:
    def test_locked_keyring_is_said_at_once_with_choices(app):
        need_text(app.root, 'Keyring Is Locked')
        need(app.root, 'push button', 'Unlock')
        need(app.root, 'push button', 'Continue Without Keyring')

    def test_a_prompt_that_nobody_answers_does_not_block_the_window(app):
        need_text(app.root, 'Keyring Is Locked')
        press(app.root, 'Unlock')
        # Dismissed by the prompter that has no display, or not answered in time: never still "Locked".
        until('a state', lambda: any("Doesn't Answer" in text or 'Stayed Locked' in text for text in texts(app.root)),
              60)
        need(app.root, 'push button', 'Try Again')


try:
    tap.run(globals(), start, end)
finally:
    SERVER.end()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-keyring.py KEEPSAKE HOMESERVER none|silent: the app where the desktop keyring is missing, or locked with
nobody to unlock it. Each is a state with choices; nothing is lost."""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from driver import App, enter, need, need_text, pass_offer, press, texts, until  # noqa: E402
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


if KIND == 'none':
    def test_no_keyring_is_said_with_choices(app):
        need_text(app.root, 'No Desktop Keyring')
        need(app.root, 'push button', 'Continue Without Keyring')
        press(app.root, 'Try Again')
        need_text(app.root, 'No Desktop Keyring')

    def test_without_a_keyring_nothing_is_kept(app):
        SERVER.register('alone', 'a long password')
        press(app.root, 'Continue Without Keyring')
        need_text(app.root, 'Welcome to Keepsake')
        press(app.root, 'Sign In')
        enter(app.root, 'User ID or homeserver', SERVER.url)
        need_text(app.root, SERVER.url)
        enter(app.root, 'User name', 'alone')
        enter(app.root, 'Password', 'a long password')
        press(app.root, 'Sign In')
        pass_offer(app.root)
        app.end()
        kept = [path for path in Path(PROFILE).rglob('*') if path.is_file() and b'alone' in path.read_bytes()]
        assert not kept, kept
        again = start()
        try:
            need_text(again.root, 'No Desktop Keyring')
        finally:
            again.end()
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

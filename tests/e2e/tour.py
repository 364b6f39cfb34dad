#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tour.py NAME BUILD OUTPUT: one walk through the app, from the first start through setting up Secure Backup to the
signed-in window and out again; then, as somebody who has reinstalled, through unlocking, restoring and the history that
can be read by that. With a picture of each page. Everything is found by the names that a screen reader says."""
import gettext
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
from driver import act, enter, gone, key, need, need_text, press, screenshot, until  # noqa: E402
from servers import TestHomeserver, free_port  # noqa: E402

PHRASE = 'brass otter lantern quietly'
NUMBER = {'light': 1, 'dark': 2, 'narrow': 3, 'large-text': 4, 'right-to-left': 5, 'chinese': 6}


class Walk:
    def __init__(self, name, build, output):
        self.name = name
        self.root = build / 'root'
        self.output = output
        self.server_program = build / 'tests/homeserver/keepsake-test-homeserver'
        self.pictures = 0
        languages = ['zh_CN'] if name == 'chinese' else []
        self._ = gettext.translation('keepsake', self.root / 'share/locale', languages, fallback=not languages).gettext

    def word(self, english):
        """What a screen reader says for it in the language of this walk: "登录(S)" for "登录(_S)"."""
        for text in [english[:i] + '_' + english[i:] for i in range(len(english))] + [english]:
            translated = self._(text)
            if translated != text:
                return translated.replace('_', '')
        return english

    def picture(self, what):
        self.pictures += 1
        name = f'{NUMBER[self.name]}{self.pictures:02}-{self.name}-{what}.png'
        screenshot(str(self.output / name))
        print(f'  {name}')

    def start(self):
        size = os.environ.get('WINDOW_SIZE')
        if size:
            driver.remember_window_size(size)
        env = {'GSETTINGS_BACKEND': 'keyfile',
               'XDG_DATA_DIRS': f'{self.root}/share:/usr/local/share:/usr/share'}
        self.app = driver.App(str(self.root / 'bin/keepsake'), '--profile', os.environ['SCREEN_DIR'] + '/profile',
                              env=env)
        self.window = until('the window', lambda: driver.window(self.app.root))

    def press(self, english):
        press(self.app.root, self.word(english))

    def enter(self, english, text):
        enter(self.app.root, self.word(english), text)

    def sign_in(self, server):
        self.press('Sign In')
        need(self.app.root, 'text', self.word('Password'))
        self.picture('sign-in')
        if self.name == 'light':
            self.enter('User ID or homeserver', '@alice:127.0.0.1:1')
            need_text(self.app.root, self.word('Not found'))
            self.picture('sign-in-no-such-server')
        self.enter('User ID or homeserver', '@alice:' + server.url.split('//')[1])
        need_text(self.app.root, server.url)
        if self.name == 'light':
            self.enter('Password', 'not the password')
            self.press('Sign In')
            need_text(self.app.root, 'Wrong user name or password')
            self.picture('sign-in-wrong-password')
        self.enter('Password', 'wonderland')
        self.picture('sign-in-ready')
        self.press('Sign In')
        need_text(self.app.root, self.word('Protect Your Messages'))
        self.picture('protect')
        self.press('Later')

    def set_up(self):
        """Through the wizard, with a phrase."""
        root = self.app.root
        need_text(root, self.word('Off'))
        self.picture('security-off')
        self.press('Set Up')
        dialog = until('the wizard', lambda: driver.window(root, besides=self.window))
        need_text(dialog, self.word('Both work in Element and every other Matrix app.'))
        self.picture('set-up-choice')
        phrase = self.word('Enter a Security Phrase')
        driver.click_until('the phrase to be chosen', lambda: need(dialog, 'list item', phrase),
                           lambda: 'checked' in driver.states(need(dialog, 'check box', phrase)))
        press(dialog, self.word('Continue'))
        need_text(dialog, self.word('Words that only you know. Not your account password.'))
        enter(dialog, self.word('Security Phrase'), 'wonderland1')
        self.picture('set-up-phrase-weak')
        enter(dialog, self.word('Security Phrase'), PHRASE)
        need_text(dialog, self.word('Strong'))
        self.picture('set-up-phrase')
        press(dialog, self.word('Continue'))
        need_text(dialog, self.word('Confirm Security Phrase'))
        enter(dialog, self.word('Security Phrase'), PHRASE)
        self.picture('set-up-confirm')
        press(dialog, self.word('Continue'))
        need(dialog, 'push button', self.word('Save to File…'), 60)
        need_text(dialog, self.word('Save Your Security Key'))
        self.picture('set-up-save-key')
        self.save_key(dialog)
        self.picture('set-up-key-saved')
        press(dialog, self.word('Continue'))
        need(dialog, 'push button', self.word('Done'), 60)
        self.picture('set-up-done')
        press(dialog, self.word('Done'))
        until('the wizard to close', lambda: not driver.window(root, besides=self.window))

    def save_key(self, dialog):
        """Through GTK's own file chooser, which stands beside the two windows."""
        def chooser():
            return driver.window_besides(self.app.root, self.window, dialog)
        press(dialog, self.word('Save to File…'))
        until('the file chooser', chooser)
        key('ctrl+a')
        driver.xdotool('type', '--delay', 0, os.environ['SCREEN_DIR'] + '/security-key.txt')
        key('Return')
        until('the file chooser to close', lambda: chooser() is None)
        need_text(dialog, 'security-key.txt')

    def look_at_key(self):
        self.press('Show')
        dialog = until('the key', lambda: driver.window(self.app.root, besides=self.window))
        need_text(dialog, self.word('Your Security Key'))
        self.picture('security-key')
        press(dialog, self.word('Close'))
        until('the key to be gone', lambda: not driver.window(self.app.root, besides=self.window))

    def look_around(self):
        root = self.app.root
        need_text(root, self.word('On, but Nothing Is in It Yet'))
        need(root, 'push button', self.word('Show'))
        self.picture('security')
        self.look_at_key()
        # The page is longer than the window.
        driver.xdotool('mousemove', 300, 400, 'click', '--repeat', 15, 5)
        self.picture('security-below')
        act(self.window, 'win.back') if self.name == 'narrow' else None
        if self.name == 'narrow':
            need(root, 'list item', self.word('Account'))
            self.picture('sidebar')
        key('alt+1')
        need(root, 'list item', self.word('Sign Out…'))
        self.picture('account')
        if self.name in ('light', 'dark', 'chinese'):
            key('ctrl+question')
            # Of no certain role: GTK 4.18 tells it as a panel.
            until('the shortcuts', lambda: driver.window_besides(root, self.window))
            self.picture('shortcuts')
            key('Escape')
            until('the shortcuts to close', lambda: not driver.window_besides(root, self.window))
            act(self.window, 'app.about') if 'app.about' in self.window.actions() else None
        driver.click(need(root, 'list item', self.word('Sign Out…')))
        dialog = until('the question', lambda: driver.window(root, besides=self.window))
        self.picture('sign-out')
        press(dialog, self.word('Sign Out'))
        need_text(root, self.word('Welcome to Keepsake'))


    # Who has reinstalled.

    def sign_in_anew(self, server):
        # The page behind has a button of that name too, and was shown before.
        until('the first page', lambda: 'win.sign-in' in self.window.actions())
        act(self.window, 'win.sign-in')
        self.enter('User ID or homeserver', '@bob:' + server.url.split('//')[1])
        need_text(self.app.root, server.url)
        self.enter('Password', 'builder')
        self.press('Sign In')
        need_text(self.app.root, self.word('Verify This Session'))
        self.picture('verify')

    def restore(self):
        root = self.app.root
        row = self.word('Use Security Key or Phrase')
        dialog = driver.click_until('the dialog', lambda: need(root, 'list item', row),
                                    lambda: driver.window(root, besides=self.window))
        need_text(dialog, self.word('Unlock Secure Backup'))
        self.picture('unlock')
        enter(dialog, self.word('Security Key or Phrase'), self.demo_key())
        need_text(dialog, self.word('This is a Security Key'))
        self.picture('unlock-key')
        press(dialog, self.word('Unlock'))
        need_text(dialog, self.word('History Restored'), 60)
        self.picture('restored')
        press(dialog, self.word('Done'))
        until('the dialog to close', lambda: not driver.window(root, besides=self.window))
        gone(root, 'push button', self.word('Unlock'))
        self.picture('security-restored')

    def read(self):
        """What can be read again, and what cannot."""
        root = self.app.root
        key('alt+3')
        need_text(root, self.word('Encrypted Rooms'))
        until('the rooms', lambda: sum('50' in text for text in driver.texts(root)) >= 3, 60)
        self.picture('history')
        # Its name is in the list, and then in the header: of GTK 4.8 in both, of later versions there alone.
        room = 'Allotment 14'
        driver.click_until('the room', lambda: need(root, 'list item', room),
                           lambda: driver.texts(root).count(room) > 1 or not driver.find(root, 'list item', room))
        until('messages', lambda: any(text.startswith('Carol') or text == 'carol' for text in driver.texts(root)), 30)
        self.picture('timeline')

    def demo_key(self):
        """As the demo's homeserver tells it."""
        told = subprocess.run([self.server_program, '--help'], check=True, capture_output=True, text=True).stdout
        return re.search(r'Security Key: (.*)', told)[1]


def main():
    walk = Walk(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    port = free_port()
    with TestHomeserver(walk.server_program, '--port', port, '--server-name', f'127.0.0.1:{port}', '--demo') as server:
        walk.start()
        need_text(walk.app.root, walk.word('Welcome to Keepsake'))
        walk.picture('welcome')
        walk.sign_in(server)
        walk.set_up()
        walk.look_around()
        walk.sign_in_anew(server)
        walk.restore()
        walk.read()
        status = walk.app.end()
        sys.stderr.write(walk.app.read_log()) if status else None
        print(f'  {walk.pictures} pictures; signed in and out at {server.url}; the app ended with {status}')


main()

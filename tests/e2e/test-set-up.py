#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-set-up.py KEEPSAKE HOMESERVER|synapse: the wizard "Set Up Secure Backup" through the real window, with a real
keyring. What is in the key's file and in the keyring is looked at from outside; on Synapse, Element's engine opens
what the window has set up."""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from driver import App, act, enter, find, gone, key, need, need_text, press, texts, until  # noqa: E402
from notices import Notices  # noqa: E402
from servers import TESTS, FaultProxy, Synapse, TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
REAL = sys.argv[2] == 'synapse'
DIRECTORY = tempfile.mkdtemp(prefix='keepsake-e2e.')
SERVER = Synapse(DIRECTORY + '/synapse') if REAL else TestHomeserver(sys.argv[2])
PASSWORD = 'canary-password-7431'
PHRASE = 'brass otter lantern quietly'
KEY = re.compile(r'^Es[1-9A-HJ-NP-Za-km-z]{2}( [1-9A-HJ-NP-Za-km-z]{4}){11}$')
started = 0


class Person:
    """A user without Secure Backup, signed in, with a profile of its own."""

    def __init__(self):
        global started
        started += 1
        self.user = f'user{started}'
        if not REAL:
            SERVER.be_honest()
        SERVER.register(self.user, PASSWORD)
        self.profile = f'{DIRECTORY}/profile{started}'
        self.file = f'{DIRECTORY}/key{started}.txt'
        self.dialog = None
        self.start()

    def start(self):
        self.app = App(PROGRAM, '--profile', self.profile, log=f'{self.profile}.log', env={'G_MESSAGES_DEBUG': 'all'})
        self.root = self.app.root

    def send_password(self, homeserver=SERVER.url):
        need_text(self.root, 'Welcome to Keepsake')
        press(self.root, 'Sign In')
        enter(self.root, 'User ID or homeserver', homeserver)
        need_text(self.root, homeserver)
        enter(self.root, 'User name', self.user)
        enter(self.root, 'Password', PASSWORD)
        press(self.root, 'Sign In')
        self.window = driver.main_window(self.root)

    def sign_in(self, homeserver=SERVER.url):
        self.send_password(homeserver)
        driver.pass_offer(self.root)

    def open(self):
        if not find(self.root, 'push button', 'Set Up'):
            self.sign_in()
        self.begin('Set Up')

    def begin(self, button):
        press(self.root, button)
        self.dialog = until('the wizard', lambda: driver.window(self.root, besides=self.window))
        need_text(self.dialog, 'Set Up Secure Backup')

    def is_on(self, title):
        """By the wizard's title: the words of pages that were shown before stay in the tree of GTK 4.8."""
        until(f'the page "{title}"', lambda: self.dialog.look().name == title)

    def go_on(self):
        press(self.dialog, 'Continue')

    def generate(self):
        self.open()
        self.go_on()
        self.is_on('Save Your Security Key')
        return self.key_shown()

    def choose(self, name):
        driver.click_until('it to be chosen', lambda: need(self.dialog, 'list item', name),
                           lambda: 'checked' in driver.states(need(self.dialog, 'check box', name)))

    def choose_phrase(self):
        self.open()
        self.choose('Enter a Security Phrase')
        self.go_on()
        self.is_on('Security Phrase')

    def key_shown(self):
        return until('the key', lambda: next((text for text in texts(self.dialog) if KEY.match(text)), None))

    def save(self, path):
        """Through GTK's own file chooser."""
        self.choose_file(self.dialog, path)

    def choose_file(self, root, path):
        press(root, 'Save to File…')
        chooser = until('the file chooser', self.other)
        key('ctrl+a')
        # Its entry tells the accessibility bus nothing; it has the focus.
        driver.xdotool('type', '--delay', 0, path)
        press(chooser, 'Save')
        until('the file chooser to close', lambda: self.other() is None)

    def other(self):
        """A window on the screen besides the app's and the wizard's."""
        return driver.window_besides(self.root, self.window, self.dialog)

    def keyring_has(self, key_text):
        found = subprocess.run(['secret-tool', 'search', '--all', 'user', f'@{self.user}:localhost'],
                               capture_output=True, text=True)
        return key_text.strip().replace(' ', '') in found.stdout.replace(' ', '')

    def finish(self):
        need(self.dialog, 'push button', 'Done', 60)

    def close_asks(self):
        key('Escape')
        return until('the question', self.other)


def picture(name):
    """For whoever wants to look: into the directory PICTURES."""
    if os.environ.get('PICTURES'):
        driver.screenshot(f'{os.environ["PICTURES"]}/{name}.png')


def entered(person, name):
    return need(person.dialog, 'text', name).character_count()


def is_sensitive(person, name):
    return 'sensitive' in driver.states(need(person.dialog, 'push button', name))


def end(person, failed):
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


def test_a_generated_key_goes_into_a_file_and_the_keyring(person):
    shown = person.generate()
    assert not is_sensitive(person, 'Continue')
    person.save(person.file)
    need_text(person.dialog, f'Saved and read back: {os.path.basename(person.file)}')
    with open(person.file) as file:
        content = file.read()
    assert content == shown + '\n' and len(content) == 60, content
    assert os.stat(person.file).st_mode & 0o777 == 0o600
    person.go_on()
    person.finish()
    need_text(person.dialog, 'Nothing Is in It Yet')
    need_text(person.dialog, os.path.basename(person.file))
    need_text(person.dialog, 'In the desktop keyring')
    assert person.keyring_has(shown)
    press(person.dialog, 'Done')
    gone(person.root, 'push button', 'Set Up')


def test_the_first_sign_in_leads_to_a_set_up(person):
    person.send_password()
    need_text(person.root, 'Protect Your Messages')
    picture('protect')
    person.begin('Set Up Secure Backup')
    person.go_on()
    person.is_on('Save Your Security Key')
    person.save(person.file)
    person.go_on()
    person.finish()
    press(person.dialog, 'Done')
    need_text(person.root, 'On, but Nothing Is in It Yet')
    person.app.end()
    person.start()
    need_text(person.root, 'On, but Nothing Is in It Yet')
    need_text(person.root, 'Kept in the desktop keyring, and saved to ' + os.path.basename(person.file))
    assert not find(person.root, 'push button', 'Later')


def test_the_kept_key_can_be_had_again(person):
    """From the keyring, where it was put at the set-up: shown, and saved to another file."""
    shown = person.generate()
    person.save(person.file)
    person.go_on()
    person.finish()
    press(person.dialog, 'Done')
    until('the wizard to close', lambda: not driver.window(person.root, besides=person.window))
    person.dialog = None
    press(person.root, 'Show')
    dialog = until('the key', lambda: driver.window(person.root, besides=person.window))
    need_text(dialog, 'Your Security Key')
    assert shown in texts(dialog), texts(dialog)
    picture('show-key')
    press(dialog, 'Close')
    until('the key to be gone', lambda: not driver.window(person.root, besides=person.window))
    assert shown not in texts(person.root)
    again = person.file + '.again'
    person.choose_file(person.root, again)
    until('the file', lambda: os.path.exists(again) and Path(again).read_text() == shown + '\n')


def test_a_phrase_must_be_strong_and_confirmed(person):
    person.choose_phrase()
    enter(person.dialog, 'Security Phrase', 'sunshine1')
    need_text(person.dialog, 'Weak')
    assert not is_sensitive(person, 'Continue')
    enter(person.dialog, 'Security Phrase', PHRASE)
    need_text(person.dialog, 'Strong')
    person.go_on()
    person.is_on('Confirm Security Phrase')
    enter(person.dialog, 'Security Phrase', PHRASE + 'x')
    assert not is_sensitive(person, 'Continue')
    key('Return')
    need_text(person.dialog, 'The phrases differ')
    enter(person.dialog, 'Security Phrase', PHRASE)
    need_text(person.dialog, 'The phrases match')
    person.go_on()
    person.is_on('Save Your Security Key')
    need_text(person.dialog, 'It opens Secure Backup, as your phrase does.')
    picture('save-key-beside-phrase')
    person.save(person.file)
    need_text(person.dialog, 'Saved and read back')
    person.go_on()
    need_text(person.dialog, 'Opens it too; it is written nowhere', 60)
    picture('done-with-phrase')
    person.finish()


def test_a_set_up_that_was_killed_goes_on_by_itself(person):
    """The person has answered everything: the next start asks nothing, and finishes."""
    with FaultProxy(SERVER.url) as proxy:
        person.sign_in(proxy.url)
        person.generate()
        person.save(person.file)
        proxy.rule(path='room_keys/version$', method='POST', action='kill', pid=person.app.process.pid, at='response')
        person.go_on()
        person.app.process.wait(30)
        before = Path(person.file).read_text()
        person.start()
        need_text(person.root, 'On, but Nothing Is in It Yet', 30)
        assert Path(person.file).read_text() == before
        assert person.keyring_has(before)


if REAL:
    def element(person, verb, *how):
        """A verb of Element's engine in a session of its own for each way of opening."""
        done = subprocess.run([TESTS / 'interop/peer-run', verb, '--hs', SERVER.url, '--user', person.user, '--password',
                               PASSWORD, '--state', f'{person.profile}-{how[0]}.element', *how],
                              capture_output=True, text=True, timeout=180)
        answer = json.loads(done.stdout.splitlines()[-1])
        assert answer['ok'], answer
        return answer

    def test_element_opens_what_the_window_set_up_with_a_phrase(person):
        person.choose_phrase()
        enter(person.dialog, 'Security Phrase', PHRASE)
        person.go_on()
        person.is_on('Confirm Security Phrase')
        enter(person.dialog, 'Security Phrase', PHRASE)
        person.go_on()
        shown = person.key_shown()
        person.save(person.file)
        person.go_on()
        person.finish()
        for how in (('--passphrase', PHRASE), ('--recovery-key', shown)):
            element(person, 'restore', *how)
            status = element(person, 'status', *how)
            assert status['secret_storage_ready'] and status['cross_signing_ready'], status
            assert status['backup_trust'] == {'matchesDecryptionKey': True, 'trusted': True}, status
            assert any(d['verified'] and d['signed_by_owner'] and (d['name'] or '').startswith('Keepsake')
                       for d in status['devices']), status
else:
    def test_a_copied_key_must_be_given_back(person):
        shown = person.generate()
        press(person.dialog, 'Copy')
        paste = need(person.dialog, 'text', 'Paste or type the key here')
        assert not is_sensitive(person, 'Continue')
        # It has the focus; what the app has copied itself is no proof.
        key('ctrl+v')
        need_text(person.dialog, 'Keepsake has copied itself')
        assert not is_sensitive(person, 'Continue') and not paste.character_count()
        swapped = shown[:10] + shown[11] + shown[10] + shown[12:] if shown[10] != shown[11] else shown[::-1]
        paste.set_text(swapped)
        need_text(person.dialog, 'not the key above')
        assert not is_sensitive(person, 'Continue')
        paste.set_text(shown[:-1] + '0')
        need_text(person.dialog, 'Group 12')
        paste.set_text('  ' + shown.replace(' ', '') + '\n')
        need_text(person.dialog, 'Complete')
        person.go_on()
        person.finish()
        need_text(person.dialog, 'where you copied it to')

    def test_who_is_asked_for_proof_can_mistype_it(person):
        """Where the homeserver wants the password once more: nothing is made anew for that."""
        SERVER.lie('always-authenticates')
        shown = person.generate()
        person.save(person.file)
        person.go_on()
        person.is_on("Confirm It's You")
        picture('identify')
        enter(person.dialog, 'Password', PASSWORD + 'x')
        person.go_on()
        need_text(person.dialog, 'Wrong password')
        enter(person.dialog, 'Password', PASSWORD)
        person.go_on()
        person.finish()
        assert Path(person.file).read_text() == shown + '\n'
        assert person.keyring_has(shown)

    def test_the_end_of_one_in_the_background_is_told(person):
        notices = Notices()
        with FaultProxy(SERVER.url) as proxy:
            person.sign_in(proxy.url)
            person.generate()
            person.save(person.file)
            proxy.rule(path='room_keys/version$', method='POST', action='hold')
            person.go_on()
            press(person.dialog, 'Continue in the Background')
            until('the wizard to close', lambda: driver.window(person.root, besides=person.window) is None)
            need_text(person.root, 'Setting Up Secure Backup')
            proxy.be_honest()
            need_text(person.root, 'On, but Nothing Is in It Yet', 60)
            assert 'other sessions' in notices.need('Secure Backup Is On, but Nothing Is in It Yet')

    def test_back_goes_to_the_choice_and_forgets_the_phrase(person):
        person.choose_phrase()
        enter(person.dialog, 'Security Phrase', PHRASE)
        person.go_on()
        person.is_on('Confirm Security Phrase')
        press(person.dialog, 'Back')
        person.is_on('Security Phrase')
        press(person.dialog, 'Back')
        person.is_on('Set Up Secure Backup')
        person.go_on()
        person.is_on('Security Phrase')
        assert entered(person, 'Security Phrase') == 0
        press(person.dialog, 'Back')
        person.choose('Generate a Security Key')
        person.go_on()
        person.is_on('Save Your Security Key')
        press(person.dialog, 'Back')
        person.is_on('Set Up Secure Backup')

    def test_closing_asks_only_when_a_key_would_be_lost(person):
        person.open()
        key('Escape')
        until('the wizard to close', lambda: driver.window(person.root, besides=person.window) is None)
        person.generate()
        question = person.close_asks()
        need_text(question, 'Stop Setting Up?')
        press(question, 'Go On Setting Up')
        until('the question to close', lambda: person.other() is None)
        person.key_shown()
        press(person.close_asks(), 'Stop')
        until('the wizard to close', lambda: driver.window(person.root, besides=person.window) is None)

    def test_password_is_no_phrase(person):
        person.choose_phrase()
        enter(person.dialog, 'Security Phrase', PASSWORD)
        need_text(person.dialog, 'This is your account password')
        assert not is_sensitive(person, 'Continue')

    def test_places_where_nothing_can_be_saved_are_said(person):
        person.generate()
        person.save('/proc/key.txt')
        need_text(person.dialog, 'Choose another one')
        assert not is_sensitive(person, 'Continue')
        person.save(person.file)
        need_text(person.dialog, 'Saved and read back')
        # A second place that fails takes nothing from the first.
        person.save('/proc/key.txt')
        need_text(person.dialog, 'Choose another one')
        need_text(person.dialog, f'Saved and read back: {os.path.basename(person.file)}')
        person.go_on()
        person.finish()
        press(person.dialog, 'Done')
        need_text(person.root, 'saved to ' + os.path.basename(person.file))


try:
    tap.run(globals(), Person, end)
finally:
    SERVER.end()

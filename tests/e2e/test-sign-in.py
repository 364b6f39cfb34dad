#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-sign-in.py KEEPSAKE HOMESERVER|synapse: signing in and out through the real window, with a real keyring. The
same on the test homeserver and on a real Synapse; what only a lying homeserver shows, on the test homeserver alone."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import driver  # noqa: E402
import tap  # noqa: E402
from driver import App, click, enter, key, need, need_text, pass_offer, press, texts, until  # noqa: E402
from servers import FaultProxy, Synapse, TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
REAL = sys.argv[2] == 'synapse'
DIRECTORY = tempfile.mkdtemp(prefix='keepsake-e2e.')
SERVER = Synapse(DIRECTORY + '/synapse') if REAL else TestHomeserver(sys.argv[2])
PASSWORD = 'canary-password-7431'
started = 0


class Person:
    """A user on the homeserver, with a profile of its own on this computer."""

    def __init__(self):
        global started
        started += 1
        self.user = f'user{started}'
        if not REAL:
            SERVER.be_honest()
        SERVER.register(self.user, PASSWORD)
        self.profile = f'{DIRECTORY}/profile{started}'
        self.app = None

    def start(self, *arguments):
        self.app = App(PROGRAM, '--profile', self.profile, *arguments, log=f'{self.profile}.log',
                       env={'G_MESSAGES_DEBUG': 'all'})
        return self.app.root

    def fill_in(self, password=PASSWORD, homeserver=SERVER.url):
        root = self.app.root
        need_text(root, 'Welcome to Keepsake')
        press(root, 'Sign In')
        enter(root, 'User ID or homeserver', homeserver)
        need_text(root, homeserver)
        enter(root, 'User name', self.user)
        enter(root, 'Password', password)

    def sign_in(self):
        self.fill_in()
        press(self.app.root, 'Sign In')
        pass_offer(self.app.root)

    def sessions(self):
        """The user's sessions, as the server lists them."""
        body = {'type': 'm.login.password', 'password': PASSWORD, 'device_id': 'OBSERVER',
                'identifier': {'type': 'm.id.user', 'user': self.user}}
        token = call('POST', '/login', body)['access_token']
        devices = call('GET', '/devices', token=token)['devices']
        return {device['device_id']: device.get('display_name') for device in devices}


def call(method, path, body=None, token=None):
    headers = {'Content-Type': 'application/json', **({'Authorization': 'Bearer ' + token} if token else {})}
    request = urllib.request.Request(SERVER.url + '/_matrix/client/v3' + path, method=method, headers=headers,
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def picture(name):
    """For whoever wants to look: into the directory PICTURES."""
    if os.environ.get('PICTURES'):
        driver.screenshot(f'{os.environ["PICTURES"]}/{name}.png')


def start_over(root):
    window = driver.main_window(root)
    press(root, 'Start Over…')
    dialog = until('the question', lambda: driver.window(root, besides=window))
    need_text(dialog, 'set aside, not deleted')
    picture('start-over')
    press(dialog, 'Start Over')
    need_text(root, 'Welcome to Keepsake')


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
        assert PASSWORD not in log and 'syt_' not in log, 'a secret is in the log'


def test_sign_in_shows_the_account(person):
    root = person.start()
    person.sign_in()
    key('alt+1')
    need_text(root, f'@{person.user}:localhost')
    need_text(root, SERVER.url)
    session = next(name for name in person.sessions().values() if name and name.startswith('Keepsake on '))
    need_text(root, session)


def ask_to_sign_out(root, window):
    return driver.click_until('the question', lambda: need(root, 'list item', 'Sign Out…'),
                              lambda: driver.window(root, besides=window))


def test_signing_out_ends_the_session_on_the_server(person):
    root = person.start()
    person.sign_in()
    assert any(name and name.startswith('Keepsake') for name in person.sessions().values())
    key('alt+1')
    window = driver.main_window(root)
    dialog = ask_to_sign_out(root, window)
    need_text(dialog, 'nothing is lost')
    press(dialog, 'Cancel')
    until('the question to go', lambda: not driver.window(root, besides=window))
    press(ask_to_sign_out(root, window), 'Sign Out')
    need_text(root, 'Welcome to Keepsake')
    until('the session to be gone', lambda: not any(name and name.startswith('Keepsake')
                                                    for name in person.sessions().values()))


def test_still_signed_in_after_a_kill(person):
    person.start()
    person.sign_in()
    os.kill(person.app.process.pid, signal.SIGKILL)
    person.app.process.wait()
    before = person.sessions()
    root = person.start()
    need_text(root, 'Off')
    assert person.sessions() == before


def test_wrong_password_is_said_and_can_be_mended(person):
    root = person.start()
    person.fill_in('not the password')
    press(root, 'Sign In')
    need_text(root, 'Wrong user name or password')
    enter(root, 'Password', PASSWORD)
    press(root, 'Sign In')
    pass_offer(root)


def test_a_name_without_its_server_is_not_looked_up(person):
    root = person.start()
    need_text(root, 'Welcome to Keepsake')
    press(root, 'Sign In')
    enter(root, 'User ID or homeserver', 'alice')
    key('Return')
    need_text(root, 'Add your homeserver to the name, as in @alice:example.org.')
    picture('no-server')
    enter(root, 'User ID or homeserver', SERVER.url)
    need_text(root, SERVER.url)


def test_whoever_starts_it_again_gets_the_same_window(person):
    person.app = App(PROGRAM, log=f'{person.profile}.log')
    need_text(person.app.root, 'Welcome to Keepsake')
    second = subprocess.run([PROGRAM], timeout=20, capture_output=True, text=True)
    assert second.returncode == 0, second
    assert person.app.process.poll() is None
    assert driver.window(person.app.root, besides=driver.window(person.app.root)) is None


def test_limit_on_the_size_of_files_does_not_end_it(person):
    """A file that may not grow further sends a signal, whose default is the end of the process."""
    person.start()
    status = Path(f'/proc/{person.app.process.pid}/status').read_text()
    ignored = int(next(line.split()[1] for line in status.splitlines() if line.startswith('SigIgn')), 16)
    assert ignored >> (signal.SIGXFSZ - 1) & 1, status


def test_escape_from_sign_in_forgets_the_password(person):
    root = person.start()
    person.fill_in()
    entry = need(root, 'text', 'Password')
    press(root, 'Back')
    until('the password to be forgotten', lambda: entry.character_count() == 0)
    driver.act(driver.main_window(root), 'win.sign-in')
    assert need(root, 'text', 'Password').character_count() == 0


if not REAL:
    def test_no_password_is_sent_before_the_homeserver_is_shown(person):
        root = person.start()
        SERVER.lie('html-answers')
        SERVER.control('DELETE', '/_keepsake/requests')
        need_text(root, 'Welcome to Keepsake')
        press(root, 'Sign In')
        enter(root, 'User ID or homeserver', SERVER.url)
        enter(root, 'Password', PASSWORD)
        need_text(root, "isn't a Matrix homeserver")
        button = need(root, 'push button', 'Sign In')
        assert 'sensitive' not in driver.states(button)
        SERVER.be_honest()
        requests = SERVER.control('GET', '/_keepsake/requests')['requests']
        asked = [r for r in requests if r['method'] == 'POST' and r['path'].endswith('/login')]
        assert not asked, asked

    def test_no_password_is_sent_while_another_homeserver_is_entered(person):
        root = person.start()
        person.fill_in()
        press(root, 'Edit Homeserver')
        enter(root, 'Homeserver', 'https://other.example.org')
        button = need(root, 'push button', 'Sign In')
        until('the button to be insensitive', lambda: 'sensitive' not in driver.states(button))
        # Enter in the password takes the address, and sends nothing.
        SERVER.control('DELETE', '/_keepsake/requests')
        click(need(root, 'text', 'Password'))
        key('Return')
        need(root, 'push button', 'Edit Homeserver')
        until('it to be looked for', lambda: any('other.example.org' in text for text in texts(root)))
        assert 'sensitive' not in driver.states(button)
        posts = [r for r in SERVER.control('GET', '/_keepsake/requests')['requests'] if r['method'] == 'POST']
        assert not posts, posts

    def test_words_of_a_server_are_words(person):
        """Markup, lines without end and turned directions in names: shown as they are, and the page stays usable."""
        name = '<b>&amp; \u202eevil</b>' + 'long ' * 4000 + '\n' * 500
        root = person.start()
        with FaultProxy(SERVER.url) as proxy:
            proxy.rule(path='displayname$', action='answer', times=0, body=json.dumps({'displayname': name}))
            proxy.rule(path='/devices/', action='answer', times=0,
                       body=json.dumps({'device_id': 'D', 'display_name': name}))
            person.fill_in(homeserver=proxy.url)
            press(root, 'Sign In')
            pass_offer(root)
            key('alt+1')
            need_text(root, '<b>&amp;')
            row = need(root, 'list item', 'Sign Out…')
            assert driver.extents(row)[1] < 1500, driver.extents(row)
        assert 'markup' not in person.app.read_log().lower()

    def test_enter_before_the_homeserver_is_known_sends_nothing(person):
        with FaultProxy(SERVER.url) as proxy:
            proxy.rule(path='well-known', delay=12)
            root = person.start()
            need_text(root, 'Welcome to Keepsake')
            press(root, 'Sign In')
            # The name last, so that as little as possible stands between it and Enter.
            enter(root, 'Password', PASSWORD)
            click(need(root, 'text', 'Password'))
            SERVER.control('DELETE', '/_keepsake/requests')
            enter(root, 'User ID or homeserver', f'@{person.user}:' + proxy.url.split('//')[1])
            key('Return')
            need_text(root, SERVER.url, 40)  # where the .well-known of the name leads
            button = need(root, 'push button', 'Sign In')
            until('the button to be sensitive', lambda: 'sensitive' in driver.states(button))
            requests = SERVER.control('GET', '/_keepsake/requests')['requests']
            assert not [r for r in requests if r['method'] == 'POST'], requests
            key('Return')
            until('the password to be sent', lambda: any(
                r['method'] == 'POST' for r in SERVER.control('GET', '/_keepsake/requests')['requests']))

    def test_waiting_for_one_homeserver_keeps_nobody_from_another(person):
        with FaultProxy(SERVER.url) as proxy:
            proxy.rule(path='/login$', method='POST', action='answer', status=429, headers={'Retry-After': '3000'})
            root = person.start()
            person.fill_in(homeserver=proxy.url)
            press(root, 'Sign In')
            need_text(root, 'asks you to wait')
            enter(root, 'User ID or homeserver', SERVER.url)
            need_text(root, SERVER.url)
            press(root, 'Sign In')
            pass_offer(root)

    def test_name_with_an_at_sign_beside_an_own_address(person):
        root = person.start()
        need_text(root, 'Welcome to Keepsake')
        press(root, 'Sign In')
        enter(root, 'User ID or homeserver', f'@{person.user}')
        press(root, 'Edit Homeserver')
        enter(root, 'Homeserver', SERVER.url)
        click(need(root, 'text', 'Homeserver'))
        key('Return')
        need_text(root, SERVER.url)
        enter(root, 'Password', PASSWORD)
        press(root, 'Sign In')
        pass_offer(root)

    def test_entering_a_homeserver_can_be_given_up(person):
        root = person.start()
        person.fill_in()
        for name in ('Escape', 'Return'):
            press(root, 'Edit Homeserver')
            need(root, 'text', 'Homeserver')
            key(name)
            need(root, 'push button', 'Edit Homeserver')
            need_text(root, SERVER.url)
        press(root, 'Sign In')
        pass_offer(root)

    def test_rate_limit_counts_down(person):
        root = person.start()
        person.fill_in()
        SERVER.lie('rate-limited', path='/login$', method='POST', retry_after=3, times=1)
        press(root, 'Sign In')
        need_text(root, 'asks you to wait')
        need_text(root, 'You can sign in again in')
        button = need(root, 'push button', 'Sign In')
        assert 'sensitive' not in driver.states(button)
        # The alert is no clock: a screen reader would say it each second.
        alerts = [node for node in driver.walk(root) if driver.has_role(node, 'alert')]
        assert alerts and not any('second' in text for alert in alerts for text in texts(alert)), alerts
        need_text(root, 'The wait is over')
        press(root, 'Sign In', 10)
        pass_offer(root)

    def test_account_of_a_homeserver_that_is_gone_can_be_forgotten_here(person):
        with FaultProxy(SERVER.url) as proxy:
            proxy.rule(path='/logout$', action='answer', times=0, status=404, body='gone')
            root = person.start()
            person.fill_in(homeserver=proxy.url)
            press(root, 'Sign In')
            pass_offer(root)
            key('alt+1')
            window = driver.main_window(root)
            for answer in ('Cancel', 'Forget Here Only'):
                dialog = ask_to_sign_out(root, window)
                need_text(dialog, 'nothing is lost')
                press(dialog, 'Sign Out')
                need_text(root, 'Session Was Not Ended')
                picture(f'forget-{answer}')
                dialog = until('the offer', lambda: driver.window(root, besides=window))
                press(dialog, answer)
                if answer == 'Cancel':
                    until('the offer to go', lambda: not driver.window(root, besides=window))
                    need(root, 'list item', 'Sign Out…')
            need_text(root, 'Welcome to Keepsake')
        assert any(name and name.startswith('Keepsake') for name in person.sessions().values())

    def test_key_file_that_is_gone_is_named(person):
        file = person.profile + '.key'
        root = person.start('--store-key-file', file)
        person.sign_in()
        person.app.end()
        os.rename(file, file + '.away')
        root = person.start('--store-key-file', file)
        need_text(root, "The Key File Can't Be Used")
        need_text(root, file)
        picture('key-file-gone')
        os.rename(file + '.away', file)
        press(root, 'Try Again')
        need_text(root, 'Off')
        person.app.end()
        Path(file).write_text('something else')
        root = person.start('--store-key-file', file)
        need_text(root, 'is not a key of Keepsake')
        assert driver.find(root, 'push button', 'Start Over…') is None
        os.remove(file)
        press(root, 'Try Again')
        start_over(root)

    def test_data_that_cannot_be_used_is_set_aside_if_the_person_says_so(person):
        person.start()
        need_text(person.app.root, 'Welcome to Keepsake')
        person.app.end()
        [database] = Path(person.profile).rglob('keepsake.db')
        connection = sqlite3.connect(database)
        connection.execute('PRAGMA user_version = 999')
        connection.close()
        root = person.start()
        need_text(root, "Keepsake Can't Open Its Data")
        picture('newer')
        start_over(root)
        assert len(list(Path(person.profile).rglob('keepsake*'))) > 1
        person.sign_in()
        need_text(root, 'Your earlier data was set aside.')
        assert not any('damaged' in text for text in texts(root)), 'it was set aside because the person said so'

    def test_server_that_asks_to_wait_is_a_state_with_a_choice(person):
        root = person.start()
        person.sign_in()
        SERVER.lie('rate-limited', retry_after=2, times=1, path='default_key')
        key('F5')
        need_text(root, 'Off')  # waited for, not given up
        SERVER.lie('rate-limited', retry_after=600, path='default_key')
        key('F5')
        need_text(root, 'Homeserver Asks to Wait')
        need(root, 'push button', 'Try Again')

    def test_unreadable_answers_do_not_end_the_app(person):
        root = person.start()
        person.sign_in()
        for persona in ('deep-json', 'gzip-bomb', 'endless-body', 'cut-json'):
            SERVER.lie(persona)
            key('F5')
            need_text(root, "Secure Backup Can't Be Checked", 60)
            SERVER.be_honest()
            press(root, 'Try Again')
            need_text(root, 'Off')


try:
    tap.run(globals(), Person, end)
finally:
    SERVER.end()
    shutil.rmtree(DIRECTORY, ignore_errors=True)

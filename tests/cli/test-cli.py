#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-cli.py KEEPSAKECTL HOMESERVER: keepsakectl from the outside, on the test homeserver: answers, exit statuses,
bad input, and that no secret is in what it logs."""
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from servers import TESTS, FaultProxy, Homeserver, TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
PASSWORD = 'canary-password-7431'
users = 0


class Place:
    """A user of its own on the homeserver, and a profile and a key file for it."""

    def __init__(self):
        global users
        users += 1
        self.user = f'user{users}'
        SERVER.be_honest()
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-cli.'))
        self.profile = self.directory / 'profile'
        self.key_file = self.directory / 'store.key'
        self.password = self.directory / 'password'
        self.password.write_text(PASSWORD + '\n')

    def command(self, *arguments):
        return [PROGRAM, '--profile', self.profile, '--store-key-file', self.key_file, *arguments]

    def run(self, *arguments, stdin=None):
        # No session bus: what the keyring does must not matter here.
        environment = {**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent', 'HOME': str(self.directory)}
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, input=stdin, timeout=120,
                              env=environment)

    def json(self, *arguments, status=0, stdin=None):
        done = self.run('--json', *arguments, stdin=stdin)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        assert len(done.stdout.strip().splitlines()) == 1, done.stdout
        return json.loads(done.stdout)

    def error(self, *arguments, status=1, stdin=None):
        return self.json(*arguments, status=status, stdin=stdin)['error']['code']

    def login_arguments(self, **changed):
        options = {'homeserver': SERVER.url, 'user': self.user, 'password-file': self.password, **changed}
        return ['login', *(part for name, value in options.items() for part in ('--' + name, str(value)))]

    def login(self):
        return self.json(*self.login_arguments())


def remove(place, failed):
    shutil.rmtree(place.directory, ignore_errors=True)


def test_login_answers_who_and_where(place):
    answer = place.login()
    assert answer['user_id'] == f'@{place.user}:localhost', answer
    assert answer['homeserver'] == SERVER.url
    assert answer['device_id']


def test_status_after_login(place):
    device = place.login()['device_id']
    answer = place.json('status')
    assert answer['device_id'] == device
    assert answer['state'] == 'not-set-up'
    assert answer['device_verified'] is False
    assert answer['backup'] is None
    assert answer['local_keys'] == 0 and answer['pending_upload'] == 0
    assert set(answer['secrets']) == {'m.cross_signing.master', 'm.cross_signing.self_signing',
                                      'm.cross_signing.user_signing', 'm.megolm_backup.v1'}
    assert answer['keyring'] == 'absent'
    assert answer['security_key_in_keyring'] is False and answer['last_check'] is None


def test_logout_ends_the_session_here_and_there(place):
    place.login()
    assert place.json('logout')['keys_only_here'] == 0
    assert place.error('status', status=3) == 'not-signed-in'
    assert place.error('logout', status=3) == 'not-signed-in'
    requests = SERVER.control('GET', '/_keepsake/requests')['requests']
    assert any(r['path'].endswith('/logout') and r['status'] == 200 and r['user'] and place.user in r['user']
               for r in requests), requests[-5:]


def test_sentences_for_people_without_json(place):
    done = place.run(*place.login_arguments())
    assert done.returncode == 0 and f'@{place.user}:localhost' in done.stdout
    done = place.run('status')
    assert done.returncode == 0 and 'not-set-up' in done.stdout
    assert place.run('logout').stdout == 'Signed out\n'
    done = place.run('status')
    assert done.returncode == 3 and done.stdout == '' and 'keepsakectl:' in done.stderr


def test_password_from_standard_input(place):
    answer = place.json(*place.login_arguments(**{'password-file': '-'}), stdin=PASSWORD + '\n')
    assert answer['user_id'] == f'@{place.user}:localhost'


def test_only_one_newline_at_the_end_is_not_counted(place):
    place.password.write_text(PASSWORD + '\n\n')
    assert place.error(*place.login_arguments()) == 'wrong-password'


def test_wrong_password(place):
    place.password.write_text('something else')
    assert place.error(*place.login_arguments()) == 'wrong-password'


def test_unknown_user(place):
    assert place.error(*place.login_arguments(user='nobody')) == 'wrong-password'


def test_password_file_missing_or_empty(place):
    assert place.error(*place.login_arguments(**{'password-file': place.directory / 'none'})) == 'file'
    place.password.write_text('\n')
    assert place.error(*place.login_arguments()) == 'file'


def test_signed_in_already(place):
    place.login()
    assert place.error(*place.login_arguments()) == 'signed-in'


def test_no_server_there(place):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    assert place.error(*place.login_arguments(homeserver=f'http://127.0.0.1:{port}')) == 'network'


def test_name_that_leads_nowhere_may_be_the_connection(place):
    answer = place.json(*place.login_arguments(homeserver='@alice:keepsake-test.invalid'), status=1)
    # Depending on the machine the resolver says that there is no such name, or that it could not ask.
    assert answer['error']['code'] in ('no-such-server', 'network'), answer
    assert 'connection' in answer['error']['message'] and 'no such' not in answer['error']['message'], answer


def test_localhost_is_this_machine(place):
    answer = place.json(*place.login_arguments(homeserver=SERVER.url.replace('127.0.0.1', 'localhost')))
    assert answer['homeserver'] == SERVER.url.replace('127.0.0.1', 'localhost'), answer
    assert place.json('status')['state'] == 'not-set-up'


def test_user_in_other_capitals_is_refused_before_anything_is_published(place):
    with FaultProxy(SERVER.url) as proxy:
        other = json.dumps({'user_id': f'@{place.user.title()}:localhost'})
        proxy.rule(path='/whoami$', action='answer', body=other)
        for user in (place.user, f'@{place.user}:localhost'):
            proxy.be_honest()
            proxy.rule(path='/whoami$', action='answer', body=other)
            answer = place.json(*place.login_arguments(homeserver=proxy.url, user=user), status=1)
            assert answer['error']['code'] == 'other-user', answer
    assert place.error('status', status=3) == 'not-signed-in'
    requests = SERVER.control('GET', '/_keepsake/requests')['requests']
    mine = [r['path'] for r in requests if place.user in (r.get('user') or '')]
    assert len(mine) == 2 and all(path.endswith('/logout') for path in mine), mine


def test_session_that_does_not_work_is_told_apart_from_a_wrong_password(place):
    with FaultProxy(SERVER.url) as proxy:
        for status, errcode in ((401, 'M_UNKNOWN_TOKEN'), (403, 'M_FORBIDDEN')):
            proxy.rule(path='/whoami$', action='answer', status=status, body=json.dumps({'errcode': errcode}))
            assert place.error(*place.login_arguments(homeserver=proxy.url)) == 'session-refused'
            assert place.error('status', status=3) == 'not-signed-in'
            proxy.be_honest()


def test_members_that_are_not_used_cannot_fail_the_login(place):
    with FaultProxy(SERVER.url) as proxy:
        for expires in ('{}', '"never"', '9223372036854775807', 'null'):
            session = json.loads(urllib.request.urlopen(urllib.request.Request(
                SERVER.url + '/_matrix/client/v3/login', method='POST', headers={'Content-Type': 'application/json'},
                data=json.dumps({'type': 'm.login.password', 'password': PASSWORD,
                                 'identifier': {'type': 'm.id.user', 'user': place.user}}).encode())).read())
            body = json.dumps({**session, 'well_known': None, 'home_server': None, 'refresh_token': None})
            proxy.rule(method='POST', path='/login$', action='answer', body=f'{body[:-1]},"expires_in_ms":{expires}}}')
            answer = place.json(*place.login_arguments(homeserver=proxy.url))
            assert answer['device_id'] == session['device_id'], answer
            place.json('logout')
            proxy.be_honest()


def test_plain_http_to_another_machine_is_refused(place):
    assert place.error(*place.login_arguments(homeserver='http://matrix.example.org')) == 'insecure'


def test_not_a_homeserver(place):
    SERVER.lie('html-answers')
    assert place.error(*place.login_arguments()) == 'not-a-homeserver'


def test_homeserver_that_lies_about_the_login(place):
    for persona in ('cut-json', 'deep-json', 'gzip-bomb', 'endless-body', 'wrong-content-type', 'html-answers'):
        SERVER.be_honest()
        SERVER.lie(persona, path='/login$', method='POST')
        assert place.error(*place.login_arguments()) == 'bad-answer', persona
    SERVER.be_honest()
    place.login()


def test_redirect_of_an_authenticated_call_is_refused(place):
    place.login()
    SERVER.lie('redirect-authenticated')
    assert place.error('status') == 'insecure'
    assert place.error('logout') == 'insecure'
    SERVER.be_honest()
    assert place.json('status')['state'] == 'not-set-up'


def test_names_of_a_server_do_not_steer_the_terminal(place):
    """Escape sequences (of 7 and 8 bits), lines of their own and turned directions, in what the server chooses."""
    device = 'D\x1b]0;owned\x07\nSecure Backup: ready\x9b31m\u202e'
    answer = json.dumps({'user_id': '@al\u202eice\x9b:localhost', 'device_id': device, 'access_token': 'syt_x'})
    with FaultProxy(SERVER.url) as proxy:
        proxy.rule(method='POST', path='/login$', action='answer', body=answer)
        proxy.rule(method='GET', path='/whoami$', action='answer', body=answer)
        done = place.run(*place.login_arguments(homeserver=proxy.url))
        assert done.returncode == 0, done
        again = place.run(*place.login_arguments())
        proxy.rule(action='answer', times=0, status=429, headers={'Retry-After': '3600'}, body='{}')
        status = place.run('status')
    assert 'offline' in status.stdout, status
    for said in (done.stdout, done.stderr, again.stderr, status.stdout, status.stderr):
        assert not set(said) & set('\x1b\x07\x9b\u202e'), ascii(said)
        assert 'Secure Backup: ready' not in said.splitlines(), ascii(said)


def test_rate_limit_is_said(place):
    SERVER.lie('rate-limited', path='/login$', method='POST', retry_after=600)
    assert place.error(*place.login_arguments()) == 'rate-limited'


def test_offline_is_a_state_not_an_error(place):
    place.login()
    SERVER.lie('rate-limited', retry_after=3600)
    assert place.json('status')['state'] == 'offline'


def test_logout_without_the_server_changes_nothing(place):
    place.login()
    SERVER.lie('server-errors', path='/logout$')
    assert place.run('--json', 'logout').returncode == 1
    SERVER.be_honest()
    assert place.json('status')['state'] == 'not-set-up'


def test_session_ended_elsewhere(place):
    place.login()
    token = json.loads(urllib.request.urlopen(urllib.request.Request(
        SERVER.url + '/_matrix/client/v3/login', method='POST', headers={'Content-Type': 'application/json'},
        data=json.dumps({'type': 'm.login.password', 'password': PASSWORD,
                         'identifier': {'type': 'm.id.user', 'user': place.user}}).encode())).read())['access_token']
    urllib.request.urlopen(urllib.request.Request(
        SERVER.url + '/_matrix/client/v3/logout/all', method='POST', data=b'{}',
        headers={'Authorization': 'Bearer ' + token, 'Content-Type': 'application/json'}))
    assert place.error('status') == 'signed-out'
    place.json('logout')  # a session that the server does not know counts as ended
    assert place.error('status', status=3) == 'not-signed-in'


def test_another_process_holds_the_account(place):
    proxy = Homeserver([TESTS / 'proxy/keepsake-fault-proxy', '--upstream', SERVER.url, '--exit-with-stdin'])
    with proxy:
        place.json(*place.login_arguments(homeserver=proxy.url))
        proxy.control('PUT', '/_proxy/rules', [{'path': '/logout$', 'action': 'drop', 'times': 1}])
        with subprocess.Popen(place.command('logout'), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as holder:
            while not proxy.control('GET', '/_proxy/rules')['rules'][0]['hits']:
                assert holder.poll() is None
            assert place.error('logout', status=5) == 'held'
            # Others may look.
            assert place.json('status')['state'] == 'not-set-up'
            holder.kill()
        # A lock that outlives its process would lock the account for ever.
        place.json('logout')


def test_wrong_usage(place):
    for arguments in ([], ['nonsense'], ['login'], ['login', '--homeserver', SERVER.url], ['status', 'extra'],
                      ['--nonsense', 'status'], ['logout', '--forced']):
        done = place.run(*arguments)
        assert done.returncode == 2, (arguments, done)
        assert done.stderr, arguments


def test_data_of_a_newer_version_is_left_alone(place):
    place.login()
    database = next(place.profile.glob('*.db'))
    with sqlite3.connect(database) as connection:
        connection.execute('PRAGMA user_version = 99999')
    connection.close()
    before = database.read_bytes()
    assert place.error('logout') == 'newer'
    assert database.read_bytes() == before


def test_damaged_data_is_set_aside_never_deleted(place):
    place.login()
    database = next(place.profile.glob('*.db'))
    database.write_bytes(b'this is no database any more' * 100)
    for name in ('-wal', '-shm'):
        Path(str(database) + name).unlink(missing_ok=True)
    assert place.error('logout', status=3) == 'not-signed-in'
    kept = [path for path in place.profile.rglob('*') if path.is_file() and b'this is no database' in path.read_bytes()]
    assert len(kept) == 1, list(place.profile.rglob('*'))


def test_lost_key_file_is_said(place):
    place.login()
    place.key_file.unlink()
    done = place.run('--json', 'logout')
    assert done.returncode == 1, done
    assert not place.key_file.exists(), 'a new key would hide that the old one is gone'


def test_files_are_private(place):
    place.login()
    for path in [place.profile, place.key_file, *place.profile.rglob('*')]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_no_secret_in_the_log_or_in_clear_on_disk(place):
    arguments = ['--verbose', *place.login_arguments()]
    environment = {**os.environ, 'G_MESSAGES_DEBUG': 'all', 'HOME': str(place.directory)}
    done = subprocess.run(place.command(*arguments), capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done
    status = subprocess.run(place.command('--verbose', 'status'), capture_output=True, text=True, env=environment)
    said = done.stdout + done.stderr + status.stdout + status.stderr
    assert 'step' in said, 'the log was on'
    assert PASSWORD not in said
    with sqlite3.connect(next(place.profile.glob('*.db'))) as connection:
        dump = '\n'.join(connection.iterdump())
    connection.close()
    # Tokens of the test homeserver begin as Synapse's do.
    assert 'syt_' not in said and 'syt_' not in dump
    for path in place.profile.rglob('*'):
        if path.is_file():
            assert b'syt_' not in path.read_bytes() and PASSWORD.encode() not in path.read_bytes(), path



def setup(place, *how, file='key.txt'):
    return ('setup', *how, '--save-key', str(place.directory / file))


def test_setup_is_ready_at_the_end_and_not_done_twice(place):
    place.json(*place.login_arguments())
    answer = place.json(*setup(place, '--generate'))
    assert answer['uploaded'] == 0 and answer['checked'] == 0 and answer['keyring'] == 'absent', answer
    key = (place.directory / 'key.txt').read_text()
    status = place.json('status')
    assert status['state'] == 'ready' and status['device_verified'] is True, status
    assert status['backup'] == {'version': answer['backup_version'], 'count': 0, 'etag': '0', 'trusted_by': 'key'}
    # A run that was killed before it could say so is answered by the next one; but only where the key is at hand.
    assert place.json(*setup(place, '--generate')) == answer
    assert place.error(*setup(place, '--generate', file='other.txt')) == 'no-key-file'
    assert not (place.directory / 'other.txt').exists()
    (place.directory / 'other.txt').write_text('a shopping list\n')
    assert place.error(*setup(place, '--generate', file='other.txt')) == 'file-exists'
    (place.directory / 'other.txt').write_text('EsTE s92N EtaX s2h6 VQYF 9Kao tHYL mkyL GKMh isZb KJ4E tvoC\n')
    assert place.error(*setup(place, '--generate', file='other.txt')) == 'wrong-key'
    assert (place.directory / 'key.txt').read_text() == key


def test_setup_that_goes_on_says_what_it_leaves_out(place):
    place.json(*place.login_arguments())
    phrase = place.directory / 'phrase'
    phrase.write_text('brass otter lantern quietly\n')
    SERVER.lie('always-authenticates')
    # The homeserver asks for the password: by then the key is saved.
    assert place.error(*setup(place, '--generate')) == 'auth-needed'
    key = (place.directory / 'key.txt').read_text()
    done = place.run(*setup(place, '--phrase-file', str(phrase)), '--password-file', str(place.password))
    assert done.returncode == 0 and 'generated before; the phrase is not used' in done.stderr, done.stderr
    assert (place.directory / 'key.txt').read_text() == key
    done = place.run(*setup(place, '--phrase-file', str(phrase)))
    assert done.returncode == 0 and 'the phrase is not looked at' in done.stderr, done.stderr


def test_setup_with_a_phrase_goes_on_with_its_key(place):
    place.json(*place.login_arguments())
    phrase = place.directory / 'phrase'
    phrase.write_text('brass otter lantern quietly\n')
    SERVER.lie('always-authenticates')
    assert place.error(*setup(place, '--phrase-file', str(phrase))) == 'auth-needed'
    key = (place.directory / 'key.txt').read_text()
    done = place.run(*setup(place, '--generate'))
    assert done.returncode == 1 and 'made from a phrase before; none is generated' in done.stderr, done.stderr
    phrase.write_text('another one that nobody will guess\n')
    done = place.run(*setup(place, '--phrase-file', str(phrase)), '--password-file', str(place.password))
    assert done.returncode == 0 and 'phrase given now is not looked at' in done.stderr, done.stderr
    assert (place.directory / 'key.txt').read_text() == key


def test_setup_refuses_a_weak_phrase_before_anything_happens(place):
    place.json(*place.login_arguments())
    for phrase in ('sunshine', place.user + ' keepsake', '24.12.1985'):
        (place.directory / 'phrase').write_text(phrase + '\n')
        assert place.error(*setup(place, '--phrase-file', str(place.directory / 'phrase'))) == 'weak-phrase'
    assert not (place.directory / 'key.txt').exists()
    assert place.json('status')['state'] == 'not-set-up'


def test_setup_does_not_touch_a_file_with_something_else_in_it(place):
    place.json(*place.login_arguments())
    (place.directory / 'key.txt').write_text('a shopping list\n')
    assert place.error(*setup(place, '--generate')) == 'file-exists'
    assert (place.directory / 'key.txt').read_text() == 'a shopping list\n'
    (place.directory / 'link.txt').symlink_to(place.directory / 'nowhere.txt')
    assert place.error(*setup(place, '--generate', file='link.txt')) == 'file'
    assert place.error(*setup(place, '--generate', file='no/such/key.txt')) == 'file'
    assert place.json('status')['state'] == 'not-set-up'


def test_setup_says_what_it_needs(place):
    place.json(*place.login_arguments())
    assert place.run('setup', '--generate').returncode == 2
    assert place.run(*setup(place)).returncode == 2
    assert place.run(*setup(place, '--generate', '--phrase-file', str(place.password))).returncode == 2

try:
    tap.run(globals(), Place, remove)
finally:
    SERVER.end()

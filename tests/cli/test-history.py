#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-history.py KEEPSAKECTL HOMESERVER: keepsakectl rooms and history from the outside."""
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tap  # noqa: E402
from secure_backup import Observer  # noqa: E402
from servers import FaultProxy, TestHomeserver  # noqa: E402

PROGRAM = sys.argv[1]
SERVER = TestHomeserver(sys.argv[2])
LINE = FaultProxy(SERVER.url)
PASSWORD = 'a password for tests'
SESSION = 'A' * 43
users = itertools.count(1)


class Place:
    """An account that Keepsake is signed in to, and another session of it that talks."""

    def __init__(self):
        self.user = f'user{next(users)}'
        SERVER.register(self.user, PASSWORD)
        self.directory = Path(tempfile.mkdtemp(prefix='keepsake-history.'))
        password = self.directory / 'password'
        password.write_text(PASSWORD)
        self.json('login', '--homeserver', LINE.url, '--user', self.user, '--password-file', password)
        self.observer = Observer(SERVER.url, self.user, PASSWORD)

    def run(self, *arguments, status=0):
        # No session bus: what the keyring does must not matter here.
        done = subprocess.run([PROGRAM, '--profile', self.directory / 'profile', '--store-key-file',
                               self.directory / 'key', *arguments], capture_output=True, text=True, timeout=120,
                              env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent', 'TZ': 'UTC'})
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments, status=0):
        return json.loads(self.run('--json', *arguments, status=status))

    def lines(self, *arguments):
        return [json.loads(line) for line in self.run('--json', 'history', *arguments).splitlines()]

    def room(self, **more):
        return self.observer.ask('POST', 'createRoom', more)['room_id']

    def send(self, room, number, content, kind='m.room.message'):
        path = f'rooms/{quote(room)}/send/{kind}/t{number}'
        return self.observer.ask('PUT', path, content)['event_id']


def remove(place, failed):
    LINE.be_honest()
    shutil.rmtree(place.directory, ignore_errors=True)


def test_rooms_are_listed_with_what_can_be_read(place):
    encryption = {'type': 'm.room.encryption', 'content': {'algorithm': 'm.megolm.v1.aes-sha2'}}
    closed = place.room(name='Closed', initial_state=[encryption])
    opened = place.room(name='Open')
    place.send(closed, 1, {'algorithm': 'm.megolm.v1.aes-sha2', 'session_id': SESSION, 'ciphertext': 'AAAA'},
               'm.room.encrypted')
    rooms = {room['room_id']: room for room in place.json('rooms')['rooms']}
    assert rooms[closed]['name'] == 'Closed' and rooms[closed]['encrypted'], rooms
    assert (rooms[closed]['seen'], rooms[closed]['readable']) == (1, 0), rooms
    assert rooms[closed]['last_ts'] > 0 and rooms[closed]['named_by'] == 'given', rooms
    assert not rooms[opened]['encrypted'] and rooms[opened]['seen'] == 0, rooms
    text = place.run('rooms')
    assert 'Closed' in text and 'Of the newest 1 messages 0 can be read.' in text and 'Not encrypted.' in text, text


def test_history_is_a_line_an_event_oldest_first(place):
    room = place.room()
    ids = [place.send(room, number, {'msgtype': 'm.text', 'body': f'message {number}\nof two lines'})
           for number in range(130)]
    lines = place.lines('--room', room)
    assert [line['event_id'] for line in lines] == ids[-100:]
    assert lines[-1]['body'] == 'message 129\nof two lines' and lines[-1]['type'] == 'm.room.message', lines[-1]
    assert lines[-1]['sender'].startswith('@' + place.user) and 'authenticity' not in lines[-1], lines[-1]
    assert [line['event_id'] for line in place.lines('--room', room, '--limit', '1000')] == ids
    assert [line['event_id'] for line in place.lines('--room', room, '--limit', '3')] == ids[-3:]
    assert place.lines('--room', place.room()) == []


def test_what_cannot_be_read_says_why(place):
    room = place.room()
    place.send(room, 1, {'algorithm': 'm.megolm.v1.aes-sha2', 'session_id': SESSION, 'ciphertext': 'AAAA'},
               'm.room.encrypted')
    place.send(room, 2, {'algorithm': 'm.megolm.v1.aes-sha2'}, 'm.room.encrypted')
    lines = place.lines('--room', room)
    assert [line['undecryptable'] for line in lines] == [{'reason': 'no-key'}, {'reason': 'malformed'}], lines
    assert all('body' not in line for line in lines), lines
    assert 'restoring may bring it' in place.run('history', '--room', room)


def answer(pages):
    """The server gives these pages of messages, whatever it has."""
    for nth, page in enumerate(pages, 1):
        LINE.rule(path='/messages', nth=nth, action='answer', body=json.dumps(page))


def page_of(name, end):
    return {'chunk': [{'event_id': f'${name}', 'sender': '@a:x', 'origin_server_ts': 5, 'type': 'm.room.message',
                       'content': {'msgtype': 'm.text', 'body': name}}], 'end': end}


def test_what_was_read_is_shown_before_the_page_that_fails(place):
    room = place.room()
    for arguments in (['--json'], []):
        answer([page_of('newest', 'e1'), page_of('older', 'e2')])
        LINE.rule(path='/messages', nth=3, action='answer', body='[]', times=0)
        output = place.run(*arguments, 'history', '--room', room, status=1)
        if arguments:
            lines = [json.loads(line) for line in output.splitlines()]
            assert [line.get('body') for line in lines] == ['older', 'newest', None], lines
            assert lines[-1]['error']['code'] == 'bad-answer', lines
        else:
            assert output.index('older') < output.index('newest'), output
        LINE.be_honest()


def test_pages_without_messages_come_to_an_end(place):
    room = place.room()
    answer([page_of('newest', 'e'), *({'chunk': [], 'end': f'e{number}'} for number in range(250))])
    output = place.run('--json', 'history', '--room', room, status=1)
    lines = [json.loads(line) for line in output.splitlines()]
    assert lines[0]['body'] == 'newest' and lines[-1]['error']['code'] == 'no-messages' and len(lines) == 2, lines
    # And whoever wants to goes on from there, past them.
    place_named = lines[-1]['error']['message'].split('--before ')[1].rstrip(')')
    assert place_named == 'e199', lines
    LINE.be_honest()
    LINE.rule(path='from=e199&', action='answer', body=json.dumps(page_of('older', '')))
    assert [line['body'] for line in place.lines('--room', room, '--before', place_named)] == ['older']


def test_start_of_a_room_is_no_error(place):
    room = place.room()
    for end in ('e1', ''):
        answer([page_of('newest', 'e1'), page_of('oldest', end)])
        assert [line['body'] for line in place.lines('--room', room)] == ['oldest', 'newest'], end
        LINE.be_honest()


def test_deleted_messages_are_said_to_be_deleted(place):
    room = place.room()
    event = {'sender': '@a:x', 'origin_server_ts': 5, 'type': 'm.room.encrypted', 'content': {}}
    answer([{'chunk': [{**event, 'event_id': '$1', 'unsigned': {'redacted_by': '$9'}}, {**event, 'event_id': '$2'}]}])
    assert [line.get('redacted') for line in place.lines('--room', room)] == [True, True]


def test_encryption_that_the_server_does_not_tell_is_unknown(place):
    room = place.room(name='A name')
    LINE.rule(path='m.room.encryption', action='answer', status=403, body='{"errcode":"M_FORBIDDEN"}', times=0)
    [line] = place.json('rooms')['rooms']
    assert line['room_id'] == room and line['name'] == 'A name' and line['encrypted'] is None, line
    text = place.run('rooms')
    assert "doesn't say whether it is encrypted" in text and 'Not encrypted' not in text, text


def test_text_cannot_move_the_cursor(place):
    room = place.room(name='\x1b[2Jroom')
    place.send(room, 1, {'msgtype': 'm.text', 'body': 'one\x1b[31m\n\u202etwo\x07'})
    text = place.run('history', '--room', room) + place.run('rooms')
    assert '\\u{1b}[31m\n' in text and '\\u{202e}two\\u{7}' in text, text
    assert not any(ord(c) < 32 and c != '\n' or c == '\u202e' for c in text), text


def test_json_is_a_line_an_event_whatever_is_written(place):
    odd = ''.join(map(chr, [*range(1, 0x20), *range(0x7f, 0xa0), 0x61c, 0x200e, 0x200f, *range(0x2028, 0x202f),
                            *range(0x2066, 0x206a), 0xfeff, 0xe0001]))
    room = place.room(name='room ' + odd)
    place.send(room, 1, {'msgtype': 'm.text', 'body': odd, 'format': 'org.matrix.custom.html', 'formatted_body': odd})
    place.send(room, 2, {'msgtype': 'm.file', 'body': odd, 'url': 'mxc://localhost/' + 'a' * 20})
    said = place.run('--json', 'history', '--room', room)
    # As str.splitlines() ends lines: at U+001C, U+0085 and U+2028 too.
    first, second = map(json.loads, said.splitlines())
    assert first['body'] == odd and first['formatted_body'] == odd and 'attachment' in second, ascii(said)
    text = place.run('history', '--room', room) + place.run('rooms') + place.run('--json', 'rooms')
    assert not (set(odd) - {'\n'}) & set(said + text), ascii(said + text)


def test_wrong_usage_and_closed_rooms(place):
    for arguments in ([], ['--room', 'room'], ['--room', '!a:b', '--limit', '0'], ['--room', '!a:b', '--limit', '20001'],
                      ['--room', '!a:b', '--before', ''], ['--room', '!a:b', '--before', 'x' * 5000],
                      ['--room', '!a:b', 'more']):
        place.run('history', *arguments, status=2)
    place.run('rooms', 'more', status=2)
    answer = place.json('history', '--room', '!none:localhost', status=1)
    assert answer['error']['code'] == 'forbidden', answer
    assert 'rooms' in place.run('--help') and 'history --room ID [--limit N] [--before PLACE]' in place.run('--help')


def test_both_read_beside_the_process_that_drives_the_account(place):
    room = place.room()
    place.send(room, 1, {'msgtype': 'm.text', 'body': 'hello'})
    holder = subprocess.Popen([sys.executable, '-c', 'import fcntl, sys\n'
                               'files = [open(name, "r+") for name in sys.argv[1:]]\n'
                               'for file in files: fcntl.lockf(file, fcntl.LOCK_EX)\n'
                               'print("held", flush=True)\nsys.stdin.read()',
                               *map(str, (place.directory / 'profile').glob('**/account-*'))],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b'held\n'
        assert place.json('logout', status=5)['error']['code'] == 'held'
        assert [line['body'] for line in place.lines('--room', room)] == ['hello']
        assert len(place.json('rooms')['rooms']) == 1
    finally:
        holder.communicate()


def test_event_that_cannot_be_read_hides_no_other(place):
    """Nested too deep, or of too many members, as anybody in the room can send it; or as a server may hand it out."""
    nested = {}
    for _ in range(70):
        nested = {'a': nested}
    text = {'msgtype': 'm.text', 'body': 'odd'}
    for odd in ({**text, 'x': nested}, {**text, **{f'm{i}': 1 for i in range(5000)}}):
        room = place.room()
        before = place.send(room, 1, {'msgtype': 'm.text', 'body': 'before'})
        event_id = place.send(room, 2, odd)
        place.send(room, 3, {'msgtype': 'm.text', 'body': 'after'})
        lines = {line['event_id']: line for line in place.lines('--room', room) if 'event_id' in line}
        assert len(lines) == 3 and lines[before]['body'] == 'before', lines
        assert lines[event_id]['undecryptable'] == {'reason': 'malformed'} and lines[event_id]['sender'][0] == '@', lines
        place.json('rooms')
    good = {'event_id': '$good', 'sender': '@a:localhost', 'origin_server_ts': 5, 'type': 'm.room.message',
            'content': {'msgtype': 'm.text', 'body': 'good'}}
    older = {**good, 'event_id': '$older', 'origin_server_ts': 3}
    for odd, shown in (('"x":"a\\u0000b"', True), ('"x":"\\ud800"', True), ('"x":1,"x":1', True),
                       ('"event_id":"\\u0000"', False), ('"x":%s' % ('[' * 5000 + ']' * 5000), True)):
        content = '"content":{%s,"msgtype":"m.text","body":"odd"}' % odd
        event = '{"event_id":"$odd","sender":"@a:localhost","origin_server_ts":4,"type":"m.room.message",%s}'
        event = event % content if shown else event.replace('"event_id":"$odd"', odd) % '"content":{}'
        LINE.be_honest()
        LINE.rule(path='/messages.*from=', times=0, action='answer', body=json.dumps({'chunk': [older]}))
        LINE.rule(path='/messages', times=0, action='answer', body='{"chunk":[%s,%s],"end":"t"}' % (
            json.dumps(good), event))
        lines = {line['event_id']: line for line in place.lines('--room', room, '--limit', '10') if 'event_id' in line}
        assert lines['$good']['body'] == lines['$older']['body'] == 'good', lines
        assert ('$odd' in lines) == shown, lines
        assert not shown or lines['$odd']['undecryptable'] == {'reason': 'malformed'}, lines


try:
    tap.run(globals(), Place, remove)
finally:
    LINE.end()
    SERVER.end()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/summary.py, fed with logs such as Meson writes."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(sys.argv.pop(1))
sys.path.insert(0, str(ROOT / 'tests'))
import tap  # noqa: E402


def summarize(*programs):
    """(lines, exit status) of a summary of `programs`."""
    with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
        for program in programs:
            log.write(json.dumps({'name': 'sample', 'stdout': '', 'stderr': ''} | program) + '\n')
        log.flush()
        done = subprocess.run([sys.executable, ROOT / 'tests' / 'summary.py', log.name],
                              capture_output=True, text=True, env={'PATH': '/usr/bin:/bin'})
    return done.stdout.splitlines(), done.returncode


def test_a_pass_says_no_more_than_the_sum():
    assert summarize({'result': 'OK', 'stdout': '# talk\nok 1 a\nok 2 b # SKIP none here\n1..2\n', 'stderr': 'talk'}) \
        == (['skipped: sample: talk', '1 passed, 0 failed, 1 skipped'], 0)


def test_a_failure_comes_with_its_own_notes():
    stdout = 'TAP version 13\n1..4\n# of a\nok 1 a\n# of b\n# GLib-GIO-DEBUG: talk\n# more of b\nnot ok 2 b\n# of c\nok 3 c\nnot ok 4 d\n'
    assert summarize({'result': 'FAIL', 'stdout': stdout}) == (
        ['failed: sample (FAIL)', '    # of b', '    # more of b', '    not ok 2 b', '    not ok 4 d',
         '2 passed, 2 failed, 0 skipped'], 1)


def test_an_expected_failure_gives_no_reason():
    stdout = '1..2\n# known\nnot ok 1 a # TO' 'DO later\n# new\nnot ok 2 b\n'
    lines, _ = summarize({'result': 'FAIL', 'stdout': stdout})
    assert lines == ['failed: sample (FAIL)', '    # new', '    not ok 2 b', '1 passed, 1 failed, 0 skipped'], lines


def test_a_death_comes_with_the_end_of_what_was_said():
    stderr = ''.join(f'line {number}\n' for number in range(40))
    lines, status = summarize({'result': 'ERROR', 'stdout': '1..2\nok 1 a\n# last words\n',
                               'stderr': '==7==ERROR: AddressSanitizer: heap-use-after-free\n' + stderr})
    assert lines == ['failed: sample (ERROR)', '    # last words',
                     '    ==7==ERROR: AddressSanitizer: heap-use-after-free',
                     *[f'    line {number}' for number in range(25, 40)],
                     '1 passed, 1 failed, 0 skipped'], lines
    assert status == 1


def test_what_glib_says_of_an_assertion_is_shown():
    lines, _ = summarize({'result': 'ERROR', 'stdout': '1..1\nnot ok /PERROR:x.c:1\nBail out! ERROR:x.c:1\n'})
    assert lines[1:-1] == ['    not ok /PERROR:x.c:1', '    Bail out! ERROR:x.c:1'], lines


tap.run(globals())

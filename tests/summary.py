#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up what Meson's test logs say and ends with "N passed, N failed, N skipped". A TAP program counts for
each of its tests, any other for one. Under CI=true a skip counts as failed, unless no Synapse could be had.
Before that line stands why a program failed: Meson 1.0 keeps what a TAP program said to itself."""
import json
import os
import re
import sys

PASSED = {'OK', 'EXPECTEDFAIL'}
TAP_LINE = re.compile(r'^(not )?ok\b[^#\n]*(# *(SKIP|TO' r'DO)[^\n]*)?', re.M | re.I)
PLAN = re.compile(r'^1\.\.\d+', re.M)
NOT_OK = re.compile(r'not ok\b(?![^#\n]*# *(SKIP|TO' r'DO))', re.I)
NO_SYNAPSE = 'no working Synapse could be had'
DEBUG = re.compile(r'# \S+-DEBUG: ')
STDERR_LINES = 15
SANITIZER = re.compile(r'^(SUMMARY: |==\d+==ERROR: )|: runtime error: ')


def outcomes(test):
    """(passed, failed, skipped) of one program."""
    result = test['result']
    lines = TAP_LINE.findall(test.get('stdout', '')) if PLAN.search(test.get('stdout', '')) else []
    if lines:
        failed = sum(1 for bad, note, _ in lines if bad and not note)
        skipped = sum(1 for _, _, kind in lines if kind.upper() == 'SKIP')
        passed = len(lines) - failed - skipped
        # A program that died has failed, whatever it said before.
        return passed, max(failed, 0 if result in PASSED or result == 'SKIP' else 1), skipped
    if result == 'SKIP':
        return 0, 0, 1
    return (1, 0, 0) if result in PASSED else (0, 1, 0)


def reasons(test):
    """The lines of one failed program that tell why."""
    notes = []
    for line in test.get('stdout', '').splitlines():
        if line.startswith('#'):
            if not DEBUG.match(line):
                notes.append(line)
            continue
        if NOT_OK.match(line) or line.startswith('Bail out!'):
            yield from notes
            yield line
        notes = []
    # What a program that died said last belongs to no test.
    yield from notes
    stderr = test.get('stderr', '').splitlines()
    yield from (line for line in stderr[:-STDERR_LINES] if SANITIZER.search(line))
    yield from stderr[-STDERR_LINES:]


def main(paths):
    passed = failed = skipped = 0
    for path in paths:
        with open(path) as file:
            for line in file:
                test = json.loads(line)
                name = test['name']
                ok, bad, left_out = outcomes(test)
                said = test.get('stdout', '') + test.get('stderr', '')
                if left_out and os.environ.get('CI') == 'true' and NO_SYNAPSE not in said:
                    print(f'skipped, which CI does not take: {name}')
                    bad, left_out = bad + left_out, 0
                elif left_out:
                    print(f'skipped: {name}: {said.strip().splitlines()[-1] if said.strip() else "no reason given"}')
                if bad:
                    print(f'failed: {name} ({test["result"]})')
                    for said_line in reasons(test):
                        print(f'    {said_line}')
                passed, failed, skipped = passed + ok, failed + bad, skipped + left_out
    if passed + failed == 0:
        print('no test was run')
        failed = 1
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))

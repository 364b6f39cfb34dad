#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every source file owes its readers: a licence line, a size that can be read in one sitting, no path
of anybody's machine, no work put off; and every test asserts something."""
import re
import subprocess
import sys
from pathlib import Path

LONGEST = 500
SPDX = 'SPDX-License-Identifier: GPL-3.0-or-later'
CODE = {'.c', '.h', '.py', '.mjs', '.sh'}
PUT_OFF = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b')
# Whoever builds this has other directories.
MACHINE = re.compile(r'(?<![\w.$}/"])/(home|root|work|Users|mnt|farm)/[\w.-]')
# A test's function is called test_…, wherever it is added.
TEST = re.compile(r'^(test_\w+) \(', re.M)
FUNCTION = r'^%s \([^)]*\)\n\{\n(.*?)^\}'


def tracked(root):
    listed = subprocess.run(['git', '-C', root, 'ls-files', '-co', '--exclude-standard'],
                            capture_output=True, text=True)
    if listed.returncode == 0:
        return [Path(root) / name for name in listed.stdout.splitlines()]
    return [path for path in Path(root).rglob('*')
            if path.is_file() and not path.relative_to(root).parts[0].startswith('build')]


def is_code(path):
    if path.suffix in CODE:
        return True
    if path.suffix or not path.is_file():
        return False
    with path.open('rb') as file:
        return file.read(2) == b'#!'


def asserts(text, name, seen=()):
    """Whether function `name`, or a function of this file that it calls, asserts something."""
    body = re.search(FUNCTION % re.escape(name), text, re.S | re.M)
    if body is None:
        return False
    # Helpers of other files say by their name what they are for.
    if re.search(r'\b(g_assert|g_test_trap_assert|gtk_test_accessible_assert|g_test_fail|\w+_(assert|expect|check)\w* \()',
                 body[1]):
        return True
    called = set(re.findall(r'\b([a-z]\w*) \(', body[1])) - {name, *seen}
    return any(asserts(text, other, (*seen, name)) for other in called)


def faults_of(path, root):
    relative = path.relative_to(root)
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    lines = text.count('\n')
    if is_code(path):
        if SPDX not in '\n'.join(text.splitlines()[:3]):
            yield f'{relative}: no SPDX line'
        if lines > LONGEST:
            yield f'{relative}: {lines} lines; is it really one thing?'
        for hit in PUT_OFF.finditer(text):
            yield f'{relative}: work put off: {hit[0]}'
    if path.suffix != '.po' and relative.parts[0] != 'COPYING':
        for hit in MACHINE.finditer(text):
            yield f'{relative}: path of a machine: {hit[0]}'
    if relative.parts[0] == 'tests' and path.suffix == '.c' and path.name.startswith('test-'):
        names = TEST.findall(text)
        if 'g_test_add' not in text:
            yield f'{relative}: holds no test'
        for name in names:
            if not asserts(text, name):
                yield f'{relative}: {name}() asserts nothing'


def main(root):
    files = [path for path in tracked(root) if path.is_file()]
    faults = [fault for path in files for fault in faults_of(path, Path(root))]
    print('\n'.join(faults) or f'{len(files)} files are as they should be')
    return 1 if faults or not files else 0


sys.exit(main(sys.argv[1]))

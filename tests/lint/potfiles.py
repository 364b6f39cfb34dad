#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file with words for people is in po/POTFILES, and every language in po/LINGUAS is complete."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MARKED = re.compile(r'\bN?C?_ \(|\bg_dngettext \(|\bngettext \(|translatable="yes"')
# Desktop file and metainfo are translatable by their kind.
BY_KIND = ('.desktop.in', '.metainfo.xml.in', '.gschema.xml')


def marked(path):
    return path.name.endswith(BY_KIND) or (path.suffix in ('.c', '.ui') and MARKED.search(path.read_text()))


def statistics(po):
    env = dict(os.environ, LC_ALL='C')
    done = subprocess.run(['msgfmt', '--check', '--statistics', '-o', os.devnull, po],
                          capture_output=True, text=True, env=env)
    return done.returncode, done.stderr.strip()


def main(root):
    root = Path(root)
    listed = [line for line in (root / 'po/POTFILES').read_text().split('\n') if line and line[0] != '#']
    found = {str(path.relative_to(root)) for folder in ('src', 'data') for path in (root / folder).rglob('*')
             if path.is_file() and marked(path)}
    faults = [f'po/POTFILES lacks {name}' for name in sorted(found - set(listed))]
    faults += [f'po/POTFILES names {name}, which holds no words' for name in sorted(set(listed) - found)]
    if listed != sorted(listed):
        faults.append('po/POTFILES is not sorted')

    with tempfile.TemporaryDirectory() as directory:
        pot = Path(directory) / 'new.pot'
        made = subprocess.run(
            ['xgettext', '--from-code=UTF-8', '--keyword=_', '--keyword=N_', '--keyword=C_:1c,2',
             '--keyword=g_dngettext:2,3', '--add-comments=Translators', '-o', pot, *listed],
            cwd=root, capture_output=True, text=True)
        faults += [f'xgettext: {line}' for line in made.stderr.split('\n') if 'warning' in line or 'error' in line]
        for language in (root / 'po/LINGUAS').read_text().split():
            po = root / f'po/{language}.po'
            merged = Path(directory) / f'{language}.po'
            subprocess.run(['msgmerge', '-q', '-N', '-o', merged, po, pot], check=True)
            status, said = statistics(merged)
            if status or 'untranslated' in said or 'fuzzy' in said:
                faults.append(f'po/{language}.po is not complete: {said}')
    print('\n'.join(faults) or f'{len(listed)} files, all words translated')
    return 1 if faults else 0


sys.exit(main(sys.argv[1]))

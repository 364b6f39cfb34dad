#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may include whom: every include of src/ names its layer, and a layer only looks down."""
import re
import sys
from pathlib import Path

# Own headers, by layer; a name with a dot or a star is a single header of that layer.
OWN = {
    'base': ['base'],
    'crypto': ['crypto'],
    'matrix': ['matrix', 'base', 'crypto'],
    'store': ['store', 'base', 'crypto'],
    'engine': ['engine', 'base', 'crypto', 'matrix', 'store'],
    'ui': ['ui', 'engine', 'base', 'crypto/ks-secret.h', 'crypto/ks-recovery-key.h', 'crypto/ks-keyed-hash.h',
           '*-error.h'],
    'cli': ['cli', 'engine', 'base', 'crypto/ks-secret.h', 'crypto/ks-recovery-key.h', '*-error.h'],
    'pch': [],
}
# Libraries, by the start of the header's name. The C library may be used by all.
C = ('assert errno fcntl float inttypes limits locale math setjmp signal stdalign stdarg stdbool stddef '
     'stdint stdio stdlib string sys/ time unistd wchar termios getopt poll dirent').split()
LIBRARIES = {
    'base': ['glib', 'gio/'],
    'crypto': ['glib', 'olm/', 'sodium', 'openssl/'],
    'matrix': ['glib', 'gio/', 'libsoup/', 'json-glib/', 'yajl/'],
    'store': ['glib', 'gio/', 'sqlite3', 'libsecret/'],
    # json-glib is how the matrix layer hands over what a server said.
    'engine': ['glib', 'gio/', 'json-glib/', 'olm/', 'zxcvbn'],
    'ui': ['glib', 'gio/', 'gtk/', 'gdk/', 'adwaita', 'qrencode'],
    'cli': ['glib', 'gio/', 'json-glib/'],
    # What is compiled beforehand; a build without it shows what each layer includes itself.
    'pch': ['glib', 'gio/', 'gtk/', 'adwaita'],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def own_allowed(layer, name):
    for rule in OWN[layer]:
        if rule == '*-error.h' and name.endswith('-error.h'):
            return True
        if name == rule or name.startswith(rule + '/'):
            return True
    return False


def library_allowed(layer, name):
    return any(name.startswith(start) for start in C + LIBRARIES[layer])


def main(root):
    src = Path(root) / 'src'
    faults = []
    files = sorted(src.rglob('*.[ch]'))
    for path in files:
        relative = path.relative_to(src)
        layer = relative.parts[0]
        if len(relative.parts) == 1:
            continue  # main.c puts the layers together
        for kind, name in INCLUDE.findall(path.read_text()):
            if kind == '<':
                if not library_allowed(layer, name):
                    faults.append(f'{relative}: {layer} may not use <{name}>')
            elif name == 'config.h':
                if layer not in ('ui', 'cli'):
                    faults.append(f'{relative}: only the programs know config.h')
            elif name == f'{layer}/ks-{layer}-resources.h':
                continue  # made by the build
            elif not (src / name).exists():
                faults.append(f'{relative}: "{name}" is not named by its path under src/')
            elif not own_allowed(layer, name):
                faults.append(f'{relative}: {layer} may not include "{name}"')
    print('\n'.join(faults) or f'{len(files)} files look down only')
    return 1 if faults or not files else 0


sys.exit(main(sys.argv[1]))

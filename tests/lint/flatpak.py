#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flatpak manifest parses, what it names exists, every module is pinned, and it asks for no more than
the app needs."""
import json
import re
import sys
from pathlib import Path

NEEDED = {
    '--share=network',                       # homeservers
    '--share=ipc', '--socket=fallback-x11', '--socket=wayland', '--device=dri',  # a window
    '--talk-name=org.freedesktop.secrets',   # the desktop keyring
}
# What the GNOME runtime has of the dependencies that meson.build names; every other one is a module.
RUNTIME = {'glib-2.0', 'gobject-2.0', 'gio-2.0', 'gio-unix-2.0', 'libcrypto', 'libsoup-3.0', 'json-glib-1.0',
           'sqlite3', 'libsecret-1', 'gtk4', 'libadwaita-1'}
MODULES = {'olm': 'libolm', 'libsodium': 'libsodium', 'yajl': 'yajl', 'libqrencode': 'libqrencode'}


def main(root):
    folder = Path(root) / 'flatpak'
    faults = []
    manifest = json.loads((folder / 'io.github.keepsake.Keepsake.json').read_text())
    if manifest.get('id') != 'io.github.keepsake.Keepsake' or manifest.get('command') != 'keepsake':
        faults.append('id or command is not the app')
    asked = set(manifest.get('finish-args', []))
    faults += [f'asks for {arg} without need' for arg in sorted(asked - NEEDED)]
    faults += [f'lacks {arg}' for arg in sorted(NEEDED - asked)]

    names = {module['name'] for module in manifest['modules']}
    wanted = set(re.findall(r"dependency\('([^']+)'", (Path(root) / 'meson.build').read_text())) - RUNTIME
    faults += [f'no module for {name}' for name in sorted(wanted) if MODULES.get(name) not in names]
    if manifest['modules'][-1]['name'] != 'keepsake':
        faults.append('the app is not the last module')
    for module in manifest['modules']:
        for source in module['sources']:
            if source['type'] == 'dir':
                if not (folder / source['path']).is_dir() or not (folder / source['path'] / 'meson.build').exists():
                    faults.append(f"{module['name']}: no {source['path']}")
            elif source['type'] == 'git':
                if 'tag' not in source or len(source.get('commit', '')) != 40:
                    faults.append(f"{module['name']}: not pinned by tag and commit")
            elif source['type'] == 'archive':
                if len(source.get('sha256', '')) != 64:
                    faults.append(f"{module['name']}: not pinned by checksum")
            else:
                faults.append(f"{module['name']}: source of type {source['type']}")
    print('\n'.join(faults) or f"{len(manifest['modules'])} modules, {len(asked)} permissions")
    return 1 if faults else 0


sys.exit(main(sys.argv[1]))

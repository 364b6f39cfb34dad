#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The .ui files speak the house's language: controls have names, words are marked for translation, and
buttons use no label that screen readers of GTK 4.8 read twice."""
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

WORDS = {'label', 'title', 'subtitle', 'description', 'tooltip-text', 'placeholder-text', 'heading', 'body'}
BUTTONS = {'GtkButton', 'GtkMenuButton', 'GtkToggleButton'}


def properties(element):
    return {child.get('name'): child for child in element.findall('property')}


def named(element):
    return any(child.get('name') in ('label', 'labelled-by')
               for child in element.findall('accessibility/*'))


def faults_of(path):
    for element in ET.parse(path).iter():
        if element.tag not in ('object', 'template'):
            continue
        kind = element.get('class') if element.tag == 'object' else element.get('parent')
        props = properties(element)
        for name, prop in props.items():
            text = (prop.text or '').strip()
            if name in WORDS and text and prop.get('translatable') != 'yes' and any(c.isalpha() for c in text) \
                    and text != 'Keepsake':
                yield f'{path}: "{text}" is not marked for translation'
        if kind in BUTTONS:
            if 'icon-name' in props and not named(element):
                yield f'{path}: a button with only an icon has no accessible name'
            if 'use-underline' in props and 'label' in props:
                yield f'{path}: a button with label and mnemonic is read twice by GTK 4.8; use a label child'
        if kind == 'GtkImage' and 'accessible-role' not in props and not named(element):
            yield f'{path}: an image has neither a name nor the role "presentation"'


def main(root):
    files = sorted((Path(root) / 'src').rglob('*.ui'))
    faults = [fault for path in files for fault in faults_of(path)]
    print('\n'.join(faults) or f'{len(files)} files speak well')
    return 1 if faults or not files else 0


sys.exit(main(sys.argv[1]))

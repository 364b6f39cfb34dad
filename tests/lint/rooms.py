#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's rooms: their order, in which each looks down only; no file stands outside them, and no circle of files
reaches over two folders of src/. What lives is made in the engine, and by no page. Prints the figures."""
import re
import sys
from pathlib import Path

# From the bottom to the top.
ORDER = ['keys', 'secrets', 'identity', 'backup', 'restore', 'unlock', 'repair', 'set-up', 'key-file', 'live',
         'recovery', 'history', 'account']
# Includes against the order, "room/file": ("what it includes", "why"). At most seven.
EXCEPTIONS = {}
LIVING = re.compile(r'\bks_(?:account_life|backup_keeper|recovery|restore_job|rooms)_new\b')
INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.M)


def read(src):
    """File → the files that it includes, both by their path under src/."""
    return {str(path.relative_to(src)): INCLUDE.findall(path.read_text()) for path in sorted(src.rglob('*.[ch]'))}


def look_up(includes):
    """Who includes a room above theirs, and the arrows between rooms."""
    faults, arrows = [], set()
    for name, others in includes.items():
        if not name.startswith('engine/'):
            continue
        parts = name.split('/')
        if len(parts) != 3 or parts[1] not in ORDER:
            faults.append(f'{name} stands in no room that has a place in the order')
            continue
        for other in others:
            room = other.split('/')[1] if other.startswith('engine/') else parts[1]
            if room == parts[1]:
                continue
            arrows.add((parts[1], room))
            up = room not in ORDER or ORDER.index(room) > ORDER.index(parts[1])
            if up and EXCEPTIONS.get(name, ('',))[0] != other:
                faults.append(f'{name} looks up, to {other}')
    return faults, arrows


def circles(includes):
    """Sets of modules that include one another, around (Tarjan, without recursion). A module is a .c and its .h."""
    graph = {}
    for name, others in includes.items():
        module = name.rsplit('.', 1)[0]
        graph.setdefault(module, set()).update({other.rsplit('.', 1)[0] for other in others} - {module})
    number, low, stack, on_stack, found = {}, {}, [], set(), []
    for root in graph:
        if root in number:
            continue
        work = [(root, iter(graph[root]))]
        while work:
            node, rest = work[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                stack.append(node)
                on_stack.add(node)
            child = next((other for other in rest if other in graph), None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    at = stack.index(node)
                    found.append(stack[at:])
                    on_stack -= set(stack[at:])
                    del stack[at:]
            elif child not in number:
                work.append((child, iter(graph[child])))
            elif child in on_stack:
                low[node] = min(low[node], number[child])
    return [circle for circle in found if len(circle) > 1]


def main(root):
    src = Path(root) / 'src'
    includes = read(src)
    faults, arrows = look_up(includes)
    around = circles(includes)
    for circle in around:
        if len({module.rsplit('/', 1)[0] for module in circle}) > 1:
            faults.append('a circle over two folders: ' + ', '.join(sorted(circle)))
    faults += [f'{path.relative_to(src)} makes what lives' for path in sorted(src.rglob('*.c'))
               if path.relative_to(src).parts[0] != 'engine' and LIVING.search(path.read_text())]
    if len(EXCEPTIONS) > 7:
        faults.append(f'{len(EXCEPTIONS)} includes against the order')
    faults += [f'{name} does not look up any more' for name, (other, _) in EXCEPTIONS.items()
               if other not in includes.get(name, [])]
    print('\n'.join(faults + [f'{len(ORDER)} rooms, {len(arrows)} arrows, {len(EXCEPTIONS)} includes against the order, '
                              f'{len(around)} circles of files, none over two folders' if not faults else '']))
    return 1 if faults or not arrows else 0


sys.exit(main(sys.argv[1]))

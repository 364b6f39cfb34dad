# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window as a person with assistive technology does: finds by role and name, reads, clicks and
types through AT-SPI. Waits for conditions; nothing here sleeps for a guessed time."""
import os
import subprocess
import time

import accessible
from gi.repository import GLib

# What GTK 4.8 calls a role, and what later versions do.
ROLES = {
    'push button': {'push button', 'button'},
    'text': {'text', 'entry', 'password text'},
    'frame': {'frame', 'dialog', 'window'},
    # One of a group is told as what it is since GTK 4.12.
    'check box': {'check box', 'radio button'},
}


class NotSeen(AssertionError):
    pass


def until(what, condition, seconds=15):
    """Waits until condition() is true, and returns what it returned."""
    end = time.monotonic() + seconds
    while True:
        try:
            result = condition()
            if result:
                return result
        except GLib.Error:
            pass
        if time.monotonic() > end:
            raise NotSeen(f'waited {seconds} s for: {what}')
        time.sleep(0.1)


def walk(root):
    """All nodes, but not what is in something without a size, such as a page of a stack that was never shown: there is
    nothing in it for anybody."""
    return accessible.walk(root, lambda node: node == root or shown(node))


def name_of(node):
    """The accessible name, without the doubling that GTK 4.8 does for mnemonics ("_Next Next")."""
    words = node.name.split(' ')
    half = len(words) // 2
    if '_' in node.name and len(words) % 2 == 0 and ' '.join(words[:half]).replace('_', '') == ' '.join(words[half:]):
        return ' '.join(words[half:])
    return node.name.replace('_', '')


def has_role(node, role):
    return node.role in ROLES.get(role, {role})


def states(node):
    return node.states()


def extents(node):
    return node.look().extents


def shown(node):
    """Really on the screen when it was looked at: GTK 4.8 does not report SHOWING below the window."""
    return node.extents[2] > 0 and node.extents[3] > 0


def find(root, role, name):
    """The last one in the tree: GTK 4.8 keeps the extents of pages of a stack that were shown before, and the
    pages stand in the order in which a person gets to them."""
    found = None
    for node in walk(root):
        if has_role(node, role) and name_of(node) == name and shown(node):
            found = node
    return found


def need(root, role, name, seconds=15):
    return until(f'{role} "{name}"', lambda: find(root, role, name), seconds)


def gone(root, role, name, seconds=15):
    until(f'no {role} "{name}"', lambda: find(root, role, name) is None, seconds)


def texts(root):
    """All words on the screen."""
    return [node.name for node in walk(root) if has_role(node, 'label') and shown(node) and node.name]


def need_text(root, part, seconds=15):
    return until(f'text "{part}"', lambda: next((text for text in texts(root) if part in text), None), seconds)


def act(node, name=None):
    node.act(node.actions().index(name) if name else 0)


def press(root, name, seconds=15):
    """Presses a button once it is sensitive."""
    button = need(root, 'push button', name, seconds)
    until(f'button "{name}" to be sensitive', lambda: 'sensitive' in states(button), seconds)
    act(button)


def pass_offer(root):
    """Past "Protect Your Messages", which comes after the first sign-in to an account without Secure Backup."""
    press(root, 'Later')
    need_text(root, 'Off')


def enter(root, name, text):
    entry = need(root, 'text', name)
    entry.set_text(text)


def xdotool(*arguments):
    done = subprocess.run(['xdotool', *map(str, arguments)], check=True, capture_output=True, text=True)
    return done.stdout


def window(root, besides=None):
    """A window of the app on the screen, other than the one given."""
    return next((node for node in accessible.children_of(root)
                 if has_role(node, 'frame') and node != besides and shown(node)), None)


def window_besides(root, *known):
    """Like window(), whatever role it has: a file chooser's, for one."""
    return next((node for node in accessible.children_of(root) if node not in known and shown(node)), None)


def main_window(root):
    """The one that is there from the start; waited for, since the tree may be changing just now."""
    return until('the window', lambda: window(root))


def window_of(node):
    while not has_role(node, 'frame'):
        node = node.parent()
    return node


def x_window(top):
    """The X window of a frame; None while one of the two still has the title of a page before."""
    found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', f'^{top.look().name}$'],
                           capture_output=True, text=True).stdout.split()
    return found[-1] if found else None


def wait_until_still(node):
    """Until two looks, some frames apart, find it at the same place: a page that slides in has arrived then."""
    before = None

    def still():
        nonlocal before
        now = extents(node)
        if now == before:
            return True
        before = now
        time.sleep(0.1)
        return False
    until('it to stand still', still)


def middle(node):
    """Where a person would point at it, on the screen."""
    until('it to be on the screen', lambda: shown(node.look()))
    wait_until_still(node)
    top = window_of(node)
    window = until('its window', lambda: x_window(top))
    shell = dict(line.split('=') for line in xdotool('getwindowgeometry', '--shell', window).split())
    left, upper, width, height = (int(shell[key]) for key in ('X', 'Y', 'WIDTH', 'HEIGHT'))
    top_x, top_y, top_width, top_height = extents(top)
    x, y, node_width, node_height = extents(node)
    return (left - top_x + (width - top_width) // 2 + x + node_width // 2,
            upper - top_y + (height - top_height) // 2 + y + node_height // 2)


def click(node):
    """With the pointer: for rows, which have no action of their own in GTK 4.8."""
    # Not "mousemove --sync": it waits for a move, for a quarter of a minute if the pointer is there already.
    xdotool('mousemove', *middle(node), 'click', 1)


def drag_file(program, path, node, arrived):
    """Drags a file from the window of another program over the node and lets it go, until arrived() is true."""
    with subprocess.Popen([program, path], stdin=subprocess.PIPE) as source:
        window = until('the other window', lambda: subprocess.run(
            ['xdotool', 'search', '--onlyvisible', '--name', '^Drag Source$'], capture_output=True,
            text=True).stdout.strip())
        x, y = middle(node)

        def dropped():
            # As a hand does it: GTK begins a drag, and a target looks at what is over it, only when the pointer moves.
            place = dict(line.split('=') for line in xdotool('getwindowgeometry', '--shell', window).split())
            xdotool('mousemove', int(place['X']) + int(place['WIDTH']) // 2, int(place['Y']) + int(place['HEIGHT']) // 2,
                    'mousedown', 1)
            try:
                for step in range(1, 11):
                    xdotool('mousemove_relative', '--', 3, 1)
                    time.sleep(0.03)
                for step in range(-5, 1):
                    xdotool('mousemove', x + step * 4, y)
                    time.sleep(0.05)
            finally:
                xdotool('mouseup', 1)
            try:
                return until('the drop', arrived, 3)
            except NotSeen:
                return None
        until('it to be dropped', dropped)
        source.stdin.close()


def click_until(what, look, condition):
    """Clicks what look() finds until condition() is true. A click may miss what has just moved; the next one comes
    only after GTK's time for a double click, of which it would else be the second half, and do nothing."""
    def clicked():
        result = condition()
        if result:
            return result
        click(look())
        try:
            return until(what, condition, 2)
        except NotSeen:
            return None
    return until(what, clicked)


def key(*names):
    """Types keys into the focused window; there is no window manager that would focus it."""
    window = xdotool('search', '--onlyvisible', '--name', '.').split()[-1]
    until('the window to have the focus', lambda: xdotool('windowfocus', window) == '' and
          xdotool('getwindowfocus').strip() == window)
    xdotool('key', *names)


def screenshot(path):
    """What is on the screen, without the black around it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    before = None
    end = time.monotonic() + 5
    # A frame may be under way: two equal pictures in a row are a finished one.
    while time.monotonic() < end:
        now = subprocess.run(['import', '-window', 'root', 'rgb:-'], check=True, capture_output=True).stdout
        if now == before:
            break
        before = now
    subprocess.run(['import', '-window', 'root', path], check=True)
    subprocess.run(['mogrify', '-fuzz', '2%', '-trim', '+repage', path], check=True)


def remember_window_size(size):
    """As the app would have it from an earlier start, for GSETTINGS_BACKEND=keyfile."""
    folder = os.path.join(os.environ['XDG_CONFIG_HOME'], 'glib-2.0/settings')
    os.makedirs(folder)
    with open(os.path.join(folder, 'keyfile'), 'w') as file:
        file.write(f"[io/github/keepsake/Keepsake]\nwindow-size=({size.replace('x', ', ')})\n")


class App:
    """The app, started and ended."""

    def __init__(self, program, *arguments, env=None, log=None):
        self.log = log or os.path.join(os.environ['SCREEN_DIR'], 'app.log')
        self.output = open(self.log, 'a')
        self.process = subprocess.Popen([program, *arguments], stdout=self.output, stderr=self.output,
                                        env={**os.environ, **(env or {})})
        self.root = until('the app on the accessibility bus', self.look, 30)

    def look(self):
        if self.process.poll() is not None:
            raise NotSeen(f'the app ended with {self.process.returncode}: {self.read_log()}')
        return next((root for root in accessible.apps() if accessible.process_id(root) == self.process.pid), None)

    def read_log(self):
        with open(self.log) as file:
            return file.read()

    def end(self):
        """Ends it as closing the window does; returns the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(20)
        self.output.close()
        return status

# SPDX-License-Identifier: GPL-3.0-or-later
"""The accessibility tree of an app, read over D-Bus as a screen reader does. A call costs as long as a frame of the
app may take, and a look at a window needs hundreds: so all calls about one level of the tree are sent before the
first answer is waited for. Interfaces: the XML files of at-spi2-core, "org.a11y.atspi.*"."""
import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib  # noqa: E402

ACCESSIBLE = 'org.a11y.atspi.Accessible'
ACTION = 'org.a11y.atspi.Action'
COMPONENT = 'org.a11y.atspi.Component'
EDITABLE_TEXT = 'org.a11y.atspi.EditableText'
TEXT = 'org.a11y.atspi.Text'
PROPERTIES = 'org.freedesktop.DBus.Properties'
PATIENCE_MS = 10000
# AtspiCoordType: relative to the window.
IN_WINDOW = 1


def connect():
    """To the accessibility bus, which has an address of its own."""
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    address, = session.call_sync('org.a11y.Bus', '/org/a11y/bus', 'org.a11y.Bus', 'GetAddress', None, None,
                                 Gio.DBusCallFlags.NONE, PATIENCE_MS, None).unpack()
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, flags)


class Bus:
    connection = None


def call_all(calls):
    """Sends calls (owner, path, interface, method, arguments), and returns their answers in this order: a tuple, or
    None for a thing that is not there any more."""
    if Bus.connection is None:
        Bus.connection = connect()
    answers = [None] * len(calls)
    waiting = len(calls)

    def answered(connection, result, i):
        nonlocal waiting
        waiting -= 1
        try:
            answers[i] = connection.call_finish(result).unpack()
        except GLib.Error:
            pass

    for i, (owner, path, interface, method, arguments) in enumerate(calls):
        Bus.connection.call(owner, path, interface, method, arguments, None, Gio.DBusCallFlags.NO_AUTO_START,
                            PATIENCE_MS, None, answered, i)
    while waiting:
        GLib.MainContext.default().iteration(True)
    return answers


class Node:
    """Something on the screen. What it says is asked anew each time; walk() alone asks about all nodes at once, and
    leaves role, name and extents in them as they were then."""

    def __init__(self, owner, path):
        self.owner = owner
        self.path = path
        self.role = ''
        self.name = ''
        self.extents = (0, 0, 0, 0)

    def __eq__(self, other):
        return isinstance(other, Node) and (self.owner, self.path) == (other.owner, other.path)

    def __hash__(self):
        return hash((self.owner, self.path))

    def request(self, interface, method, arguments=None):
        return self.owner, self.path, interface, method, arguments

    def property_request(self, interface, name):
        return self.request(PROPERTIES, 'Get', GLib.Variant('(ss)', (interface, name)))

    def call(self, interface, method, arguments=None):
        """The answer's only value; GLib.Error if the thing is gone."""
        answer, = call_all([self.request(interface, method, arguments)])
        if answer is None:
            raise GLib.Error(f'{method}: {self.role} "{self.name}" is gone')
        return answer[0] if answer else None

    def property(self, interface, name):
        return self.call(PROPERTIES, 'Get', GLib.Variant('(ss)', (interface, name)))

    def look(self):
        """Asks for role, name and extents again."""
        look_at([self])
        return self

    def children(self):
        return [Node(*child) for child in self.call(ACCESSIBLE, 'GetChildren')]

    def parent(self):
        return Node(*self.property(ACCESSIBLE, 'Parent')).look()

    def states(self):
        low, high = self.call(ACCESSIBLE, 'GetState')
        bits = low | high << 32
        return {Atspi.StateType(i).value_nick for i in range(64) if bits >> i & 1}

    def actions(self):
        """Their names, in their places; '' for one that went while they were asked for."""
        count = self.property(ACTION, 'NActions')
        answers = call_all([self.request(ACTION, 'GetName', GLib.Variant('(i)', (i,))) for i in range(count)])
        return [answer[0] if answer else '' for answer in answers]

    def act(self, index):
        self.call(ACTION, 'DoAction', GLib.Variant('(i)', (index,)))

    def set_text(self, text):
        self.call(EDITABLE_TEXT, 'SetTextContents', GLib.Variant('(s)', (text,)))

    def character_count(self):
        return self.property(TEXT, 'CharacterCount')


# By node. A thing of GTK's has its role before it is on the bus, under a name that no other thing gets.
roles = {}


def look_at(nodes):
    """Asks for what all these nodes say, and returns what is below each. Their roles are asked only once."""
    calls = []
    for node in nodes:
        calls.append(node.property_request(ACCESSIBLE, 'Name'))
        calls.append(node.request(COMPONENT, 'GetExtents', GLib.Variant('(u)', (IN_WINDOW,))))
        calls.append(node.request(ACCESSIBLE, 'GetChildren'))
    unknown = [node for node in nodes if node not in roles]
    answers = call_all(calls + [node.request(ACCESSIBLE, 'GetRole') for node in unknown])
    for node, role in zip(unknown, answers[len(calls):]):
        if role:
            roles[node] = Atspi.role_get_name(Atspi.Role(role[0]))
    below = []
    for node, name, extents, children in zip(nodes, *(answers[i:len(calls):3] for i in range(3))):
        node.role = roles.get(node, '')
        node.name = name[0] if name else ''
        node.extents = extents[0] if extents else (0, 0, 0, 0)
        below.append([Node(*child) for child in children[0]] if children else [])
    return below


def children_of(node):
    """What is right below, each looked at."""
    children = node.children()
    look_at(children)
    return children


def apps():
    """The roots of all apps on the bus."""
    desktop = Node('org.a11y.atspi.Registry', '/org/a11y/atspi/accessible/root')
    return desktop.children()


def process_id(node):
    bus = Node('org.freedesktop.DBus', '/org/freedesktop/DBus')
    return bus.call('org.freedesktop.DBus', 'GetConnectionUnixProcessID', GLib.Variant('(s)', (node.owner,)))


def walk(root, enters=lambda node: True):
    """All nodes from root on, a parent before its children, these in their order. Does not look below a node that
    enters() refuses."""
    below = {}
    level = [root]
    while level:
        for node, children in zip(level, look_at(level)):
            below[node] = children if enters(node) else []
        level = [child for node in level for child in below[node] if child not in below]
    # From levels back to the order in which a person reads.
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(below.pop(node, [])))

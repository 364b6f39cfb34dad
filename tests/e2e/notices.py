# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's notifications: takes the place of the shell that would show them, and says what it was told."""
import threading

from driver import until
from gi.repository import Gio, GLib

NAME = 'org.freedesktop.Notifications'
INTERFACE = f'''<node><interface name="{NAME}">
  <method name="Notify">
    <arg type="s" direction="in" /><arg type="u" direction="in" /><arg type="s" direction="in" />
    <arg type="s" direction="in" /><arg type="s" direction="in" /><arg type="as" direction="in" />
    <arg type="a{{sv}}" direction="in" /><arg type="i" direction="in" /><arg type="u" direction="out" />
  </method>
  <method name="CloseNotification"><arg type="u" direction="in" /></method>
  <method name="GetCapabilities"><arg type="as" direction="out" /></method>
  <method name="GetServerInformation">
    <arg type="s" direction="out" /><arg type="s" direction="out" /><arg type="s" direction="out" />
    <arg type="s" direction="out" />
  </method>
</interface></node>'''
ANSWERS = {
    'Notify': GLib.Variant('(u)', (1,)),
    'CloseNotification': None,
    'GetCapabilities': GLib.Variant('(as)', (['body'],)),
    'GetServerInformation': GLib.Variant('(ssss)', ('test', 'Keepsake', '1', '1.2')),
}


class Notices:
    """On the session bus from now on; the app is to be started after it."""

    def __init__(self):
        self.told = []
        context = GLib.MainContext()
        owned = threading.Event()
        self.loop = GLib.MainLoop(context)

        def serve():
            context.push_thread_default()
            bus = Gio.bus_get_sync(Gio.BusType.SESSION)
            bus.register_object('/org/freedesktop/Notifications', Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0],
                                self.call, None, None)
            Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *_: owned.set(), None)
            self.loop.run()
            context.pop_thread_default()

        threading.Thread(target=serve, daemon=True).start()
        assert owned.wait(10), 'the name is taken'

    def call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'Notify':
            self.told.append((parameters[3], parameters[4]))
        invocation.return_value(ANSWERS[method])

    def need(self, title, seconds=30):
        """The text of the notification with that title."""
        return until(f'the notification "{title}"',
                     lambda: next((body for told, body in self.told if told == title), None), seconds)

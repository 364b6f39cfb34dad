#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Secret Service that behaves as it is told: locked, silent, forgetful or lying.

For the tests of src/store/ks-keyring.c only; it protects nothing. The session bus is
the one of the environment. Settings are made over D-Bus, by
io.github.keepsake.Mock.Set (name, value) on /org/freedesktop/secrets:

  locked      "1": the default keyring is locked
  collection  "0": there is no default keyring
  prompt      accept, dismiss, or silent (answers neither Prompt nor Dismiss)
  mute        "1": no method of the Secret Service is ever answered
  forge       "1": what is stored is not what was sent
  keep        "1": items cannot be deleted
  attribute   NAME=VALUE: changes every item that is there
"""

from gi.repository import Gio, GLib

ROOT = "/org/freedesktop/secrets"
COLLECTION = ROOT + "/collection/default"
SERVICE_XML = """<node>
<interface name="org.freedesktop.Secret.Service">
 <method name="OpenSession"><arg name="a" type="s" direction="in"/><arg name="i" type="v" direction="in"/>
  <arg name="o" type="v" direction="out"/><arg name="r" type="o" direction="out"/></method>
 <method name="CreateCollection"><arg name="p" type="a{sv}" direction="in"/><arg name="a" type="s" direction="in"/>
  <arg name="c" type="o" direction="out"/><arg name="r" type="o" direction="out"/></method>
 <method name="SearchItems"><arg name="a" type="a{ss}" direction="in"/>
  <arg name="u" type="ao" direction="out"/><arg name="l" type="ao" direction="out"/></method>
 <method name="Unlock"><arg name="o" type="ao" direction="in"/>
  <arg name="u" type="ao" direction="out"/><arg name="p" type="o" direction="out"/></method>
 <method name="ReadAlias"><arg name="n" type="s" direction="in"/><arg name="c" type="o" direction="out"/></method>
 <property name="Collections" type="ao" access="read"/>
</interface>
<interface name="io.github.keepsake.Mock">
 <method name="Set"><arg name="n" type="s" direction="in"/><arg name="v" type="s" direction="in"/></method>
 <method name="Get"><arg name="n" type="s" direction="in"/><arg name="v" type="s" direction="out"/></method>
</interface>
<interface name="org.freedesktop.Secret.Collection">
 <method name="CreateItem"><arg name="p" type="a{sv}" direction="in"/><arg name="s" type="(oayays)" direction="in"/>
  <arg name="r" type="b" direction="in"/><arg name="i" type="o" direction="out"/>
  <arg name="p" type="o" direction="out"/></method>
 <property name="Items" type="ao" access="read"/><property name="Label" type="s" access="read"/>
 <property name="Locked" type="b" access="read"/><property name="Created" type="t" access="read"/>
 <property name="Modified" type="t" access="read"/>
</interface>
<interface name="org.freedesktop.Secret.Item">
 <method name="Delete"><arg name="p" type="o" direction="out"/></method>
 <method name="GetSecret"><arg name="s" type="o" direction="in"/><arg name="r" type="(oayays)" direction="out"/></method>
 <property name="Locked" type="b" access="read"/><property name="Attributes" type="a{ss}" access="read"/>
 <property name="Label" type="s" access="read"/><property name="Created" type="t" access="read"/>
 <property name="Modified" type="t" access="read"/>
</interface>
<interface name="org.freedesktop.Secret.Session"><method name="Close"/></interface>
<interface name="org.freedesktop.Secret.Prompt">
 <method name="Prompt"><arg name="w" type="s" direction="in"/></method><method name="Dismiss"/>
 <signal name="Completed"><arg name="d" type="b"/><arg name="r" type="v"/></signal>
</interface>
</node>"""
INTERFACES = {i.name.rsplit(".", 1)[1]: i for i in Gio.DBusNodeInfo.new_for_xml(SERVICE_XML).interfaces}


class Mock:
    def __init__(self, bus):
        self.bus = bus
        self.settings = {"locked": "0", "collection": "1", "prompt": "accept"}
        self.items = {}
        self.count = 0
        self.prompts = 0
        self.export(ROOT, "Service", self.service, lambda name: GLib.Variant("ao", [COLLECTION]))
        self.export(ROOT, "Mock", self.control)
        self.export(COLLECTION, "Collection", self.collection, self.collection_property)

    def on(self, name):
        return self.settings.get(name) == "1"

    def export(self, path, interface, call, get=None):
        def on_call(_bus, _sender, _path, _interface, method, parameters, invocation):
            if self.on("mute") and interface != "Mock":
                return
            try:
                invocation.return_value(call(method, parameters.unpack(), path))
            except GLib.Error as error:
                invocation.return_dbus_error("org.freedesktop.DBus.Error.NotSupported", error.message)

        return self.bus.register_object(path, INTERFACES[interface], on_call,
                                        lambda _b, _s, _p, _i, name: get(name), None)

    def new_path(self, kind):
        self.count += 1
        return "%s/%s/n%d" % (ROOT, kind, self.count)

    def control(self, method, args, _path):
        if method == "Get":
            values = {"prompts": str(self.prompts), "items": str(len(self.items)),
                      "labels": "\n".join(i["label"] for i in self.items.values())}
            return GLib.Variant("(s)", (values[args[0]],))
        self.settings[args[0]] = args[1]
        if args[0] == "attribute":
            name, value = args[1].split("=", 1)
            for item in self.items.values():
                item["attributes"][name] = value
        return None

    def service(self, method, args, _path):
        if method == "OpenSession":
            if args[0] != "plain":
                raise GLib.Error("no such algorithm")
            path = self.new_path("session")
            self.export(path, "Session", lambda *_: None)
            return GLib.Variant("(vo)", (GLib.Variant("s", ""), path))
        if method == "ReadAlias":
            return GLib.Variant("(o)", (COLLECTION if self.on("collection") else "/",))
        if method == "SearchItems":
            # A service that lies about what was asked for answers with everything.
            found = [p for p, i in self.items.items()
                     if "attribute" in self.settings or args[0].items() <= i["attributes"].items()]
            return GLib.Variant("(aoao)", ([], found) if self.on("locked") else (found, []))
        if method == "Unlock":
            if not self.on("locked"):
                return GLib.Variant("(aoo)", (args[0], "/"))
            return GLib.Variant("(aoo)", ([], self.new_prompt(GLib.Variant("ao", args[0]), "locked", "0")))
        return GLib.Variant("(oo)", ("/", self.new_prompt(GLib.Variant("o", COLLECTION), "collection", "1")))

    def new_prompt(self, result, name, value):
        path = self.new_path("prompt")

        def complete(dismissed):
            if not dismissed:
                self.settings[name] = value
            self.bus.emit_signal(None, path, "org.freedesktop.Secret.Prompt", "Completed",
                                 GLib.Variant("(bv)", (dismissed, result)))
            return False

        def call(method, _args, _path):
            self.prompts += method == "Prompt"
            if self.settings["prompt"] != "silent":
                GLib.idle_add(complete, method == "Dismiss" or self.settings["prompt"] == "dismiss")
            return None

        self.export(path, "Prompt", call)
        return path

    def collection_property(self, name):
        return {"Items": GLib.Variant("ao", list(self.items)), "Label": GLib.Variant("s", "Default"),
                "Locked": GLib.Variant("b", self.on("locked")), "Created": GLib.Variant("t", 1),
                "Modified": GLib.Variant("t", 1)}[name]

    def collection(self, _method, args, _path):
        path = self.new_path("collection/default")
        secret = bytes(args[1][2])
        self.items[path] = {
            "label": args[0]["org.freedesktop.Secret.Item.Label"],
            "attributes": dict(args[0]["org.freedesktop.Secret.Item.Attributes"]),
            "secret": secret[::-1] if self.on("forge") else secret,
        }
        self.items[path]["id"] = self.export(path, "Item", self.item, lambda name: self.item_property(path, name))
        return GLib.Variant("(oo)", (path, "/"))

    def item_property(self, path, name):
        return {"Locked": GLib.Variant("b", self.on("locked")),
                "Attributes": GLib.Variant("a{ss}", self.items[path]["attributes"]),
                "Label": GLib.Variant("s", self.items[path]["label"]),
                "Created": GLib.Variant("t", 1), "Modified": GLib.Variant("t", 1)}[name]

    def item(self, method, args, path):
        if method == "Delete":
            if self.on("keep"):
                raise GLib.Error("it stays")
            self.bus.unregister_object(self.items.pop(path)["id"])
            return GLib.Variant("(o)", ("/",))
        return GLib.Variant("((oayays))", ((args[0], b"", self.items[path]["secret"], "text/plain"),))


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    mock = Mock(bus)
    Gio.bus_own_name_on_connection(bus, "org.freedesktop.secrets", Gio.BusNameOwnerFlags.NONE,
                                   None, None)
    GLib.MainLoop().run()
    return mock


main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery, signing in and out, sessions, profile, what is not there."""


def discovery(t):
    t.call("well-known", "GET", "/.well-known/matrix/client")
    t.call("versions", "GET", "/_matrix/client/versions")
    t.call("login flows", "GET", "login")
    t.call("login flows, r0", "GET", "/_matrix/client/r0/login")


def unknown_endpoints(t):
    alice = t.register("unknown")
    t.call("unknown path", "GET", "nonsense", token=alice.token)
    t.call("unknown path without a token", "GET", "nonsense")
    t.call("unknown path outside the API", "GET", "/nonsense")
    t.call("known path, other method", "DELETE", "account/whoami", token=alice.token)
    t.call("known path, other method, no token", "POST", "account/whoami", {})


def tokens(t):
    t.call("no token", "GET", "account/whoami")
    t.call("wrong token", "GET", "account/whoami", token="nonsense")
    alice = t.register("tokens")
    t.call("whoami", "GET", "account/whoami", token=alice.token)
    t.call("token in the query", "GET", "account/whoami?access_token=" + alice.token)
    t.call("capabilities", "GET", "capabilities", token=alice.token)
    t.call("capabilities without a token", "GET", "capabilities")


def bodies(t):
    alice = t.register("bodies")
    path = "user/%s/account_data/org.example" % alice.quoted
    t.call("no JSON", "PUT", path, token=alice.token, raw=b"nonsense")
    t.call("cut JSON", "PUT", path, token=alice.token, raw=b'{"a":')
    t.call("no body", "PUT", path, token=alice.token, raw=b"")
    t.call("not UTF-8", "PUT", path, token=alice.token, raw=b'{"a":"\xff"}')
    t.call("a list", "PUT", path, token=alice.token, raw=b"[]")
    t.call("no content type", "PUT", path, token=alice.token, raw=b"{}", headers={"Content-Type": "text/plain"})
    t.call("too long", "PUT", path, token=alice.token, raw=b'{"a":"%s"}' % (b"x" * 52428800))
    t.call("as long as it may be", "PUT", path, token=alice.token, raw=b'{"a":"%s"}' % (b"x" * (52428800 - 8)))


def password_login(t):
    t.register("login", "right")

    def login(label, **more):
        body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "login"}, "password": "right"}
        body.update(more)
        return t.call(label, "POST", "login", {k: v for k, v in body.items() if v is not None})

    login("right", device_id="CHOSEN", initial_device_display_name="A name")
    login("right, full ID", identifier={"type": "m.id.user", "user": "@login:localhost"}, device_id="CHOSEN")
    login("user outside an identifier", identifier=None, user="login", device_id="CHOSEN")
    login("wrong password", password="wrong")
    login("no such user", identifier={"type": "m.id.user", "user": "nobody"})
    login("another server's user", identifier={"type": "m.id.user", "user": "@login:example.org"})
    login("no password", password=None)
    login("password that is no text", password=17)
    login("no identifier", identifier=None)
    login("identifier without a type", identifier={"user": "login"})
    login("identifier without a user", identifier={"type": "m.id.user"})
    login("unknown identifier", identifier={"type": "org.example", "user": "login"})
    login("unknown type", type="org.example.login")
    login("no type", type=None)
    t.call("no JSON", "POST", "login", raw=b"nonsense")


def one_session_twice(t):
    first = t.register("twice", device="SAME")
    second = t.login("twice", device="SAME")
    t.call("the older token is dead", "GET", "account/whoami", token=first.token)
    t.call("the newer is alive", "GET", "account/whoami", token=second.token)
    t.call("one session", "GET", "devices", token=second.token)


def logout(t):
    one = t.register("logout", device="ONE")
    two = t.login("logout", device="TWO")
    three = t.login("logout", device="THREE")
    t.call("logout", "POST", "logout", {}, one.token)
    t.call("its token is dead", "GET", "account/whoami", token=one.token)
    t.call("logout without a body", "POST", "logout", token=two.token)
    t.call("logout again", "POST", "logout", {}, two.token)
    t.login("logout", device="FOUR")
    t.call("the sessions left", "GET", "devices", token=three.token)
    t.call("logout of all", "POST", "logout/all", {}, three.token)
    t.call("its token is dead too", "GET", "account/whoami", token=three.token)


def devices(t):
    alice = t.register("devices", device="MINE")
    other = t.login("devices", device="OTHER")
    t.call("list", "GET", "devices", token=alice.token)
    t.call("one", "GET", "devices/OTHER", token=alice.token)
    t.call("none such", "GET", "devices/NONE", token=alice.token)
    t.call("rename", "PUT", "devices/OTHER", {"display_name": "New name"}, alice.token)
    t.call("rename to nothing", "PUT", "devices/MINE", {}, alice.token)
    t.call("rename none such", "PUT", "devices/NONE", {"display_name": "x"}, alice.token)
    t.call("renamed", "GET", "devices/OTHER", token=alice.token)
    asked = t.call("delete", "DELETE", "devices/OTHER", {}, alice.token)
    auth = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "devices"}, "password": "secret"}
    t.call("delete with a wrong password", "DELETE", "devices/OTHER",
           {"auth": {**auth, "password": "wrong", "session": asked["session"]}}, alice.token)
    t.call("the session for another device", "DELETE", "devices/MINE",
           {"auth": {**auth, "session": asked["session"]}}, alice.token)
    t.call("delete with the password", "DELETE", "devices/OTHER",
           {"auth": {**auth, "session": asked["session"]}}, alice.token)
    t.call("its token is dead", "GET", "account/whoami", token=other.token)
    t.call("delete without a body", "DELETE", "devices/NONE", token=alice.token)
    t.login("devices", device="THIRD")
    asked = t.call("delete several", "POST", "delete_devices", {"devices": ["THIRD"]}, alice.token)
    t.call("delete several with the password", "POST", "delete_devices",
           {"devices": ["THIRD"], "auth": {**auth, "session": asked["session"]}}, alice.token)
    t.call("delete several, none named", "POST", "delete_devices", {}, alice.token)
    t.call("left", "GET", "devices", token=alice.token)


def profile(t):
    alice = t.register("profile")
    t.call("a new account's", "GET", "profile/%s" % alice.quoted, token=alice.token)
    t.call("its name", "GET", "profile/%s/displayname" % alice.quoted, token=alice.token)
    t.call("set", "PUT", "profile/%s/displayname" % alice.quoted, {"displayname": "Alice Ä"}, alice.token)
    t.call("get", "GET", "profile/%s/displayname" % alice.quoted, token=alice.token)
    t.call("emptied", "PUT", "profile/%s/displayname" % alice.quoted, {"displayname": ""}, alice.token)
    t.call("get what is empty", "GET", "profile/%s/displayname" % alice.quoted, token=alice.token)
    t.call("somebody else's", "PUT", "profile/%40other%3Alocalhost/displayname", {"displayname": "x"}, alice.token)
    t.call("nobody's", "GET", "profile/%40nobody%3Alocalhost", token=alice.token)


CASES = [discovery, unknown_endpoints, tokens, bodies, password_login, one_session_twice, logout, devices, profile]

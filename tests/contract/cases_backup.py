# SPDX-License-Identifier: GPL-3.0-or-later
"""/room_keys: versions, what may be written where, counts and etags, merging."""

ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2"
ROOM = "!r%3Alocalhost"
VERSION = {"algorithm": ALGORITHM, "auth_data": {"public_key": "abcdefg", "signatures": {}}}


def entry(index=5, forwarded=3, verified=False, text="B"):
    return {"first_message_index": index, "forwarded_count": forwarded, "is_verified": verified,
            "session_data": {"ephemeral": "A", "ciphertext": text, "mac": "C"}}


def rooms(*sessions):
    return {"rooms": {"!r:localhost": {"sessions": {name: entry() for name in sessions}}}}


def no_backup(t):
    alice = t.register("nobackup")
    for method, path, body in (
            ("GET", "version", None), ("GET", "version/1", None), ("DELETE", "version/1", None),
            ("PUT", "version/1", VERSION), ("GET", "keys?version=1", None), ("PUT", "keys?version=1", {"rooms": {}}),
            ("GET", "keys/%s?version=1" % ROOM, None), ("GET", "keys/%s/s?version=1" % ROOM, None),
            ("DELETE", "keys?version=1", None), ("GET", "keys", None), ("PUT", "keys", {"rooms": {}}),
            ("DELETE", "keys", None), ("GET", "version/nonsense", None), ("DELETE", "version/nonsense", None),
            ("GET", "version/", None)):
        t.call("%s %s" % (method, path), method, "room_keys/" + path, body, alice.token)
    t.call("no token", "GET", "room_keys/version")
    t.call("no token to write", "PUT", "room_keys/keys?version=1", {"rooms": {}})


def versions(t):
    alice = t.register("versions")

    def call(label, method, path="", body=None):
        return t.call(label, method, "room_keys/version" + path, body, alice.token)

    call("no algorithm", "POST", "", {"auth_data": {}})
    call("no auth_data", "POST", "", {"algorithm": ALGORITHM})
    call("first", "POST", "", VERSION)
    call("current", "GET")
    call("any algorithm", "POST", "", {"algorithm": "org.example", "auth_data": {}})
    call("current now", "GET")
    call("third", "POST", "", VERSION)
    call("an older one", "GET", "/1")
    call("not yet there", "GET", "/99")
    changed = {"algorithm": ALGORITHM, "auth_data": {"public_key": "new", "signatures": {"x": {}}}}
    call("change auth_data", "PUT", "/3", changed)
    call("changed", "GET", "/3")
    call("change with the version", "PUT", "/3", {**changed, "version": "3"})
    call("change with another version", "PUT", "/3", {**changed, "version": "1"})
    call("change the algorithm", "PUT", "/3", {**changed, "algorithm": "org.example"})
    call("change an older one", "PUT", "/1", changed)
    call("change one that is not there", "PUT", "/99", changed)
    call("change to nothing", "PUT", "/3", {})
    call("change without auth_data", "PUT", "/3", {"algorithm": ALGORITHM})
    call("delete the current", "DELETE", "/3")
    call("the one before is current again", "GET")
    call("delete twice", "DELETE", "/3")
    call("the deleted one", "GET", "/3")
    call("change the deleted one", "PUT", "/3", changed)
    call("a number is not used again", "POST", "", VERSION)
    call("delete one that never was", "DELETE", "/99")
    for number in (4, 2, 1):
        call("delete %d" % number, "DELETE", "/%d" % number)
    call("none left", "GET")
    call("and on", "POST", "", VERSION)


def where_to_write(t):
    alice = t.register("where")

    def call(label, method, path, body=None):
        return t.call(label, method, "room_keys/" + path, body, alice.token)

    for _ in range(3):
        t.request("POST", "room_keys/version", VERSION, alice.token)
    call("an older version", "PUT", "keys?version=1", rooms("s"))
    call("a missing version", "PUT", "keys?version=99", rooms("s"))
    call("no version", "PUT", "keys", rooms("s"))
    call("the current version", "PUT", "keys?version=3", rooms("s"))
    call("read an older version", "GET", "keys?version=1")
    call("read a missing version", "GET", "keys?version=99")
    call("empty an older version", "DELETE", "keys?version=1")
    call("empty a missing version", "DELETE", "keys?version=99")
    t.request("DELETE", "room_keys/version/3", token=alice.token)
    call("a deleted version", "PUT", "keys?version=3", rooms("s"))
    call("read a deleted version", "GET", "keys?version=3")
    call("empty a deleted version", "DELETE", "keys?version=3")
    call("the one before is writable", "PUT", "keys?version=2", rooms("s"))


def reading(t):
    alice = t.register("reading")
    t.request("POST", "room_keys/version", VERSION, alice.token)

    def call(label, method, path, body=None):
        return t.call(label, method, "room_keys/" + path, body, alice.token)

    call("nothing yet", "GET", "keys?version=1")
    call("one", "PUT", "keys/%s/s1?version=1" % ROOM, entry())
    call("a room", "PUT", "keys/%s?version=1" % ROOM, {"sessions": {"s2": entry(), "a/b+c": entry()}})
    call("all", "PUT", "keys?version=1", {"rooms": {"!other:localhost": {"sessions": {"s1": entry(0, 0, True)}}}})
    call("read all", "GET", "keys?version=1")
    call("read a room", "GET", "keys/%s?version=1" % ROOM)
    call("read one", "GET", "keys/%s/s1?version=1" % ROOM)
    call("read one with a slash", "GET", "keys/%s/a%%2Fb%%2Bc?version=1" % ROOM)
    call("no such session", "GET", "keys/%s/none?version=1" % ROOM)
    call("no such room", "GET", "keys/!none?version=1")
    call("no such session in no such room", "GET", "keys/!none/none?version=1")
    call("count and etag", "GET", "version")
    call("delete one", "DELETE", "keys/%s/s1?version=1" % ROOM)
    call("delete it twice", "DELETE", "keys/%s/s1?version=1" % ROOM)
    call("delete a room", "DELETE", "keys/%s?version=1" % ROOM)
    call("delete all", "DELETE", "keys?version=1")
    call("count and etag at last", "GET", "version")


def merging(t):
    alice = t.register("merging")
    t.request("POST", "room_keys/version", VERSION, alice.token)
    path = "room_keys/keys/%s/s?version=1" % ROOM

    def put(label, **more):
        t.call(label, "PUT", path, entry(text=label, **more), alice.token)
        t.call(label + ": kept", "GET", path, token=alice.token)

    put("first")
    put("the same again")
    put("higher index", index=6)
    put("higher forwarded count", forwarded=4)
    put("lower index", index=4)
    put("lower forwarded count", index=4, forwarded=2)
    put("lower index, higher count", index=3, forwarded=9)
    put("higher index, lower count", index=9, forwarded=1)
    put("verified, higher index", index=20, forwarded=20, verified=True)
    put("verified again", index=20, forwarded=20, verified=True)
    put("not verified, same", index=20, forwarded=20)
    put("not verified, lower index", index=1, forwarded=20)
    t.call("etag and count", "GET", "room_keys/version", token=alice.token)


def malformed(t):
    alice = t.register("malformed")
    t.request("POST", "room_keys/version", VERSION, alice.token)

    def put(label, body, path="/%s/s" % ROOM):
        t.call(label, "PUT", "room_keys/keys%s?version=1" % path, body, alice.token)

    for missing in entry():
        put("without " + missing, {k: v for k, v in entry().items() if k != missing})
    put("nothing", {})
    put("is_verified a text", {**entry(), "is_verified": "yes"})
    put("is_verified a number", {**entry(), "is_verified": 1})
    put("session_data a text", {**entry(), "session_data": "x"})
    put("more members", {**entry(), "more": 1})
    put("without rooms", {}, "")
    put("no rooms", {"rooms": {}}, "")
    put("a room without sessions", {}, "/" + ROOM)
    put("no sessions", {"sessions": {}}, "/" + ROOM)
    put("a room of all without sessions", {"rooms": {"!r:localhost": {}}}, "")
    t.call("no JSON", "PUT", "room_keys/keys?version=1", token=alice.token, raw=b"nonsense")
    t.call("what is there", "GET", "room_keys/keys?version=1", token=alice.token)


def many(t):
    alice = t.register("many")
    t.request("POST", "room_keys/version", VERSION, alice.token)
    t.call("2,000 keys", "PUT", "room_keys/keys?version=1", {"rooms": {
        "!room%d:localhost" % i: {"sessions": {"s%d" % j: entry() for j in range(100)}} for i in range(20)}}, alice.token)
    got = t.request("GET", "room_keys/keys?version=1", token=alice.token)
    t.record("all come back", sum(len(room["sessions"]) for room in got["rooms"].values()))


CASES = [no_backup, versions, where_to_write, reading, merging, malformed, many]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Account data, filters, registration, media."""


def account_data(t):
    alice = t.register("data")
    path = "user/%s/account_data/" % alice.quoted
    t.call("never set", "GET", path + "org.example", token=alice.token)
    t.call("set", "PUT", path + "org.example", {"a": {"b": [1, True, None, "ä"]}}, alice.token)
    t.call("get", "GET", path + "org.example", token=alice.token)
    t.call("empty it", "PUT", path + "org.example", {}, alice.token)
    t.call("empty is there", "GET", path + "org.example", token=alice.token)
    t.call("delete", "DELETE", path + "org.example", token=alice.token)
    t.call("a key ID with a slash", "PUT", path + "m.secret_storage.key.a%2Fb%2Bc", {"x": 1}, alice.token)
    t.call("get that", "GET", path + "m.secret_storage.key.a%2Fb%2Bc", token=alice.token)
    t.call("somebody else's", "PUT", "user/%40other%3Alocalhost/account_data/x", {}, alice.token)
    t.call("get somebody else's", "GET", "user/%40other%3Alocalhost/account_data/x", token=alice.token)
    t.call("push rules", "PUT", path + "m.push_rules", {}, alice.token)
    t.call("read marker", "PUT", path + "m.fully_read", {}, alice.token)
    t.call("without a token", "GET", path + "org.example")


def room_account_data(t):
    alice = t.register("roomdata")
    room = t.name(t.request("POST", "createRoom", {}, alice.token)["room_id"], "ROOM")
    path = "user/%s/rooms/%s/account_data/" % (alice.quoted, room)
    t.call("never set", "GET", path + "org.example", token=alice.token)
    t.call("set", "PUT", path + "org.example", {"a": 1}, alice.token)
    t.call("get", "GET", path + "org.example", token=alice.token)
    t.call("not global", "GET", "user/%s/account_data/org.example" % alice.quoted, token=alice.token)
    t.call("no room ID", "PUT", "user/%s/rooms/nonsense/account_data/x" % alice.quoted, {}, alice.token)
    t.call("somebody else's", "PUT", "user/%%40other%%3Alocalhost/rooms/%s/account_data/x" % room, {}, alice.token)


def filters(t):
    alice = t.register("filters")
    made = t.call("make", "POST", "user/%s/filter" % alice.quoted, {"room": {"timeline": {"limit": 3}}}, alice.token)
    t.call("get", "GET", "user/%s/filter/%s" % (alice.quoted, made["filter_id"]), token=alice.token)
    t.call("none such", "GET", "user/%s/filter/999" % alice.quoted, token=alice.token)
    t.call("sync with it", "GET", "sync?timeout=0&filter=%s" % made["filter_id"], token=alice.token)
    t.call("sync with none such", "GET", "sync?timeout=0&filter=999", token=alice.token)
    t.call("somebody else's", "POST", "user/%40other%3Alocalhost/filter", {}, alice.token)


def registration(t):
    path = "/_synapse/admin/v1/register"
    t.call("nonce", "GET", path)
    nonce = t.request("GET", path)["nonce"]
    body = {"nonce": nonce, "username": "reg", "password": "p", "admin": False, "mac": "00"}
    t.call("wrong mac", "POST", path, body)
    t.call("nonce used up", "POST", path, body)
    t.call("no nonce", "POST", path, {"username": "reg", "password": "p", "mac": "00"})
    t.call("no name", "POST", path, {"nonce": t.request("GET", path)["nonce"], "password": "p", "mac": "00"})
    t.call("no password", "POST", path, {"nonce": t.request("GET", path)["nonce"], "username": "x", "mac": "00"})


def media(t):
    alice = t.register("media")
    t.call("config", "GET", "/_matrix/client/v1/media/config", token=alice.token)
    sent = t.call("upload", "POST", "/_matrix/media/v3/upload?filename=a.bin", token=alice.token,
                  raw=b"\x00\x01 bytes", headers={"Content-Type": "application/octet-stream"})
    media_id = sent["content_uri"][len("mxc://"):]
    t.call("download", "GET", "/_matrix/client/v1/media/download/" + media_id, token=alice.token)
    t.call("download without a token", "GET", "/_matrix/client/v1/media/download/" + media_id)
    t.call("none such", "GET", "/_matrix/client/v1/media/download/localhost/nonsense", token=alice.token)
    t.call("upload without a token", "POST", "/_matrix/media/v3/upload", raw=b"x")


CASES = [account_data, room_account_data, filters, registration, media]

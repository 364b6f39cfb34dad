# SPDX-License-Identifier: GPL-3.0-or-later
"""/sync, to-device messages, rooms and what is in them."""
import json
import urllib.parse


def sync(t, label, session, since=None, **query):
    if since:
        query["since"] = since
    query.setdefault("timeout", 0)
    return t.call(label, "GET", "sync?" + urllib.parse.urlencode(query), token=session.token)


def brief_filter(**more):
    return json.dumps({"presence": {"types": []}, "account_data": {"not_types": ["m.push_rules"]}, **more})


def first_sync(t):
    alice = t.register("sync")
    first = sync(t, "initial", alice)
    since = first["next_batch"]
    sync(t, "nothing new", alice, since)
    sync(t, "a wrong token", alice, "nonsense")
    sync(t, "a filter that is no JSON", alice, filter="{nonsense")
    t.call("without a token", "GET", "sync")
    t.request("PUT", "user/%s/account_data/org.example" % alice.quoted, {"a": 1}, alice.token)
    second = sync(t, "account data", alice, since)
    sync(t, "not again", alice, second["next_batch"])
    sync(t, "again from the older token", alice, since, full_state="false")
    t.request("PUT", "user/%s/account_data/org.example" % alice.quoted, {}, alice.token)
    sync(t, "emptied account data", alice, second["next_batch"])


def repeated_sync(t):
    """An answer is given again for a while, however stale it is."""
    alice = t.register("stale")
    path = "user/%s/account_data/org.example" % alice.quoted
    first = sync(t, "initial", alice, filter=brief_filter())
    t.request("PUT", path, {"a": 1}, alice.token)
    again = sync(t, "initial again: stale", alice, filter=brief_filter())
    t.record("the same token", first["next_batch"] == again["next_batch"])
    sync(t, "another filter: fresh", alice, filter=brief_filter(room={"timeline": {"limit": 7}}))


def long_poll(t):
    alice = t.register("poll")
    other = t.login("poll", device="OTHER")
    since = t.request("GET", "sync?timeout=0", token=alice.token)["next_batch"]
    path = "user/%s/account_data/org.example" % alice.quoted
    empty = t.later("GET", "sync?timeout=400&since=" + since, token=alice.token)()
    t.record("waits as long as it is told", 0.35 <= empty.seconds < 5)
    waiting = t.later("GET", "sync?timeout=20000&since=" + since, token=alice.token)
    t.request("PUT", path, {"a": 1}, alice.token)
    answer = waiting()
    t.record("wakes for account data", answer.seconds < 15)
    t.record("and tells it", t.normal(answer.body))
    waiting = t.later("GET", "sync?timeout=20000&since=" + answer["next_batch"], token=alice.token)
    message = {"messages": {alice.user: {alice.device: {"hello": 1}}}}
    t.request("PUT", "sendToDevice/org.example/txn1", message, other.token)
    answer = waiting()
    t.record("wakes for a to-device message", answer.seconds < 15)
    t.record("and tells that", t.normal(answer.body))


def to_device(t):
    alice, bob = t.register("todev"), t.register("todevbob")
    since = t.request("GET", "sync?timeout=0", token=alice.token)["next_batch"]

    def send(label, txn, messages, kind="org.example"):
        return t.call(label, "PUT", "sendToDevice/%s/%s" % (kind, txn), {"messages": messages}, bob.token)

    send("one", "t1", {alice.user: {alice.device: {"n": 1}}})
    send("the same transaction again", "t1", {alice.user: {alice.device: {"n": 1}}})
    send("to all sessions", "t2", {alice.user: {"*": {"n": 2}}})
    send("to a session that is not there", "t3", {alice.user: {"NONE": {"n": 3}}})
    send("to nobody", "t4", {"@nobody:localhost": {"*": {}}})
    send("too long", "t5", {alice.user: {alice.device: {"n": "x" * 66000}}})
    t.call("no messages", "PUT", "sendToDevice/org.example/t6", {}, bob.token)
    got = sync(t, "two came", alice, since)
    sync(t, "again, not acknowledged", alice, since, timeout=1)
    sync(t, "acknowledged", alice, got["next_batch"])
    sync(t, "gone for good", alice, since, timeout=2)
    for i in range(103):
        t.request("PUT", "sendToDevice/org.example/m%d" % i, {"messages": {alice.user: {alice.device: {"n": i}}}}, bob.token)
    many = t.request("GET", "sync?timeout=0&since=" + got["next_batch"], token=alice.token)
    t.record("so many at a time", len(many["to_device"]["events"]))
    rest = t.request("GET", "sync?timeout=0&since=" + many["next_batch"], token=alice.token)
    t.record("and the rest", t.normal(rest["to_device"]))


def rooms(t):
    alice, bob = t.register("rooms"), t.register("roomsbob")
    t.call("none joined", "GET", "joined_rooms", token=alice.token)
    start = t.request("GET", "sync?timeout=0", token=bob.token)["next_batch"]
    made = t.request("POST", "createRoom", {
        "name": "A room", "topic": "A topic", "preset": "private_chat", "invite": [bob.user],
        "initial_state": [{"type": "m.room.encryption", "state_key": "", "content": {
            "algorithm": "m.megolm.v1.aes-sha2"}}]}, alice.token)
    room = t.name(made["room_id"], "ROOM")
    t.record("made", t.normal(made.body))
    t.call("joined", "GET", "joined_rooms", token=alice.token)
    t.call("state", "GET", "rooms/%s/state" % room, token=alice.token, unordered=True)
    invited = sync(t, "invited", bob, start)
    t.call("not yet for the invited", "GET", "rooms/%s/messages?dir=b" % room, token=bob.token)
    t.call("join", "POST", "join/" + room, {}, bob.token)
    t.call("join again", "POST", "rooms/%s/join" % room, {}, bob.token)
    joined = sync(t, "joined in /sync", bob, invited["next_batch"])
    t.call("members", "GET", "rooms/%s/members" % room, token=bob.token, unordered=True)
    t.call("joined members", "GET", "rooms/%s/joined_members" % room, token=bob.token)
    t.call("leave", "POST", "rooms/%s/leave" % room, {}, bob.token)
    sync(t, "left in /sync", bob, joined["next_batch"])
    t.call("join without an invitation", "POST", "join/" + room, {}, bob.token)
    t.call("invite", "POST", "rooms/%s/invite" % room, {"user_id": bob.user}, alice.token)
    t.call("invite who is in", "POST", "rooms/%s/invite" % room, {"user_id": alice.user}, alice.token)
    t.call("invite from outside", "POST", "rooms/%s/invite" % room, {"user_id": bob.user}, bob.token)
    t.call("no such room", "POST", "join/!none%3Alocalhost", {}, bob.token)
    t.call("no room ID", "POST", "join/nonsense", {}, bob.token)
    t.call("leave no such room", "POST", "rooms/!none%3Alocalhost/leave", {}, bob.token)


def events(t):
    alice, bob = t.register("events"), t.register("eventsbob")
    room = t.name(t.request("POST", "createRoom", {"preset": "public_chat"}, alice.token)["room_id"], "ROOM")
    since = t.request("GET", "sync?timeout=0", token=alice.token)["next_batch"]
    path = "rooms/%s/" % room
    send = path + "send/m.room.message/"
    first = t.call("send", "PUT", send + "t1", {"body": "one", "msgtype": "m.text"}, alice.token)
    again = t.request("PUT", send + "t1", {"body": "one", "msgtype": "m.text"}, alice.token)
    t.record("one event for one transaction", first["event_id"] == again["event_id"])
    t.call("get", "GET", path + "event/" + urllib.parse.quote(first["event_id"]), token=alice.token)
    t.call("get none such", "GET", path + "event/$none", token=alice.token)
    t.call("too long", "PUT", send + "t2", {"body": "x" * 65100, "msgtype": "m.text"}, alice.token)
    t.call("nearly too long", "PUT", send + "t3", {"body": "x" * 60000, "msgtype": "m.text"}, alice.token)
    t.call("from outside", "PUT", send + "t1", {"body": "x", "msgtype": "m.text"}, bob.token)
    t.call("any content of another type", "PUT", path + "send/m.room.encrypted/t4", {"x": 1}, alice.token)
    t.call("set state", "PUT", path + "state/m.room.name/", {"name": "New"}, alice.token)
    t.call("set state, no key", "PUT", path + "state/m.room.topic", {"topic": "New"}, alice.token)
    t.call("set state with a key", "PUT", path + "state/org.example/key", {"a": 1}, alice.token)
    t.call("get state", "GET", path + "state/m.room.name/", token=alice.token)
    t.call("get state with a key", "GET", path + "state/org.example/key", token=alice.token)
    t.call("no such state", "GET", path + "state/org.example.none", token=alice.token)
    sync(t, "since", alice, since)
    t.call("join what is public", "POST", "join/" + room, {}, bob.token)
    sync(t, "limited", alice, since, filter=brief_filter(room={"timeline": {"limit": 2}}))
    sync(t, "one type", alice, since, filter=brief_filter(room={"timeline": {"types": ["m.room.message"]}}))
    sync(t, "no rooms", alice, since, filter=brief_filter(room={"rooms": []}))
    sync(t, "initial, limited", bob, filter=brief_filter(room={"timeline": {"limit": 1}}))


def history(t):
    alice = t.register("history")
    room = t.name(t.request("POST", "createRoom", {}, alice.token)["room_id"], "ROOM")
    for i in range(12):
        t.request("PUT", "rooms/%s/send/org.example/t%d" % (room, i), {"n": i}, alice.token)
    path = "rooms/%s/messages?" % room

    def page(label, **query):
        return t.call(label, "GET", path + urllib.parse.urlencode(query), token=alice.token)

    page("without a direction")
    got = page("the newest, back", dir="b", limit=5)
    got = page("on", dir="b", limit=10, **{"from": got["end"]})
    got = page("to the beginning", dir="b", limit=10, **{"from": got["end"]})
    if "end" in got.body:
        got = page("nothing more", dir="b", limit=10, **{"from": got["end"]})
    t.record("the end is told by its absence", "end" in got.body)
    page("forward", dir="f", limit=4)
    limited = t.request("GET", "sync?" + urllib.parse.urlencode({
        "timeout": 0, "filter": brief_filter(room={"timeline": {"limit": 3}})}), token=alice.token)
    gap = limited["rooms"]["join"][room]["timeline"]["prev_batch"]
    page("into the gap of a limited timeline", dir="b", limit=2, **{"from": gap})


def members(t):
    alice, bob = t.register("members"), t.register("membersbob")
    room = t.name(t.request("POST", "createRoom", {"preset": "public_chat"}, alice.token)["room_id"], "ROOM")
    path = "rooms/%s/members" % room
    t.request("POST", "join/" + room, {}, bob.token)
    t.request("POST", "rooms/%s/leave" % room, {}, bob.token)
    t.call("also those who left", "GET", path, token=alice.token, unordered=True)
    t.call("but those who left", "GET", path + "?not_membership=leave", token=alice.token, unordered=True)
    t.call("no alias", "GET", "rooms/%s/state/m.room.canonical_alias" % room, token=alice.token)
    t.call("no encryption", "GET", "rooms/%s/state/m.room.encryption" % room, token=alice.token)
    t.call("of no such room", "GET", "rooms/!none%3Alocalhost/members", token=alice.token)


def messages(t):
    """As History asks: backwards, of some types, with what was redacted."""
    alice = t.register("messages")
    room = t.name(t.request("POST", "createRoom", {}, alice.token)["room_id"], "ROOM")
    path = "rooms/%s/" % room
    ids = []
    for i in range(6):
        kind = "m.room.message" if i % 2 else "org.example"
        content = {"msgtype": "m.text", "body": "message %d" % i}
        ids.append(t.request("PUT", path + "send/%s/t%d" % (kind, i), content, alice.token)["event_id"])
    t.name(ids[3], "REDACTED")
    target = urllib.parse.quote(ids[3])
    t.call("redact", "PUT", path + "redact/%s/r1" % target, {"reason": "a slip"}, alice.token)
    t.call("what is left", "GET", path + "event/" + target, token=alice.token)
    left = t.request("GET", path + "event/" + target, token=alice.token)["unsigned"]["redacted_because"]
    t.record("and why", t.normal({name: left.get(name) for name in ("type", "sender", "content", "room_id")}))
    types = json.dumps({"types": ["m.room.encrypted", "m.room.message", "m.sticker"]})

    def page(label, **query):
        query = {"dir": "b", "limit": 2, "filter": types, **query}
        return t.call(label, "GET", path + "messages?" + urllib.parse.urlencode(query), token=alice.token)

    got = page("of messages alone")
    got = page("the rest", **{"from": got["end"]})
    if "end" in got.body:
        got = page("nothing more", **{"from": got["end"]})
    t.record("its end", "end" in got.body)
    t.call("of no such room", "GET", "rooms/!none%3Alocalhost/messages?dir=b", token=alice.token)


def media(t):
    alice = t.register("mediauser")
    sent = t.request("POST", "/_matrix/media/v3/upload?filename=a.bin", None, alice.token,
                     raw=b"some bytes", headers={"Content-Type": "application/octet-stream"})
    name = sent["content_uri"][len("mxc://"):]
    t.name(name.split("/")[1], "MEDIA")
    t.call("download", "GET", "/_matrix/client/v1/media/download/" + name, token=alice.token)
    t.call("without a token", "GET", "/_matrix/client/v1/media/download/" + name)
    t.call("no such file", "GET", "/_matrix/client/v1/media/download/localhost/none", token=alice.token)


CASES = [first_sync, repeated_sync, long_poll, to_device, rooms, events, history, members, messages, media]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Device keys, one-time keys, cross-signing with its authentication, signatures."""
import copy

from keys import Identity, SigningKey, device_keys, one_time_key


def auth(user, password="secret", **more):
    return {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": password, **more}


def query(t, label, session, *users):
    return t.call(label, "POST", "keys/query", {"device_keys": {user: [] for user in users}}, session.token)


def device_key_upload(t):
    alice = t.register("devkeys")
    mine = device_keys(alice.user, alice.device)
    query(t, "query before", alice, alice.user)
    t.call("upload", "POST", "keys/upload", {"device_keys": mine}, alice.token)
    t.call("upload again", "POST", "keys/upload", {"device_keys": mine}, alice.token)
    query(t, "query", alice, alice.user)
    t.call("query one that is there", "POST", "keys/query", {"device_keys": {alice.user: [alice.device]}}, alice.token)
    t.call("query one that is not", "POST", "keys/query", {"device_keys": {alice.user: ["NONE"]}}, alice.token)
    query(t, "query nobody", alice, "@nobody:localhost")
    t.call("nothing", "POST", "keys/upload", {}, alice.token)
    t.call("another user's", "POST", "keys/upload", {"device_keys": {**mine, "user_id": "@x:localhost"}}, alice.token)
    t.call("another device's", "POST", "keys/upload", {"device_keys": {**mine, "device_id": "X"}}, alice.token)
    t.call("without keys", "POST", "keys/upload",
           {"device_keys": {k: v for k, v in mine.items() if k != "keys"}}, alice.token)
    t.call("without algorithms", "POST", "keys/upload",
           {"device_keys": {k: v for k, v in mine.items() if k != "algorithms"}}, alice.token)
    t.call("null", "POST", "keys/upload", {"device_keys": None}, alice.token)
    t.call("query without device_keys", "POST", "keys/query", {}, alice.token)
    t.call("query of no list", "POST", "keys/query", {"device_keys": {alice.user: "x"}}, alice.token)


def one_time_keys(t):
    alice = t.register("otk")
    bob = t.register("otkbob")
    names = {"signed_curve25519:AAAA%d" % i: one_time_key(alice.user, alice.device, str(i)) for i in range(3)}
    fallback = {"signed_curve25519:FALL": one_time_key(alice.user, alice.device, "fall", True)}
    claim = {"one_time_keys": {alice.user: {alice.device: "signed_curve25519"}}}
    t.call("claim none", "POST", "keys/claim", claim, bob.token)
    t.call("upload", "POST", "keys/upload", {"one_time_keys": names, "fallback_keys": fallback}, alice.token)
    t.call("same again", "POST", "keys/upload", {"one_time_keys": names}, alice.token)
    other = {"signed_curve25519:AAAA0": one_time_key(alice.user, alice.device, "other")}
    t.call("another key under the same ID", "POST", "keys/upload", {"one_time_keys": other}, alice.token)
    t.call("a name without an algorithm", "POST", "keys/upload", {"one_time_keys": {"AAAA": "x"}}, alice.token)
    t.call("no map", "POST", "keys/upload", {"one_time_keys": []}, alice.token)
    t.call("counts in /sync", "GET", "sync?timeout=0", token=alice.token)
    for i in range(3):
        t.call("claim %d" % i, "POST", "keys/claim", claim, bob.token)
    t.call("claim the fallback key", "POST", "keys/claim", claim, bob.token)
    t.call("claim it again", "POST", "keys/claim", claim, bob.token)
    t.call("counts now", "GET", "sync?timeout=1", token=alice.token)
    t.call("a new fallback key", "POST", "keys/upload", {"fallback_keys": {
        "signed_curve25519:FALLTWO": one_time_key(alice.user, alice.device, "fall2", True)}}, alice.token)
    t.call("counts with it", "GET", "sync?timeout=2", token=alice.token)
    t.call("claim of a session that is not there", "POST", "keys/claim",
           {"one_time_keys": {alice.user: {"NONE": "signed_curve25519"}}}, bob.token)


def cross_signing_authentication(t):
    alice = t.register("uia")
    path = "keys/device_signing/upload"
    first, second, third = (Identity(alice.user, i).upload() for i in (1, 2, 3))
    t.call("first, without", "POST", path, first, alice.token)
    t.call("the same again, without", "POST", path, first, alice.token)
    asked = t.call("others, without", "POST", path, second, alice.token)
    session = asked["session"]
    t.call("wrong password", "POST", path, {**second, "auth": auth("uia", "wrong", session=session)}, alice.token)
    wrong = t.request("POST", path, {**second, "auth": auth("uia", "wrong", session=session)}, alice.token)
    t.record("the session stays", wrong["session"] == session)
    t.call("the session alone", "POST", path, {**second, "auth": {"session": session}}, alice.token)
    t.call("an unknown session", "POST", path, {**second, "auth": auth("uia", session="nonsense")}, alice.token)
    t.call("an unknown type", "POST", path,
           {**second, "auth": {"type": "org.example", "session": session}}, alice.token)
    t.call("no password", "POST", path, {**second, "auth": {
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": "uia"}, "session": session}}, alice.token)
    t.call("no identifier", "POST", path, {**second, "auth": {
        "type": "m.login.password", "password": "secret", "session": session}}, alice.token)
    t.register("uiaother")
    t.call("another account's password", "POST", path, {**second, "auth": auth("uiaother", session=session)}, alice.token)
    t.call("right password", "POST", path, {**second, "auth": auth("uia", session=session)}, alice.token)
    t.call("the session used again", "POST", path, {**third, "auth": {"session": session}}, alice.token)
    t.call("keys that were replaced", "POST", path, {**second, "auth": auth("uia")}, alice.token)
    fourth, fifth = (Identity(alice.user, i).upload() for i in (4, 5))
    t.call("right password, no session", "POST", path, {**fourth, "auth": auth("uia")}, alice.token)
    t.call("full ID, no session", "POST", path, {**fifth, "auth": auth(alice.user)}, alice.token)
    query(t, "what is there now", alice, alice.user)


def cross_signing_keys(t):
    alice = t.register("xkeys")
    path = "keys/device_signing/upload"
    good = Identity(alice.user)
    t.call("nothing", "POST", path, {}, alice.token)
    t.call("no master key", "POST", path, {"self_signing_key": good.upload()["self_signing_key"]}, alice.token)

    def spoilt(label, member, change):
        body = copy.deepcopy(good.upload())
        change(body[member])
        t.call(label, "POST", path, body, alice.token)

    spoilt("another user's master key", "master_key", lambda k: k.update(user_id="@x:localhost"))
    spoilt("wrong usage", "master_key", lambda k: k.update(usage=["self_signing"]))
    spoilt("two keys", "master_key", lambda k: k["keys"].update({"ed25519:x": "x"}))
    spoilt("no keys", "master_key", lambda k: k.update(keys={}))
    spoilt("a self-signing key without a signature", "self_signing_key", lambda k: k.pop("signatures"))
    spoilt("a bad self-signing signature", "self_signing_key", lambda k: k.update(more=1))
    spoilt("a bad user-signing signature", "user_signing_key", lambda k: k.update(more=1))
    query(t, "still nothing there", alice, alice.user)
    t.call("good", "POST", path, good.upload(), alice.token)
    query(t, "there", alice, alice.user)
    bob = t.register("xkeysbob")
    query(t, "as another account sees it", bob, alice.user)
    t.call("a new self-signing key alone asks", "POST", path, {
        "self_signing_key": good.master_key.sign(Identity(alice.user, 2).describe("self_signing"), alice.user)},
        alice.token)
    replaced = good.master_key.sign(Identity(alice.user, 2).describe("self_signing"), alice.user)
    password = {"auth": auth("xkeys")}
    t.call("a new self-signing key with the current master key", "POST", path, {
        "master_key": good.upload()["master_key"], "self_signing_key": replaced, **password}, alice.token)
    t.call("a new self-signing key alone", "POST", path, {"self_signing_key": replaced, **password}, alice.token)
    query(t, "replaced", alice, alice.user)
    t.call("back to the old one", "POST", path, {
        "self_signing_key": good.upload()["self_signing_key"], **password}, alice.token)
    t.call("the same master key alone", "POST", path, {"master_key": good.upload()["master_key"]}, alice.token)


def signatures(t):
    alice = t.register("sig")
    path = "keys/signatures/upload"
    identity = Identity(alice.user)
    mine = device_keys(alice.user, alice.device)

    def signed(value, key):
        return key.sign(copy.deepcopy(value), alice.user)

    good = signed(mine, identity.self_signing_key)
    t.call("no cross-signing keys", "POST", path, {alice.user: {alice.device: good}}, alice.token)
    t.request("POST", "keys/device_signing/upload", identity.upload(), alice.token)
    t.call("no device keys", "POST", path, {alice.user: {alice.device: good}}, alice.token)
    t.request("POST", "keys/upload", {"device_keys": mine}, alice.token)
    t.call("unknown session", "POST", path, {alice.user: {"NONE": {**good, "device_id": "NONE"}}}, alice.token)
    t.call("other content", "POST", path,
           {alice.user: {alice.device: signed({**mine, "algorithms": []}, identity.self_signing_key)}}, alice.token)
    bad = copy.deepcopy(good)
    bad["signatures"][alice.user]["ed25519:" + identity.self_signing_key.public] = \
        identity.self_signing_key.sign({"x": 1}, alice.user)["signatures"][alice.user].popitem()[1]
    t.call("a wrong signature", "POST", path, {alice.user: {alice.device: bad}}, alice.token)
    t.call("no signature by the self-signing key", "POST", path, {alice.user: {alice.device: mine}}, alice.token)
    t.call("signed by a stranger", "POST", path,
           {alice.user: {alice.device: signed(mine, SigningKey("stranger"))}}, alice.token)
    t.call("none at all", "POST", path,
           {alice.user: {alice.device: {k: v for k, v in mine.items() if k != "signatures"}}}, alice.token)
    t.call("a good one beside a bad one", "POST", path,
           {alice.user: {alice.device: good, "NONE": {**good, "device_id": "NONE"}}}, alice.token)
    query(t, "the good one is there", alice, alice.user)
    t.call("again", "POST", path, {alice.user: {alice.device: good}}, alice.token)
    t.call("not even objects", "POST", path, {alice.user: {alice.device: 17}}, alice.token)
    t.call("no object of a user", "POST", path, {"@other:localhost": 17}, alice.token)
    master = identity.describe("master")
    by_device = SigningKey(alice.user + alice.device).sign(copy.deepcopy(master), alice.user, alice.device)
    t.call("the master key by the session", "POST", path, {alice.user: {identity.master_key.public: by_device}}, alice.token)
    by_stranger = SigningKey("stranger").sign(copy.deepcopy(master), alice.user, "NONE")
    t.call("the master key by no session", "POST", path, {alice.user: {identity.master_key.public: by_stranger}}, alice.token)
    query(t, "both there", alice, alice.user)


def signatures_of_others(t):
    alice, bob = t.register("siga"), t.register("sigb")
    path = "keys/signatures/upload"
    ours, theirs = Identity(alice.user), Identity(bob.user)
    t.request("POST", "keys/device_signing/upload", theirs.upload(), bob.token)
    public = theirs.master_key.public
    signed = ours.user_signing_key.sign(theirs.describe("master"), alice.user)
    t.call("without cross-signing keys", "POST", path, {bob.user: {public: signed}}, alice.token)
    t.request("POST", "keys/device_signing/upload", ours.upload(), alice.token)
    t.call("another key", "POST", path, {bob.user: {"NONE": signed}}, alice.token)
    t.call("good", "POST", path, {bob.user: {public: signed}}, alice.token)
    query(t, "seen by the signer", alice, bob.user)
    query(t, "not by its owner", bob, bob.user)
    t.call("somebody without keys", "POST", path, {"@nobody:localhost": {public: signed}}, alice.token)


def key_changes(t):
    alice, bob = t.register("chga"), t.register("chgb")
    room = t.name(t.request("POST", "createRoom", {"invite": [bob.user]}, alice.token)["room_id"], "ROOM")
    t.request("POST", "join/" + room, {}, bob.token)
    since = t.request("GET", "sync?timeout=0", token=alice.token)["next_batch"]
    t.call("none", "GET", "keys/changes?from=%s&to=%s" % (since, since), token=alice.token)
    t.request("POST", "keys/upload", {"device_keys": device_keys(bob.user, bob.device)}, bob.token)
    now = t.request("GET", "sync?timeout=0&since=" + since, token=alice.token)
    t.record("the other's new session in /sync", t.normal(now.body.get("device_lists")))
    t.call("one", "GET", "keys/changes?from=%s&to=%s" % (since, now["next_batch"]), token=alice.token)
    t.call("no token", "GET", "keys/changes", token=alice.token)
    t.request("POST", "keys/device_signing/upload", Identity(bob.user).upload(), bob.token)
    after = t.request("GET", "sync?timeout=0&since=" + now["next_batch"], token=alice.token)
    t.record("the other's new identity", t.normal(after.body.get("device_lists")))
    t.request("POST", "rooms/%s/leave" % room, {}, bob.token)
    last = t.request("GET", "sync?timeout=0&since=" + after["next_batch"], token=alice.token)
    t.record("the other has left", t.normal(last.body.get("device_lists")))


CASES = [device_key_upload, one_time_keys, cross_signing_authentication, cross_signing_keys, signatures,
         signatures_of_others, key_changes]

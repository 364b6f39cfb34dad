# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the cases against one server: sends requests, keeps the answers with
everything replaced that must differ from run to run."""
import hashlib
import hmac
import http.client
import json
import re
import threading
import time
import urllib.parse

API = "/_matrix/client/v3/"

# Members whose values no two servers share. Their types are still compared.
RANDOM = {
    "access_token", "next_batch", "prev_batch", "event_id", "session", "nonce", "error", "message", "content_uri",
    "origin_server_ts", "age", "last_seen_ts", "start", "end", "filter_id", "base_url", "retry_after_ms",
}


# What older forms of events had, what is a matter of taste, and lists in any order.
IGNORED = {"unsigned", "prev_content", "replaces_state"}
UNORDERED = {"changed", "left"}


class Answer:
    def __init__(self, status, content_type, text):
        self.status = status
        self.content_type = content_type
        try:
            self.body = json.loads(text)
        except ValueError:
            self.body = text.decode("utf-8", "replace")

    def __getitem__(self, key):
        return self.body[key]


class Transcript:
    def __init__(self, url, secret="keepsake-tests"):
        self.address = urllib.parse.urlsplit(url).netloc
        self.secret = secret
        self.steps = []
        self.case = None
        self.names = {}
        self.unordered = False

    # What is sent

    def request(self, method, path, body=None, token=None, raw=None, headers=None):
        """One request; nothing is recorded."""
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        headers = dict(headers or {})
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        if token:
            headers["Authorization"] = "Bearer " + token
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, path if path.startswith("/") else API + path, data, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheader("Content-Type"), answer.read())
        except ConnectionError:
            return Answer("reset", None, b"")
        finally:
            connection.close()

    def call(self, label, method, path, body=None, token=None, unordered=False, **more):
        """One request; its answer is compared with the other server's."""
        answer = self.request(method, path, body, token, **more)
        self.unordered = unordered
        body = self.normal(answer.body)
        self.record(label, {"status": answer.status, "type": answer.content_type, "body": body})
        return answer

    def later(self, *arguments, **more):
        """A request that waits for something: call the result to get the answer."""
        box = []
        thread = threading.Thread(target=lambda: box.append(self.request(*arguments, **more)))
        start = time.monotonic()
        thread.start()

        def answer():
            thread.join(60)
            box[0].seconds = time.monotonic() - start
            return box[0]
        return answer

    def record(self, label, value):
        self.unordered = False
        self.steps.append(("%s: %s" % (self.case, label), value))

    # Accounts

    def register(self, user, password="secret", device=None, admin=False):
        """An account and a session of it with a device ID that is the same everywhere."""
        nonce = self.request("GET", "/_synapse/admin/v1/register")["nonce"]
        fields = [nonce, user, password, "notadmin"]
        mac = hmac.new(self.secret.encode(), "\0".join(fields).encode(), hashlib.sha1).hexdigest()
        answer = self.request("POST", "/_synapse/admin/v1/register", {
            "nonce": nonce, "username": user, "password": password, "admin": False, "mac": mac})
        assert answer.status == 200, answer.body
        first = answer["access_token"]
        session = self.login(user, password, device or (user.upper() + "DEV"))
        self.request("POST", "logout", {}, first)
        return session

    def login(self, user, password="secret", device=None):
        body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": password}
        if device:
            body["device_id"] = device
        answer = self.request("POST", "login", body)
        assert answer.status == 200, answer.body
        return Session(answer["user_id"], answer["device_id"], answer["access_token"])

    # What is kept

    def name(self, value, name):
        """From now on @value, which is random, is shown as @name."""
        self.names[value] = name
        return value

    def normal(self, value, key=None):
        if isinstance(value, dict):
            if value.get("type") == "m.push_rules":
                value = {"type": "m.push_rules"}
            members = {self.renamed(k): self.normal(v, k) for k, v in value.items() if k not in IGNORED}
            for state in {"state", "invite_state"} & members.keys():
                if isinstance(members[state], dict) and "events" in members[state]:
                    members[state]["events"].sort(key=self.order)
            return members
        if isinstance(value, list):
            items = [self.normal(v) for v in value]
            return sorted(items, key=self.order) if key in UNORDERED or self.unordered else items
        if key in RANDOM and value is not None and not isinstance(value, bool):
            return "<%s>" % type(value).__name__
        return self.renamed(value) if isinstance(value, str) else value

    @staticmethod
    def order(value):
        return json.dumps(value, sort_keys=True)

    def renamed(self, text):
        if not self.names:
            return text
        pattern = "|".join(re.escape(v) for v in sorted(self.names, key=len, reverse=True))
        return re.sub(pattern, lambda m: self.names[m.group()], text)


class Session:
    def __init__(self, user, device, token):
        self.user = user
        self.device = device
        self.token = token
        self.quoted = urllib.parse.quote(user, safe="")

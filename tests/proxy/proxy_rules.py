# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request a fault befalls, and when."""
import asyncio
import base64
import json
import re

DEFAULTS = {
    "method": None, "path": None, "nth": 1, "times": 1, "at": "request", "bytes": None, "delay": 0, "action": "pass",
    "pid": None, "status": 200, "headers": None, "body": "", "base64": None,
    "kind": None, "size": 200000,
}
MOMENTS = ("request", "response", "body")
ACTIONS = ("pass", "cut", "drop", "hold", "kill", "answer")
KINDS = (None, "html", "nested", "huge", "truncated")


class Rule:
    def __init__(self, number, description):
        unknown = description.keys() - DEFAULTS.keys()
        if unknown:
            raise ValueError("unknown members: %s" % ", ".join(sorted(unknown)))
        self.id = number
        self.description = description
        for name, default in DEFAULTS.items():
            setattr(self, name, description.get(name, default))
        if self.at not in MOMENTS or self.action not in ACTIONS or self.kind not in KINDS:
            raise ValueError("unknown at, action or kind")
        if self.action == "kill" and (not isinstance(self.pid, int) or self.pid <= 1):
            raise ValueError("kill wants a pid")
        self.pattern = re.compile(self.path) if self.path is not None else None
        self.seen = 0
        self.hits = 0
        self.held = 0
        self.released = asyncio.Event()

    def applies(self, method, path):
        """Counts the request if it is one of this rule's."""
        if self.method is not None and self.method != method:
            return False
        if self.pattern is not None and not self.pattern.search(path):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)

    def describe(self):
        return {**self.description, "id": self.id, "seen": self.seen, "hits": self.hits, "held": self.held}

    def answer(self):
        """Status, headers and body of an answer that the homeserver never gave."""
        headers = dict(self.headers or {"Content-Type": "application/json"})
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        body = body.encode() if self.base64 is None else base64.b64decode(self.base64)
        if self.kind == "html":
            headers["Content-Type"] = "text/html"
            body = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>\n"
        elif self.kind == "nested":
            body = b'{"a":' * self.size + b"0" + b"}" * self.size
        elif self.kind == "huge":
            body = b'{"a":"' + b"x" * self.size + b'"}'
        headers["Content-Length"] = str(len(body) * (2 if self.kind == "truncated" else 1))
        return self.status, headers, body


class Rules:
    def __init__(self):
        self.rules = []
        self.last_id = 0

    def add(self, description):
        rule = Rule(self.last_id + 1, description)
        self.last_id = rule.id
        self.rules.append(rule)
        return rule

    def replace(self, descriptions):
        old, self.rules = self.rules, []
        try:
            for description in descriptions:
                self.add(description)
        except (ValueError, re.error, AttributeError):
            self.rules = old
            raise
        for rule in old:
            rule.released.set()

    def remove(self, number):
        """Whether there was such a rule. What it holds goes on."""
        found = [rule for rule in self.rules if rule.id == number]
        for rule in found:
            self.rules.remove(rule)
            rule.released.set()
        return bool(found)

    def pick(self, method, path):
        """The rule for this request, or None. Every rule counts what is its own."""
        fitting = [rule for rule in self.rules if rule.applies(method, path)]
        if not fitting:
            return None
        fitting[0].hits += 1
        return fitting[0]

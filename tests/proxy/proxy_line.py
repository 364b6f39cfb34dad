# SPDX-License-Identifier: GPL-3.0-or-later
"""The line between clients and the homeserver, and the three moments at which it may break."""
import asyncio
import json
import os
import re
import signal
import socket
import struct

from proxy_http import pieces, read_body, read_head, status_line, write_head


class Ended(Exception):
    """This client's connection is over; how, is the argument."""


def reset(writer):
    """Closes with a TCP reset instead of a proper end."""
    connection = writer.get_extra_info("socket")
    if connection.fileno() >= 0:  # the client was not faster
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Exchange:
    """One request and what becomes of it."""

    def __init__(self, line, reader, writer, head, body, rule):
        self.line = line
        self.reader = reader
        self.writer = writer
        self.head = head
        self.body = body
        self.rule = rule
        self.method, self.path = head.first[0], head.first[1]
        self.status = None
        self.upstream_status = None
        self.end = "answered"

    async def while_client_stays(self, awaitable):
        """The result of @awaitable, unless the client hangs up first."""
        task = asyncio.ensure_future(awaitable)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=0.1)
                if not task.done() and self.reader.at_eof():
                    raise Ended("gone")
            return task.result()
        finally:
            task.cancel()

    async def moment(self, name):
        """True: the rule has answered in the homeserver's place."""
        rule = self.rule
        if rule is None or rule.at != name:
            return False
        if rule.delay:
            await self.while_client_stays(asyncio.sleep(rule.delay))
        if rule.action == "cut":
            reset(self.writer)
            raise Ended("cut")
        if rule.action == "drop":
            await self.while_client_stays(asyncio.Event().wait())
        if rule.action == "hold":
            rule.held += 1
            try:
                await self.while_client_stays(rule.released.wait())
            finally:
                rule.held -= 1
        if rule.action == "kill":
            os.kill(rule.pid, signal.SIGKILL)
            reset(self.writer)
            raise Ended("killed")
        if rule.action == "answer" and name != "body":
            self.status, headers, body = rule.answer()
            self.writer.write(write_head(status_line(self.status), headers.items()) + body)
            await self.writer.drain()
            if rule.kind == "truncated":
                raise Ended("answered")  # the rest of the promised length never comes
            return True
        return False

    async def run(self):
        if await self.moment("request"):
            return
        reader, writer = await asyncio.open_connection(self.line.host, self.line.port, limit=1 << 20)
        try:
            headers = self.head.kept() + [("Content-Length", len(self.body)), ("Connection", "close")]
            writer.write(write_head(" ".join(self.head.first), headers) + self.body)
            await writer.drain()
            answer = await self.while_client_stays(read_head(reader))
            if answer is None:  # the homeserver itself has cut the line
                reset(self.writer)
                raise Ended("cut")
            self.upstream_status = int(answer.first[1])
            if not await self.moment("response"):
                await self.relay(reader, answer)
        finally:
            writer.close()

    async def relay(self, reader, answer):
        """Passes the answer on as it comes, so that one without an end has none here either."""
        self.status = self.upstream_status
        chunked = answer.length is None
        framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", answer.length)
        body = pieces(reader, answer, True)
        break_at = self.break_point(answer)
        if break_at is None and self.rule is not None and self.rule.at == "body":
            whole = b"".join([piece async for piece in body])
            break_at, body = len(whole) // 2, one(whole)
        self.writer.write(write_head(" ".join(answer.first), answer.kept() + [framing]))
        sent = 0
        async for piece in body:
            if break_at is not None and sent + len(piece) >= break_at:
                self.write(piece[:break_at - sent], chunked)
                await self.writer.drain()
                await asyncio.sleep(0.2)  # a reset takes back what the client has not read yet
                await self.moment("body")
                piece, sent, break_at = piece[break_at - sent:], break_at, None
            self.write(piece, chunked)
            sent += len(piece)
            await self.while_client_stays(self.writer.drain())
        if chunked:
            self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    def break_point(self, answer):
        """After how many bytes the rule strikes, as far as that is known beforehand."""
        if self.rule is None or self.rule.at != "body":
            return None
        if self.rule.bytes is not None:
            return self.rule.bytes
        return answer.length // 2 if answer.length is not None else None

    def write(self, piece, chunked):
        if piece:
            self.writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)


async def one(piece):
    yield piece


class Line:
    def __init__(self, host, port, rules, log):
        self.host = host
        self.port = port
        self.rules = rules
        self.log_file = log
        self.log = []
        self.number = 0

    async def serve(self, reader, writer):
        try:
            while True:
                head = await read_head(reader)
                if head is None:
                    return
                body = await read_body(reader, head)
                if head.first[1].startswith("/_proxy/"):
                    self.control(writer, head, body)
                    await writer.drain()
                else:
                    await self.pass_on(reader, writer, head, body)
        except (Ended, ConnectionError, EOFError):
            pass
        finally:
            writer.close()

    async def pass_on(self, reader, writer, head, body):
        exchange = Exchange(self, reader, writer, head, body, self.rules.pick(head.first[0], head.first[1]))
        self.number += 1
        number = self.number
        try:
            await exchange.run()
        except Ended as ended:
            exchange.end = ended.args[0]
            if exchange.end == "gone" and exchange.rule is not None and exchange.rule.action == "drop":
                exchange.end = "dropped"
            raise
        except (ConnectionError, EOFError):
            exchange.end = "gone"
            reset(writer)
            raise
        finally:
            self.note({"n": number, "method": exchange.method, "path": exchange.path, "status": exchange.status,
                       "upstream": exchange.upstream_status,
                       "rule": exchange.rule.id if exchange.rule is not None else None, "end": exchange.end})

    def note(self, entry):
        self.log.append(entry)
        if self.log_file:
            self.log_file.write(json.dumps(entry) + "\n")
            self.log_file.flush()

    def control(self, writer, head, body):
        try:
            status, answer = self.command(head.first[0], head.first[1], body)
        except (ValueError, re.error, AttributeError) as error:
            status, answer = 400, {"error": str(error)}
        data = json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", len(data))]
        writer.write(write_head(status_line(status), headers) + data)

    def command(self, method, path, body):
        if (method, path) == ("PUT", "/_proxy/rules"):
            self.rules.replace(json.loads(body))
        elif (method, path) == ("POST", "/_proxy/rules"):
            return 200, {"id": self.rules.add(json.loads(body)).id}
        elif (method, path) == ("GET", "/_proxy/rules"):
            return 200, {"rules": [rule.describe() for rule in self.rules.rules]}
        elif (method, path) == ("DELETE", "/_proxy/rules"):
            self.rules.replace([])
        elif method == "DELETE" and path.startswith("/_proxy/rules/"):
            if not self.rules.remove(int(path.rsplit("/", 1)[1])):
                return 404, {"error": "no such rule"}
        elif (method, path) == ("GET", "/_proxy/log"):
            return 200, {"requests": self.log}
        elif (method, path) == ("DELETE", "/_proxy/log"):
            self.log = []
        else:
            return 404, {"error": "no such command"}
        return 200, {}

# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of HTTP/1.1 as a proxy on loopback needs: heads, and bodies piece by piece."""

HOP = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "expect"}
REASONS = {200: "OK", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway"}


class Head:
    def __init__(self, data):
        first, *lines = data.decode("latin-1").split("\r\n")
        self.first = first.split(" ", 2)
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines if ":" in line]

    def get(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def length(self):
        return int(self.get("content-length")) if self.get("content-length") is not None else None

    @property
    def chunked(self):
        return (self.get("transfer-encoding") or "").lower() == "chunked"

    def kept(self):
        """The headers that mean the same on the other side of the proxy."""
        return [(key, value) for key, value in self.headers if key.lower() not in HOP]


async def read_head(reader):
    """None: the other side has hung up."""
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except (EOFError, ConnectionError):
        return None
    return Head(data[:-4])


async def read_chunks(reader):
    while True:
        size = int((await reader.readline()).split(b";")[0] or b"0", 16)
        if size == 0:
            await reader.readline()
            return
        yield await reader.readexactly(size)
        await reader.readline()


async def pieces(reader, head, until_close):
    """The body, without its chunking. @until_close: one without a length ends with the connection."""
    if head.chunked:
        async for piece in read_chunks(reader):
            yield piece
        return
    left = head.length if head.length is not None else (None if until_close else 0)
    while left is None or left > 0:
        piece = await reader.read(65536 if left is None else min(left, 65536))
        if not piece:
            if left is not None:
                raise EOFError("the body ends early")
            return
        if left is not None:
            left -= len(piece)
        yield piece


async def read_body(reader, head):
    return b"".join([piece async for piece in pieces(reader, head, False)])


def write_head(first, headers):
    lines = [first] + ["%s: %s" % header for header in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def status_line(status):
    return "HTTP/1.1 %d %s" % (status, REASONS.get(status, "Fault"))

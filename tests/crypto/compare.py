#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the crypto layer with what Python, PyCryptodome and matrix-nio make of the same.

usage: compare.py ORACLE; writes TAP. The cases are random; the seed is written first and
can be given as KS_SEED."""

import base64
import hashlib
import hmac
import os
import random
import subprocess
import sys
import tempfile

ROUNDS = 10000
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
COUNT = 0


class Oracle:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        shown = [(w.hex() or "-") if isinstance(w, bytes) else str(w) for w in words]
        self.process.stdin.write(" ".join(shown) + "\n")
        self.process.stdin.flush()
        result, answer = self.process.stdout.readline().split()
        return int(result), b"" if answer == "-" else bytes.fromhex(answer)

    def close(self):
        self.process.stdin.close()
        return self.process.wait(timeout=60)


def report(name, check):
    global COUNT
    COUNT += 1
    try:
        reason = check()
    except AssertionError as error:
        print(f"not ok {COUNT} {name}\n# {error!r}", flush=True)
        return False
    print(f"ok {COUNT} {name}{' # SKIP ' + reason if reason else ''}", flush=True)
    return True


def some_bytes(low, high):
    return random.randbytes(random.randint(low, high))


def hkdf(key, salt, info, size):
    prk = hmac.new(salt or bytes(32), key, hashlib.sha256).digest()
    output = block = b""
    for i in range(1, 256):
        block = hmac.new(prk, block + info + bytes([i]), hashlib.sha256).digest()
        output += block
        if len(output) >= size:
            break
    return output[:size]


def base58(raw):
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def compare_hkdf(oracle):
    for _ in range(ROUNDS):
        key, salt, info = some_bytes(0, 100), some_bytes(0, 100), some_bytes(0, 100)
        size = random.choice([16, 32, 64, 80, random.randint(1, 300)])
        expected = hkdf(key, salt, info, size)
        assert oracle.ask("hkdf", key, salt, info, size) == (0, expected), (key, salt, info, size)


def compare_pbkdf2(oracle):
    for _ in range(ROUNDS):
        phrase, salt, iterations = some_bytes(0, 200), some_bytes(1, 100), random.randint(1, 30)
        bits = random.choice([256, 512])
        expected = hashlib.pbkdf2_hmac("sha512", phrase, salt, iterations, bits // 8)
        case = (phrase, salt, iterations, bits)
        assert oracle.ask("pbkdf2", *case) == (0, expected), case


def compare_base64(oracle):
    for _ in range(ROUNDS):
        raw = some_bytes(0, 100)
        text = base64.b64encode(raw)
        assert oracle.ask("base64", text) == (0, raw), text
        assert oracle.ask("base64", text.rstrip(b"=")) == (0, raw), text


def compare_base58(oracle):
    for _ in range(ROUNDS):
        raw = bytes(random.randint(0, 3)) + some_bytes(0, 60)
        assert oracle.ask("base58", base58(raw).encode()) == (0, raw), raw


def compare_recovery_key(oracle):
    for _ in range(ROUNDS):
        key = some_bytes(32, 32)
        raw = b"\x8b\x01" + key
        parity = 0
        for byte in raw:
            parity ^= byte
        text = base58(raw + bytes([parity]))
        groups = " ".join(text[i : i + 4] for i in range(0, 48, 4))
        assert oracle.ask("recovery-key", key) == (0, groups.encode()), key


def compare_secret_storage(oracle):
    try:
        from Cryptodome.Cipher import AES
    except ImportError:
        return "no PyCryptodome"

    def ctr(key, iv):
        return AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=iv)

    for _ in range(ROUNDS // 2):
        key, name, plain = some_bytes(32, 32), some_bytes(0, 40).hex().encode(), some_bytes(0, 200)
        keys = hkdf(key, b"", name, 64)
        result, answer = oracle.ask("encrypt", key, name, plain)
        iv, mac, ciphertext = answer[:16], answer[16:48], answer[48:]
        assert result == 0 and iv[8] < 128
        assert hmac.new(keys[32:], ciphertext, hashlib.sha256).digest() == mac
        assert ctr(keys[:32], iv).decrypt(ciphertext) == plain
        iv = some_bytes(16, 16)
        ciphertext = ctr(keys[:32], iv).encrypt(plain)
        mac = hmac.new(keys[32:], ciphertext, hashlib.sha256).digest()
        assert oracle.ask("decrypt", key, name, iv, ciphertext, mac) == (0, plain)
    return None


def key_file(phrase, salt, iv, rounds, plain, counter_bits):
    """A file as Element in a browser writes it, but for the length of its counter."""
    from Cryptodome.Cipher import AES
    from Cryptodome.Util import Counter

    keys = hashlib.pbkdf2_hmac("sha512", phrase, salt, rounds, 64)
    bits = 64 if counter_bits == 64 else 128
    counter = Counter.new(
        bits,
        prefix=iv[: 16 - bits // 8],
        initial_value=int.from_bytes(iv[16 - bits // 8 :], "big"),
        allow_wraparound=True,
    )
    body = b"\x01" + salt + iv + rounds.to_bytes(4, "big")
    body += AES.new(keys[:32], AES.MODE_CTR, counter=counter).encrypt(plain)
    body += hmac.new(keys[32:], body, hashlib.sha256).digest()
    text = base64.b64encode(body).decode()
    lines = [text[i : i + 76] for i in range(0, len(text), 76)]
    return "\n".join(["-----BEGIN MEGOLM SESSION DATA-----", *lines, "-----END MEGOLM SESSION DATA-----"])


def compare_counters(oracle):
    try:
        import Cryptodome
    except ImportError:
        return "no PyCryptodome"
    assert Cryptodome
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "keys.txt")
        for round_number in range(60):
            blocks = random.choice([1, 2, 4095, 4096, 4097, random.randint(1, 9000)])
            iv = some_bytes(8, 8) + (2**64 - blocks).to_bytes(8, "big")
            plain = some_bytes(0, 200000)
            bits = 64 if round_number % 2 else 128
            with open(path, "w", encoding="ascii") as file:
                file.write(key_file(b"phrase", some_bytes(16, 16), iv, 5, plain, bits))
            answer = oracle.ask("read-key-file", path, b"phrase", bits)
            assert answer == (0, plain), (blocks, bits, len(plain))
    return None


def compare_nio(oracle):
    try:
        from nio.crypto.key_export import decrypt_and_read, encrypt_and_save
    except ImportError:
        return "no matrix-nio"

    with tempfile.TemporaryDirectory() as folder:
        for round_number in range(100):
            phrase = "".join(random.choices("abc XYZ 0123 !?", k=random.randint(1, 40)))
            plain = ('[{"room_id":"!' + "x" * random.choice([0, 1, 15, 16, 17, 1000, 70000]) + '"}]').encode()
            ours = os.path.join(folder, f"{round_number}.ours")
            theirs = os.path.join(folder, f"{round_number}.nio")
            assert oracle.ask("write-key-file", ours, phrase.encode(), 7, plain) == (0, b"")
            answer = decrypt_and_read(ours, phrase)
            assert (answer if isinstance(answer, bytes) else answer.encode()) == plain, phrase
            encrypt_and_save(plain, theirs, phrase, count=7)
            assert oracle.ask("read-key-file", theirs, phrase.encode(), 128) == (0, plain), phrase
            assert oracle.ask("read-key-file", theirs, phrase.encode() + b".", 128) == (5, b""), phrase
        # matrix-nio takes a phrase as Latin-1, where everybody else has UTF-8.
        phrase, path = "zwölf Schlüssel", os.path.join(folder, "latin-1")
        encrypt_and_save(b"[]", path, phrase, count=7)
        assert oracle.ask("read-key-file", path, phrase.encode("latin-1"), 128) == (0, b"[]")
        assert oracle.ask("read-key-file", path, phrase.encode(), 128) == (5, b"")
    return None


def check_end(oracle):
    assert oracle.close() == 0


def main():
    seed = os.environ.get("KS_SEED") or str(random.SystemRandom().getrandbits(32))
    random.seed(seed)
    print(f"# seed {seed}")
    oracle = Oracle(sys.argv[1])
    good = True
    for name, check in (
        ("python/hmac/hkdf", compare_hkdf),
        ("python/hashlib/pbkdf2", compare_pbkdf2),
        ("python/base64", compare_base64),
        ("python/base58", compare_base58),
        ("python/recovery-key", compare_recovery_key),
        ("pycryptodome/secret-storage", compare_secret_storage),
        ("pycryptodome/key-file-counters", compare_counters),
        ("matrix-nio/key-file", compare_nio),
    ):
        good = report(name, lambda check=check: check(oracle)) and good
    good = report("oracle/ends-well", lambda: check_end(oracle)) and good
    print(f"1..{COUNT}")
    sys.exit(0 if good else 1)


main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and signatures for the cases, the same in every run: made from their names.
Ed25519 is libsodium's, which the app needs anyway."""
import base64
import ctypes
import ctypes.util
import hashlib
import json

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
assert sodium.sodium_init() >= 0


def base64_text(data):
    return base64.b64encode(data).decode().rstrip("=")


def canonical(value):
    plain = {k: v for k, v in value.items() if k not in ("signatures", "unsigned")}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


class SigningKey:
    def __init__(self, name):
        public = ctypes.create_string_buffer(32)
        self.secret = ctypes.create_string_buffer(64)
        sodium.crypto_sign_seed_keypair(public, self.secret, hashlib.sha256(name.encode()).digest())
        self.public = base64_text(public.raw)

    def sign(self, value, user, key_id=None):
        """Adds the signature of this key, which is @user's, to @value; returns it."""
        text = canonical(value)
        signature = ctypes.create_string_buffer(64)
        sodium.crypto_sign_detached(signature, None, text, ctypes.c_ulonglong(len(text)), self.secret)
        signatures = value.setdefault("signatures", {}).setdefault(user, {})
        signatures["ed25519:" + (key_id or self.public)] = base64_text(signature.raw)
        return value


def public_bytes(name):
    """Stands for any public key that nobody checks."""
    return base64_text(hashlib.sha256(b"curve" + name.encode()).digest())


def device_keys(user, device):
    key = SigningKey(user + device)
    return key.sign({
        "user_id": user, "device_id": device, "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
        "keys": {"ed25519:" + device: key.public, "curve25519:" + device: public_bytes(user + device)},
    }, user, device)


def one_time_key(user, device, name, fallback=False):
    value = {"key": public_bytes(user + device + name)}
    if fallback:
        value["fallback"] = True
    return SigningKey(user + device).sign(value, user, device)


class Identity:
    """The three cross-signing keys of an account."""

    def __init__(self, user, generation=1):
        name = "%s %d " % (user, generation)
        self.user = user
        self.master_key = SigningKey(name + "master")
        self.self_signing_key = SigningKey(name + "self_signing")
        self.user_signing_key = SigningKey(name + "user_signing")

    def describe(self, usage):
        key = getattr(self, usage + "_key")
        return {"user_id": self.user, "usage": [usage], "keys": {"ed25519:" + key.public: key.public}}

    def upload(self):
        return {
            "master_key": self.describe("master"),
            "self_signing_key": self.master_key.sign(self.describe("self_signing"), self.user),
            "user_signing_key": self.master_key.sign(self.describe("user_signing"), self.user),
        }

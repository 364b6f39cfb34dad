# SPDX-License-Identifier: GPL-3.0-or-later
"""Secure Backup of an account as another client finds it on the server, opened with the Security Key. Written
from the Client-Server API ("Secret storage", "Server-side key backups") and shares no code with Keepsake."""
import base64
import hashlib
import hmac
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

IDENTITY = ('master', 'self_signing', 'user_signing')
BACKUP = 'm.megolm_backup.v1'
SECRETS = (*('m.cross_signing.' + kind for kind in IDENTITY), BACKUP)
ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'


def unpadded(data):
    return base64.b64encode(data).decode().rstrip('=')


def binary(text):
    return base64.b64decode(text + '=' * (-len(text) % 4), validate=True)


def read_recovery_key(text):
    """The 32 bytes of a Security Key as a person has it."""
    number = 0
    for character in ''.join(text.split()):
        number = number * 58 + ALPHABET.index(character)
    data = number.to_bytes(35, 'big')
    parity = 0
    for byte in data:
        parity ^= byte
    assert data[:2] == b'\x8b\x01' and parity == 0, 'no Security Key'
    return data[2:34]


def write_recovery_key(data):
    """The other way round: 12 groups of 4."""
    raw = b'\x8b\x01' + data
    parity = 0
    for byte in raw:
        parity ^= byte
    number = int.from_bytes(raw + bytes([parity]), 'big')
    text = ''
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return ' '.join(text[i:i + 4] for i in range(0, len(text), 4))


def derive(secret, info, length):
    return HKDF(hashes.SHA256(), length, bytes(32), info).derive(secret)


def counter(iv):
    """What the cipher begins with. Old versions of nheko stored 32 bytes, of which 16 count."""
    return binary(iv)[:16]


def open_sealed(key, name, sealed):
    """m.secret_storage.v1.aes-hmac-sha2; None: not made with this key and name, or changed."""
    both = derive(key, name.encode(), 64)
    ciphertext = binary(sealed['ciphertext'])
    if not hmac.compare_digest(hmac.new(both[32:], ciphertext, hashlib.sha256).digest(), binary(sealed['mac'])):
        return None
    opener = Cipher(algorithms.AES(both[:32]), modes.CTR(counter(sealed['iv']))).decryptor()
    return opener.update(ciphertext) + opener.finalize()


def fits(key, description):
    """Whether a description of a key in secret storage is this key's."""
    both = derive(key, b'', 64)
    cipher = Cipher(algorithms.AES(both[:32]), modes.CTR(counter(description['iv']))).encryptor()
    mac = hmac.new(both[32:], cipher.update(bytes(32)) + cipher.finalize(), hashlib.sha256).digest()
    return hmac.compare_digest(mac, binary(description['mac']))


def public_half(name, secret):
    kind = X25519PrivateKey if name == BACKUP else Ed25519PrivateKey
    public = kind.from_private_bytes(secret).public_key()
    return unpadded(public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


def open_entry(private, entry):
    """A room key from the backup, opened with the backup's private key."""
    sealed = entry['session_data']
    shared = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(binary(sealed['ephemeral'])))
    keys = derive(shared, b'', 80)
    # What every client writes is the code of nothing at all, not that of the ciphertext.
    assert binary(sealed['mac']) == hmac.new(keys[32:64], b'', hashlib.sha256).digest()[:8]
    opener = Cipher(algorithms.AES(keys[:32]), modes.CBC(keys[64:])).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    plain = opener.update(binary(sealed['ciphertext'])) + opener.finalize()
    return json.loads(unpadder.update(plain) + unpadder.finalize())


def seal(key, name, plain):
    """The other way round of open_sealed()."""
    both = derive(key, name.encode(), 64)
    iv = bytearray(os.urandom(16))
    iv[8] &= 0x7f
    cipher = Cipher(algorithms.AES(both[:32]), modes.CTR(bytes(iv))).encryptor()
    ciphertext = cipher.update(plain) + cipher.finalize()
    return {'iv': unpadded(bytes(iv)), 'ciphertext': unpadded(ciphertext),
            'mac': unpadded(hmac.new(both[32:], ciphertext, hashlib.sha256).digest())}


def sign(content, user_id, name, seed):
    canonical = json.dumps(content, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()
    signature = unpadded(Ed25519PrivateKey.from_private_bytes(seed).sign(canonical))
    return {**content, 'signatures': {user_id: {'ed25519:' + name: signature}}}


class Observer:
    """Another session of the user, which only looks; but for reset()."""

    def __init__(self, url, user, password):
        self.url = url
        self.user_id = f'@{user}:localhost'
        self.token = None
        self.token = self.ask('POST', 'login', {
            'type': 'm.login.password', 'password': password, 'device_id': 'OBSERVER',
            'identifier': {'type': 'm.id.user', 'user': user}})['access_token']

    def ask(self, method, path, body=None):
        """None: not found."""
        headers = {'Content-Type': 'application/json', **({'Authorization': 'Bearer ' + self.token} if self.token else {})}
        request = urllib.request.Request(f'{self.url}/_matrix/client/v3/{path}', method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def account_data(self, kind):
        return self.ask('GET', f'user/{urllib.parse.quote(self.user_id)}/account_data/{urllib.parse.quote(kind)}') or {}

    def default_key(self):
        return self.account_data('m.secret_storage.default_key').get('key')

    def identity(self):
        """The public keys that are published, by kind."""
        seen = self.ask('POST', 'keys/query', {'device_keys': {self.user_id: []}})
        found = {kind: seen.get(kind + '_keys', {}).get(self.user_id) for kind in IDENTITY}
        return {kind: next(iter(key['keys'].values())) for kind, key in found.items() if key}

    def version(self):
        return self.ask('GET', 'room_keys/version')

    def entries(self, version):
        """(room, session) → entry."""
        rooms = self.ask('GET', f'room_keys/keys?version={version}')['rooms']
        return {(room, session): entry for room, content in rooms.items()
                for session, entry in content['sessions'].items()}

    def open_secrets(self, key):
        """By key ID, then by name: every secret that is stored under a key whose description is that of @key."""
        stored = {name: self.account_data(name).get('encrypted', {}) for name in SECRETS}
        described = {}
        for key_id in {key_id for sealed in stored.values() for key_id in sealed}:
            description = self.account_data('m.secret_storage.key.' + key_id)
            if 'mac' in description and fits(key, description):
                described[key_id] = description
        opened = {}
        for key_id in described:
            opened[key_id] = {}
            for name, sealed in stored.items():
                plain = open_sealed(key, name, sealed[key_id]) if key_id in sealed else None
                if plain is not None:
                    opened[key_id][name] = binary(plain.decode())
        return opened

    def check_recoverable(self, key):
        """Whatever is published can be had back with @key alone (None: the person has no key yet). The identity
        that is published."""
        identity, version, default = self.identity(), self.version(), self.default_key()
        opened = self.open_secrets(key) if key is not None else {}
        whole = [secrets for secrets in opened.values() if len(secrets) == len(SECRETS)]
        halves = [{name: public_half(name, secret) for name, secret in secrets.items()} for secrets in whole]
        for kind, public in identity.items():
            assert any(half['m.cross_signing.' + kind] == public for half in halves), f'nobody can recover {kind}'
        if version is not None:
            public = version['auth_data']['public_key']
            assert any(half[BACKUP] == public for half in halves), 'nobody can open the backup'
        if default is not None:
            assert len(opened.get(default, {})) == len(SECRETS), 'the default key does not open all four'
        return identity

    def put(self, kind, content):
        self.ask('PUT', f'user/{urllib.parse.quote(self.user_id)}/account_data/{urllib.parse.quote(kind)}', content)

    def reset(self, password):
        """Makes a new identity, secret storage and backup, whatever is there. The Security Key (32 bytes), its ID, the
        backup's version."""
        key, key_id = os.urandom(32), 'reset'
        secrets = {name: os.urandom(32) for name in SECRETS}
        public = {name: public_half(name, secret) for name, secret in secrets.items()}
        master = public[SECRETS[0]]
        keys = {kind + '_key': {'user_id': self.user_id, 'usage': [kind], 'keys': {'ed25519:' + half: half}}
                for kind, half in zip(IDENTITY, public.values())}
        for kind in IDENTITY[1:]:
            keys[kind + '_key'] = sign(keys[kind + '_key'], self.user_id, master, secrets[SECRETS[0]])
        user = {'type': 'm.id.user', 'user': self.user_id}
        self.ask_with_password('POST', 'keys/device_signing/upload', keys, {
            'type': 'm.login.password', 'identifier': user, 'password': password})
        described = seal(key, '', bytes(32))
        self.put('m.secret_storage.key.' + key_id, {'algorithm': 'm.secret_storage.v1.aes-hmac-sha2',
                                                    'iv': described['iv'], 'mac': described['mac']})
        for name, secret in secrets.items():
            self.put(name, {'encrypted': {key_id: seal(key, name, unpadded(secret).encode())}})
        signed = sign({'public_key': public[BACKUP]}, self.user_id, master, secrets[SECRETS[0]])
        version = self.ask('POST', 'room_keys/version', {'algorithm': 'm.megolm_backup.v1.curve25519-aes-sha2',
                                                         'auth_data': signed})['version']
        self.put('m.secret_storage.default_key', {'key': key_id})
        return key, key_id, version

    def ask_with_password(self, method, path, body, answer):
        """Answers the question who is there, if it is asked."""
        try:
            return self.ask(method, path, body)
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise
            session = json.load(error)['session']
        return self.ask(method, path, {**body, 'auth': {**answer, 'session': session}})

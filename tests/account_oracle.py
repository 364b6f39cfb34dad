# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account has on its homeserver, and what the person's key opens of it. Written from the Client-Server API
("Secret storage", "Cross-signing", "Server-side key backups") and shares no code with Keepsake."""
import base64
import itertools
import json
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from secure_backup import BACKUP, IDENTITY, SECRETS, binary, open_sealed, public_half, unpadded

CURVE = 'm.megolm_backup.v1.curve25519-aes-sha2'
DESCRIPTION = 'm.secret_storage.key.'
DEFAULT = 'm.secret_storage.default_key'
sights = itertools.count(1)


def is_signed(content, user_id, public_key):
    """Whether the content is signed by the key of that name."""
    signatures = content.get('signatures', {}).get(user_id, {})
    rest = {name: value for name, value in content.items() if name not in ('signatures', 'unsigned')}
    canonical = json.dumps(rest, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()
    try:
        Ed25519PublicKey.from_public_bytes(binary(public_key)).verify(binary(signatures['ed25519:' + public_key]),
                                                                      canonical)
        return True
    except (KeyError, ValueError, InvalidSignature):
        return False


class Sight:
    """All of it at one moment. data: account data by type; identity: what counts of the public keys, by kind;
    versions: of the backup by number, without signatures; current: the number that is in use, or None."""

    def __init__(self, observer):
        self.user_id = observer.user_id
        # A filter of its own for each: homeservers keep the answer to a first sync, and give it again.
        unique = urllib.parse.quote(json.dumps({'room': {'timeline': {'limit': next(sights)}}}))
        joined = observer.ask('GET', 'sync?timeout=0&filter=' + unique)['account_data']['events']
        self.data = {event['type']: event['content'] for event in joined}
        seen = observer.ask('POST', 'keys/query', {'device_keys': {observer.user_id: []}})
        self.keys = {kind: seen.get(kind + '_keys', {}).get(observer.user_id) for kind in IDENTITY}
        self.public = {kind: key['keys'] for kind, key in self.keys.items() if key}
        self.identity = self.read_identity()
        now = observer.version()
        self.current = now['version'] if now else None
        self.versions = {}
        for number in range(1, int(self.current or 0) + 1):
            version = observer.ask('GET', f'room_keys/version/{number}')
            if version:
                auth = {name: value for name, value in version['auth_data'].items() if name != 'signatures'}
                self.versions[version['version']] = (version['algorithm'], auth, version['count'])

    def read_identity(self):
        found = {}
        for kind, key in self.keys.items():
            if key and (kind == 'master' or is_signed(key, self.user_id, found.get('master', ''))):
                found[kind] = next(iter(key['keys'].values()))
        return found

    def half_of(self, name):
        """The public half that a secret has to fit, or None."""
        if name != BACKUP:
            return self.identity.get(name.rpartition('.')[2])
        if self.current is None:
            return None
        algorithm, auth, _ = self.versions[self.current]
        try:
            half = binary(auth['public_key'])
            # Base64 of base64, as every account has that nheko 0.12 set up.
            half = half if len(half) == 32 else binary(half.decode())
            return unpadded(half) if algorithm == CURVE and len(half) == 32 else None
        except (KeyError, TypeError, ValueError):
            return None

    def values(self, name, key):
        """What @key opens of what is stored under a name: the bytes, by the key's ID."""
        encrypted = self.data.get(name, {}).get('encrypted')
        found = {}
        for key_id, entry in encrypted.items() if isinstance(encrypted, dict) else ():
            try:
                plain = open_sealed(key, name, entry)
                value = base64.b64decode(plain.decode() + '=' * (-len(plain) % 4), validate=True)
                if len(value) == 32:
                    found[key_id] = value
            except (AttributeError, KeyError, TypeError, ValueError):
                continue
        return found

    def opened(self, key):
        """The names of the secrets that @key opens and whose public half is there."""
        return {name for name in SECRETS if any(public_half(name, value) == self.half_of(name)
                                                for value in self.values(name, key).values())}

    def has_key(self, key):
        """Whether an entry or two opens with it, good or not."""
        return any(self.values(name, key) for name in SECRETS)


def differences(before, after):
    """What has changed, in the words of a plan: 'data' (types), 'public' (kinds), 'made' (versions), and what never
    may: 'lost' (versions that are gone or other)."""
    types = before.data.keys() | after.data.keys()
    return {'data': {kind for kind in types if before.data.get(kind) != after.data.get(kind)},
            'public': {kind for kind in IDENTITY if before.public.get(kind) != after.public.get(kind)},
            'made': after.versions.keys() - before.versions.keys(),
            'lost': {number for number, version in before.versions.items() if after.versions.get(number) != version}}


def nothing(changes):
    return not any(changes.values())

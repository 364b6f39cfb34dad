# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts in every state that a Secure Backup can be left in: each of its parts right, absent, odd or of another key,
laid on a homeserver as another client would have."""
import hashlib
import hmac
import itertools
import json
import os
import random

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from secure_backup import BACKUP, IDENTITY, SECRETS, Observer, binary, derive, public_half, seal, sign, unpadded

VALUES = ('right', 'absent', 'odd', 'other')
# What is varied. The four secrets are under their names.
DIMENSIONS = ('description', *SECRETS, 'public', 'version', 'default')

STORAGE = 'm.secret_storage.v1.aes-hmac-sha2'
CURVE = 'm.megolm_backup.v1.curve25519-aes-sha2'
KEY_ID, OTHER_ID = 'KEY', 'OTHER'
ROOM = '!room:localhost'


def pairs_of(combination):
    return set(itertools.combinations(enumerate(combination), 2))


def choose(count, seed):
    """At least @count combinations, each once; the first of them have every pair of values of two dimensions."""
    chance = random.Random(seed)
    missing = {((a, x), (b, y)) for a, b in itertools.combinations(range(len(DIMENSIONS)), 2)
               for x in VALUES for y in VALUES}
    chosen = [('right',) * len(DIMENSIONS)]
    missing -= pairs_of(chosen[0])
    while missing or len(chosen) < count:
        tries = [tuple(chance.choice(VALUES) for _ in DIMENSIONS) for _ in range(60 if missing else 1)]
        if missing:
            # One that surely has a pair that is missing yet.
            (a, x), (b, y) = min(missing)
            tries = [tuple(x if at == a else y if at == b else value for at, value in enumerate(some)) for some in tries]
        best = max(tries, key=lambda some: len(missing & pairs_of(some)))
        if best not in chosen:
            chosen.append(best)
            missing -= pairs_of(best)
    return [dict(zip(DIMENSIONS, some)) for some in chosen]


def room_key(session_seed):
    """A Megolm session's export, whose ratchet is of no further interest, and its ID."""
    identifier = binary(public_half('', session_seed))
    return unpadded(b'\x01' + bytes(4) + os.urandom(128) + identifier), unpadded(identifier)


def seal_entry(public_key, session_key):
    """The other way round of secure_backup.open_entry()."""
    ephemeral = os.urandom(32)
    keys = derive(X25519PrivateKey.from_private_bytes(ephemeral).exchange(X25519PublicKey.from_public_bytes(public_key)),
                  b'', 80)
    plain = json.dumps({'algorithm': 'm.megolm.v1.aes-sha2', 'forwarding_curve25519_key_chain': [],
                        'sender_key': public_half(BACKUP, os.urandom(32)), 'session_key': session_key,
                        'sender_claimed_keys': {'ed25519': public_half('', os.urandom(32))}}).encode()
    padder = padding.PKCS7(128).padder()
    sealer = Cipher(algorithms.AES(keys[:32]), modes.CBC(keys[64:])).encryptor()
    ciphertext = sealer.update(padder.update(plain) + padder.finalize()) + sealer.finalize()
    return {'first_message_index': 0, 'forwarded_count': 0, 'is_verified': True, 'session_data': {
        'ephemeral': public_half(BACKUP, ephemeral), 'ciphertext': unpadded(ciphertext),
        'mac': unpadded(hmac.new(keys[32:64], b'', hashlib.sha256).digest()[:8])}}


class Account:
    """One combination, laid on the server. key: what the person has; spelling: of the right secrets."""

    def __init__(self, url, user, password, combination, seed):
        self.combination = combination
        self.chance = random.Random(f'{seed} {user}')
        self.observer = Observer(url, user, password)
        self.key, self.other_key = os.urandom(32), os.urandom(32)
        self.secrets = {name: os.urandom(32) for name in SECRETS}
        self.spelling = self.chance.choice(('padded', 'unpadded', 'keepsake'))
        # What was taken where a value has several forms, for who has to find a fault.
        self.forms = {}
        self.publish()
        self.lay_version()
        for name in SECRETS:
            self.put(name, self.secret(name))
        self.put('m.secret_storage.key.' + KEY_ID, self.description())
        self.put('m.secret_storage.key.' + OTHER_ID, self.describe(self.other_key))
        self.put('m.secret_storage.default_key', self.default())

    def put(self, kind, content):
        if content is not None:
            self.observer.put(kind, content)

    def pick(self, dimension, **forms):
        """One of the forms that are odd, or another's."""
        name = self.chance.choice(sorted(forms))
        self.forms[dimension] = name
        return forms[name]

    def describe(self, key):
        sealed = seal(key, '', bytes(32))
        return {'algorithm': STORAGE, 'iv': sealed['iv'], 'mac': sealed['mac']}

    def describe_at_length(self):
        """With an IV of 32 bytes, of which 16 count, as nheko writes them."""
        right = self.describe(self.key)
        return {**right, 'iv': unpadded(binary(right['iv']) + os.urandom(16))}

    def description(self):
        right = self.describe(self.key)
        return {
            'right': lambda: right,
            'absent': lambda: self.pick('description', never=None, emptied={}),
            'odd': lambda: self.pick('description', number={**right, 'iv': 7}, no_algorithm={'algorithm': 7},
                                     unknown={**right, 'algorithm': 'org.example.v9'},
                                     no_check={'algorithm': STORAGE}, half={'algorithm': STORAGE, 'iv': right['iv']},
                                     phrase={**right, 'passphrase': 'yes'}, long_iv=self.describe_at_length()),
            'other': lambda: self.describe(self.other_key),
        }[self.combination['description']]()

    def sealed(self, key, name, secret):
        text = unpadded(secret)
        if self.spelling == 'keepsake':
            text += '='
        entry = seal(key, name, text.encode())
        return entry if self.spelling != 'padded' else {
            member: value + '=' * (-len(value) % 4) for member, value in entry.items()}

    def secret(self, name):
        right = self.sealed(self.key, name, self.secrets[name])
        odd_mac = {**right, 'mac': unpadded(os.urandom(32))}
        short = seal(self.key, name, unpadded(os.urandom(31)).encode())
        content = {
            'right': lambda: {KEY_ID: right},
            'absent': lambda: self.pick(name, never=None, emptied={}, no_keys={'encrypted': {}}),
            'odd': lambda: self.pick(name, number={KEY_ID: {'iv': 7}}, mac={KEY_ID: odd_mac}, text={KEY_ID: 'x'},
                                     size={KEY_ID: short}, array={'encrypted': [right]},
                                     no_cipher={KEY_ID: {'iv': right['iv'], 'mac': right['mac']}}),
            'other': lambda: self.pick(name, id={OTHER_ID: self.sealed(self.other_key, name, self.secrets[name])},
                                       twin={OTHER_ID: self.sealed(self.key, name, self.secrets[name])},
                                       key={KEY_ID: self.sealed(self.other_key, name, self.secrets[name])},
                                       value={KEY_ID: self.sealed(self.key, name, os.urandom(32))}),
        }[self.combination[name]]()
        return content if not content or 'encrypted' in content else {'encrypted': content}

    def default(self):
        return {
            'right': lambda: {'key': KEY_ID},
            'absent': lambda: self.pick('default', never=None, emptied={}),
            'odd': lambda: self.pick('default', number={'key': 7}, gone={'key': 'GONE'}, null={'key': None}),
            'other': lambda: {'key': OTHER_ID},
        }[self.combination['default']]()

    def publish(self):
        how = self.combination['public']
        if how == 'absent':
            return
        seeds = {name: os.urandom(32) if how == 'other' else self.secrets[name] for name in SECRETS[:3]}
        master = public_half('', seeds[SECRETS[0]])
        keys = {}
        for kind, name in zip(IDENTITY, SECRETS):
            half = public_half('', seeds[name])
            key = {'user_id': self.observer.user_id, 'usage': [kind], 'keys': {'ed25519:' + half: half}}
            keys[kind + '_key'] = key if kind == 'master' else sign(key, self.observer.user_id, master, seeds[SECRETS[0]])
        if how == 'odd':
            for kind in self.pick('public', master=IDENTITY[1:], no_user=IDENTITY[2:], no_self=IDENTITY[1:2]):
                del keys[kind + '_key']
        self.observer.ask('POST', 'keys/device_signing/upload', keys)

    def lay_version(self):
        how = self.combination['version']
        half = public_half(BACKUP, self.secrets[BACKUP])
        right = {'algorithm': CURVE, 'auth_data': {'public_key': half, 'signatures': {}}}
        if how == 'absent':
            return
        if how == 'odd':
            right = self.pick('version', algorithm={**right, 'algorithm': 'org.example.v9'},
                              size={**right, 'auth_data': {'public_key': unpadded(os.urandom(45))}},
                              twice={**right, 'auth_data': {'public_key': unpadded(half.encode())}},
                              number={**right, 'auth_data': {'public_key': 7}}, empty={**right, 'auth_data': {}})
        elif how == 'other':
            right['auth_data']['public_key'] = public_half(BACKUP, os.urandom(32))
        version = self.observer.ask('POST', 'room_keys/version', right)['version']
        session_key, session_id = room_key(os.urandom(32))
        self.observer.ask('PUT', f'room_keys/keys?version={version}', {'rooms': {ROOM: {'sessions': {
            session_id: seal_entry(binary(half), session_key)}}}})

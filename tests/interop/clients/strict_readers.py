# SPDX-License-Identifier: GPL-3.0-or-later
"""How three clients open secret storage, each with the strictness that turned real accounts away. Written from what
those clients do, and shares no code with Keepsake. A reader opens all that is stored under the default key, or raises
Refused, as its client says "not correct"."""
import base64
import binascii
import hashlib
import hmac
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from secure_backup import BACKUP, SECRETS, derive

PADDED = re.compile('(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?')


class Refused(Exception):
    """With the words that name the place."""


class Reader:
    """What all have in common. data: account data by type; key: the person's, 32 bytes."""

    def __init__(self, data, key):
        self.data, self.key = data, key
        self.key_id = data['m.secret_storage.default_key']['key']

    def open(self):
        """The secrets by name: 32 bytes each."""
        self.check_description(self.data['m.secret_storage.key.' + self.key_id])
        stored = [name for name in SECRETS if self.data.get(name, {}).get('encrypted')]
        return {name: self.read_plain(name, self.decrypt(name, self.choose(name))) for name in stored}

    def keys(self, name):
        both = derive(self.key, name.encode(), 64)
        return both[:32], both[32:]

    def crypt(self, name, iv, text):
        cipher = Cipher(algorithms.AES(self.keys(name)[0]), modes.CTR(iv)).encryptor()
        return cipher.update(text) + cipher.finalize()

    def mac(self, name, ciphertext):
        return hmac.new(self.keys(name)[1], ciphertext, hashlib.sha256).digest()

    def check_description(self, description):
        ciphertext = self.crypt('', self.read_iv(description['iv']), bytes(32))
        if not hmac.compare_digest(self.decode(description['mac']), self.mac('', ciphertext)):
            raise Refused('description: mac')

    def check_mac(self, name, text, ciphertext):
        if not hmac.compare_digest(self.decode(text), self.mac(name, ciphertext)):
            raise Refused(f'{name}: mac')

    def choose(self, name):
        entry = self.data[name]['encrypted'].get(self.key_id)
        if entry is None:
            raise Refused(f'{name}: not under the default key')
        return entry

    def decrypt(self, name, entry):
        ciphertext = self.decode(entry['ciphertext'])
        self.check_mac(name, entry['mac'], ciphertext)
        return self.crypt(name, self.read_iv(entry['iv']), ciphertext)

    def read_iv(self, text):
        """Longer ones, as nheko writes them, are cut."""
        iv = self.decode(text)[:16]
        if len(iv) != 16:
            raise Refused('iv')
        return iv

    def read_plain(self, name, plain):
        value = self.decode(plain.decode('ascii', 'replace'))
        if len(value) != 32:
            raise Refused(f'{name}: size')
        return value

    def decode(self, text):
        """Base64 with or without padding."""
        try:
            return base64.b64decode(text.rstrip('=') + '=' * (-len(text.rstrip('=')) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused('no base64') from error


def refuse_long_iv(reader, description):
    """That of nheko's descriptions: NeoChat calls the key not correct, gomuks crashes."""
    if len(reader.decode(description['iv'])) != 16:
        raise Refused('description: iv')


class NeoChat(Reader):
    """26.08.2, libQuotient 0.9.6.1: of a secret, encodes the code that it computes, padded, and compares texts; of the
    description, compares bytes. Begins with the backup's key, and is content with no account that has none."""

    def check_description(self, description):
        refuse_long_iv(self, description)
        super().check_description(description)
        if not self.data.get(BACKUP, {}).get('encrypted'):
            raise Refused(f'{BACKUP}: not there')

    def check_mac(self, name, text, ciphertext):
        if base64.b64encode(self.mac(name, ciphertext)).decode() != text:
            raise Refused(f'{name}: text of mac')


class Gomuks(Reader):
    """0.3.1, mautrix-go 0.11.1: padded base64 and nothing else, inside and outside. Not as strict: 26.08."""

    def check_description(self, description):
        refuse_long_iv(self, description)
        super().check_description(description)

    def decode(self, text):
        if not PADDED.fullmatch(text):
            raise Refused('not padded')
        return base64.b64decode(text, validate=True)


class Nheko(Reader):
    """0.12.1: IVs of 16 bytes, or its own of 32; of what is stored under several keys it takes what comes first by
    name."""

    def read_iv(self, text):
        iv = self.decode(text)
        if len(iv) not in (16, 32):
            raise Refused('iv')
        return iv[:16]

    def choose(self, name):
        return min(self.data[name]['encrypted'].items())[1]


READERS = (NeoChat, Gomuks, Nheko)

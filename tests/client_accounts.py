# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of tests/data/accounts, laid on a homeserver as the README there says, under any user's name."""
from secure_backup import IDENTITY, SECRETS, binary, open_sealed, public_half, read_recovery_key, sign


def sign_again(account, user_id):
    """The public identity, for a user of another name: its private half is opened with the person's key, as any client
    can."""
    key = read_recovery_key(account['security_key'])
    secrets = {}
    for kind, name in zip(IDENTITY, SECRETS):
        entries = account['account_data'][name]['encrypted']
        secrets[kind] = binary(open_sealed(key, name, next(iter(entries.values()))).decode())
    keys = {kind: {'user_id': user_id, 'usage': [kind], 'keys': {
        'ed25519:' + public_half('', secret): public_half('', secret)}} for kind, secret in secrets.items()}
    master = public_half('', secrets['master'])
    for kind in IDENTITY[1:]:
        keys[kind] = sign(keys[kind], user_id, master, secrets['master'])
    return {kind + '_key': key for kind, key in keys.items()}


def lay(observer, account, password):
    """@observer: a secure_backup.Observer of the user."""
    observer.ask_with_password('POST', 'keys/device_signing/upload', sign_again(account, observer.user_id), {
        'type': 'm.login.password', 'password': password,
        'identifier': {'type': 'm.id.user', 'user': observer.user_id}})
    for kind, content in account['account_data'].items():
        observer.put(kind, content)
    if 'auth_data' in account['version']:
        observer.ask('POST', 'room_keys/version', {
            member: account['version'][member] for member in ('algorithm', 'auth_data')})

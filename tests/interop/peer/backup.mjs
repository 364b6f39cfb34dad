// SPDX-License-Identifier: GPL-3.0-or-later
//
// Secure Backup: set up, restored, replaced, deleted, switched off.
import { options, until } from "./command.mjs";
import { readRooms, tally } from "./rooms.mjs";
import { authenticate, callbacks, client, creds, crypto, open } from "./session.mjs";
import { backupInfo, facts } from "./state.mjs";

const hex = (bytes) => Buffer.from(bytes ?? []).toString("hex");

export async function allBackedUp() {
    let count;
    await until("all keys in the backup", async () => {
        count = (await backupInfo())?.count;
        return count >= (await crypto.exportRoomKeys()).length;
    });
    return count;
}

// Whether --recovery-key or --passphrase opens the account's default key.
async function opensStorage(id) {
    const found = await client.secretStorage.getKey(id);
    return !!found && !!(await callbacks.getSecretStorageKey({ keys: { [id]: found[1] } }));
}

export const verbs = {
    async setup() {
        await open();
        await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: authenticate });
        const phrase = options.passphrase ? String(options.passphrase) : undefined;
        const made = await crypto.createRecoveryKeyFromPassphrase(phrase);
        await crypto.bootstrapSecretStorage({
            createSecretStorageKey: async () => made,
            setupNewSecretStorage: true,
            setupNewKeyBackup: !options["no-backup"],
        });
        const keyId = await until("the default key", () => client.secretStorage.getDefaultKeyId());
        const info = await crypto.getKeyBackupInfo();
        return {
            recovery_key: made.encodedPrivateKey,
            ssss_key_hex: hex(made.privateKey),
            key_id: keyId,
            backup_version: info?.version ?? null,
            backup_key_hex: hex(await crypto.getSessionBackupPrivateKey()),
            ...(await facts()),
        };
    },

    async restore() {
        await open();
        const before = await backupInfo();
        if (!(await crypto.userHasCrossSigningKeys(creds.user_id, true))) {
            throw new Error("no cross-signing keys on the account");
        }
        const id = await client.secretStorage.getDefaultKeyId();
        if (!(await opensStorage(id))) {
            throw new Error("this key or passphrase does not open the default secret storage key " + id);
        }
        if (!options["no-cross-sign"]) {
            // Takes the keys from secret storage and signs this session; it knows that it is
            // signed once it has asked for its own keys again.
            await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: authenticate });
            await until("the own signature", async () =>
                (await crypto.getDeviceVerificationStatus(creds.user_id, creds.device_id))?.crossSigningVerified,
            10000).catch(() => {});
        }
        await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
        await crypto.checkKeyBackupAndEnable();
        const start = performance.now();
        let last;
        const restored = await crypto.restoreKeyBackup({ progressCallback: (progress) => (last = progress) });
        const ms = Math.round(performance.now() - start);
        const rooms = options["no-read"] ? [] : await readRooms();
        const now = await facts();
        return {
            imported: restored.imported,
            total: restored.total,
            failures: last?.failures ?? 0,
            restore_ms: ms,
            backup_version: before?.version,
            own_device_verified: now.own_device_verified,
            backup_trust: now.backup_trust,
            ...tally(rooms),
            rooms,
            facts: now,
        };
    },

    // The SDK makes the new version first and stores its key last: without the
    // storage's key it would leave a backup that nobody can open.
    async "reset-backup"() {
        await open();
        const id = await client.secretStorage.getDefaultKeyId();
        if (id && !(await opensStorage(id))) throw new Error("give --recovery-key or --passphrase");
        await crypto.resetKeyBackup();
        if (!options["no-wait"]) await allBackedUp();
        return facts();
    },

    async "delete-backup"() {
        await open();
        const version = options.version ?? (await backupInfo()).version;
        await crypto.deleteKeyBackupVersion(version);
        return { deleted: version };
    },

    async "disable-key-storage"() {
        await open();
        await crypto.disableKeyStorage();
        return facts();
    },
};

// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the session and the server hold: login, status, dump.
import { options, until } from "./command.mjs";
import { client, creds, crypto, freshFilter, http, open, queryOwnKeys } from "./session.mjs";

// Not the SDK's getKeyBackupInfo(), which caches the count.
export const backupInfo = () =>
    http("GET", "/v3/room_keys/version").catch((error) => {
        if (error.status === 404) return null;
        throw error;
    });

async function ownDevices() {
    const onServer = Object.keys((await queryOwnKeys()).device_keys?.[creds.user_id] ?? {});
    const known = async () => (await crypto.getUserDeviceInfo([creds.user_id], true)).get(creds.user_id) ?? new Map();
    await until("the device list", async () => {
        const map = await known();
        return onServer.every((id) => map.has(id));
    }, 5000).catch(() => {});
    const list = [];
    for (const device of (await known()).values()) {
        const status = await crypto.getDeviceVerificationStatus(creds.user_id, device.deviceId);
        list.push({
            device_id: device.deviceId,
            name: device.displayName ?? null,
            verified: status?.isVerified() ?? false,
            cross_signed: status?.crossSigningVerified ?? false,
            signed_by_owner: status?.signedByOwner ?? false,
            local: status?.localVerified ?? false,
            own: device.deviceId === creds.device_id,
        });
    }
    return list;
}

export async function facts() {
    const info = await backupInfo();
    const devices = await ownDevices();
    const storage = await crypto.getSecretStorageStatus();
    return {
        user_id: creds.user_id,
        device_id: creds.device_id,
        own_device_verified: devices.find((device) => device.own)?.cross_signed ?? false,
        cross_signing_ready: await crypto.isCrossSigningReady(),
        cross_signing_status: await crypto.getCrossSigningStatus(),
        secret_storage_ready: storage.ready,
        secret_storage: storage,
        backup: info && { version: info.version, count: info.count, etag: info.etag, algorithm: info.algorithm },
        backup_active_here: await crypto.getActiveSessionBackupVersion(),
        backup_trust: info?.auth_data ? await crypto.isKeyBackupTrusted(info) : null,
        backup_key_here: !!(await crypto.getSessionBackupPrivateKey()),
        room_keys_here: (await crypto.exportRoomKeys()).length,
        devices,
    };
}

async function accountData() {
    const query = new URLSearchParams({ timeout: "0", filter: JSON.stringify({ room: { rooms: [] }, ...freshFilter() }) });
    const events = (await http("GET", "/v3/sync?" + query)).account_data.events;
    const wanted = events.filter((event) => options.all || event.type !== "m.push_rules");
    return Object.fromEntries(wanted.map((event) => [event.type, event.content]));
}

export const verbs = {
    async login() {
        await open();
        return facts();
    },
    async status() {
        await open();
        await crypto.checkKeyBackupAndEnable();
        return facts();
    },
    async dump() {
        await open({ sync: false });
        const get = (path) => http("GET", path).catch((error) => ({ _status: error.status, ...error.body }));
        const version = await get("/v3/room_keys/version");
        const keys = await get("/v3/room_keys/keys?version=" + version.version);
        return { account_data: await accountData(), version, keys, query: await queryOwnKeys() };
    },
};

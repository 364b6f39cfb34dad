// SPDX-License-Identifier: GPL-3.0-or-later
//
// One signed-in session: opened from --state or by a new login, synced, closed
// and kept again.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { emit, options, sleep, until, verb } from "./command.mjs";
import { dumpDatabases, loadDatabases } from "./indexed-db.mjs";
import { cryptoApi, sdk } from "./sdk.mjs";

export let client, crypto, creds;
let isNew = false;
let storageKey = null;

export const isNewSession = () => isNew;

// A request past the SDK, whose answers it would cache or reshape.
export async function http(method, path, body) {
    const answer = await fetch(options.hs + "/_matrix/client" + path, {
        method,
        headers: { Authorization: "Bearer " + creds.access_token, "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    const json = await answer.json();
    if (!answer.ok) {
        throw Object.assign(new Error(answer.status + " " + JSON.stringify(json)), { status: answer.status, body: json });
    }
    return json;
}

export const queryOwnKeys = () =>
    http("POST", "/v3/keys/query", { device_keys: { [creds.user_id]: [] } });

// Synapse answers a repeated initial sync (same device, same filter) from a cache
// for two minutes: a filter never used before gets a fresh answer.
export const freshFilter = () => ({ presence: { not_senders: [`@${randomBytes(6).toString("hex")}:invalid`] } });

// The raw secret-storage key that --recovery-key or --passphrase stands for.
async function givenKey(description) {
    if (options["recovery-key"]) return cryptoApi.decodeRecoveryKey(String(options["recovery-key"]));
    const how = description.passphrase;
    if (!options.passphrase || !how) return null;
    return cryptoApi.deriveRecoveryKeyFromPassphrase(String(options.passphrase), how.salt, how.iterations, how.bits ?? 256);
}

export const callbacks = {
    // The default key if it is asked for, else the first that opens.
    async getSecretStorageKey({ keys }) {
        const preferred = await client.secretStorage.getDefaultKeyId();
        for (const id of Object.keys(keys).sort((a, b) => (b === preferred) - (a === preferred))) {
            if (storageKey?.[0] === id) return storageKey;
            const raw = await givenKey(keys[id]);
            if (raw && (await client.secretStorage.checkKey(raw, keys[id]))) return (storageKey = [id, raw]);
        }
        return null;
    },
    cacheSecretStorageKey(id, _description, key) {
        storageKey = [id, key];
    },
};

// User-interactive authentication by password, when the server asks for it.
export async function authenticate(makeRequest) {
    try {
        await makeRequest(null);
    } catch (error) {
        if (error.httpStatus !== 401 || !error.data?.flows) throw error;
        emit({ event: "uia", flows: error.data.flows });
        await makeRequest({ type: "m.login.password", identifier: { type: "m.id.user", user: creds.user_id },
            password: options.password, session: error.data.session });
    }
}

async function signIn() {
    const answer = await sdk.createClient({ baseUrl: options.hs }).loginRequest({
        type: "m.login.password",
        identifier: { type: "m.id.user", user: options.user },
        password: options.password,
        initial_device_display_name: options["device-name"] ?? "peer (" + verb + ")",
    });
    creds = { user_id: answer.user_id, device_id: answer.device_id, access_token: answer.access_token };
    isNew = true;
}

async function startSync() {
    const filter = new sdk.Filter(creds.user_id);
    filter.setDefinition({ room: { timeline: { limit: 20 } }, ...freshFilter() });
    await client.startClient({ initialSyncLimit: 1, pollTimeout: 5000, filter });
    await until("first sync", () => client.isInitialSyncComplete());
    // Our own device keys must be there before anything signs or addresses them.
    await until("own device keys on the server",
        async () => (await queryOwnKeys()).device_keys?.[creds.user_id]?.[creds.device_id]);
}

export async function open({ sync = true } = {}) {
    if (!options.hs) throw new Error("--hs is missing");
    if (options.state && existsSync(options.state)) {
        const kept = JSON.parse(readFileSync(options.state, "utf8"));
        creds = kept.creds;
        await loadDatabases(kept.idb);
    } else {
        await signIn();
    }
    client = sdk.createClient({ baseUrl: options.hs, userId: creds.user_id, deviceId: creds.device_id,
        accessToken: creds.access_token, cryptoCallbacks: callbacks, timelineSupport: true });
    await client.initRustCrypto({ useIndexedDB: true, cryptoDatabasePrefix: "peer" });
    crypto = client.getCrypto();
    // A call begins with an initial sync, which is silent about device lists that changed meanwhile.
    if (!isNew) await crypto.markAllTrackedUsersAsDirty();
    if (sync) await startSync();
}

export async function close() {
    if (!client) return;
    client.stopClient();
    if (!options.state) return;
    // Acknowledges the to-device messages handled here, or the next call would get them again.
    const since = client.store.getSyncToken();
    if (since) {
        const query = new URLSearchParams({ timeout: "0", since, filter: '{"room":{"rooms":[]}}' });
        await http("GET", "/v3/sync?" + query).catch(() => {});
    }
    await sleep(100); // the crypto store ends its writes
    const temporary = options.state + ".tmp";
    writeFileSync(temporary, JSON.stringify({ creds, idb: await dumpDatabases() }), { mode: 0o600 });
    renameSync(temporary, options.state);
}

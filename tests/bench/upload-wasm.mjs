// SPDX-License-Identifier: GPL-3.0-or-later
//
// upload-wasm.mjs HOMESERVER TOKEN KEYS
//
// Element's engine (matrix-sdk-crypto-wasm) as an uploader: takes the room keys in KEYS
// (lines of put-room-keys), then for each line {"version","public_key","budget"} on standard
// input uploads all of them and prints {"uploaded","seconds"}. It stops after `budget`
// seconds. What is timed is what the engine does to make requests and to take the answers
// in, and the requests themselves.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(process.env.PEER_ROOT, "package.json"));
const { initAsync, OlmMachine, UserId, DeviceId } = require("@matrix-org/matrix-sdk-crypto-wasm");
await initAsync();

const [homeserver, token, file] = process.argv.slice(2);
const SENDER = "c2VuZGVyIGtleSBvZiBhIHJvb20ga2V5IGluIHRlc3Q";
const exported = readFileSync(file, "utf8").trim().split("\n").map((line) => {
    const [room_id, session_id, session_key] = line.split(" ");
    return { algorithm: "m.megolm.v1.aes-sha2", forwarding_curve25519_key_chain: [], room_id, session_id, session_key,
        sender_key: SENDER, sender_claimed_keys: { ed25519: session_id } }; // any key that is one
});
const machine = await OlmMachine.initialize(new UserId("@bench:localhost"), new DeviceId("BENCH"));
for (let i = 0; i < exported.length; i += 1000) {
    await machine.importExportedRoomKeys(JSON.stringify(exported.slice(i, i + 1000)), () => {});
}
const { total } = await machine.roomKeyCounts();
if (Number(total) !== exported.length) throw new Error(`${total} of ${exported.length} keys were taken in`);
console.log(JSON.stringify({ ready: Number(total) }));

for await (const line of createInterface({ input: process.stdin })) {
    const { version, public_key, budget } = JSON.parse(line);
    await machine.disableBackup();
    await machine.enableBackupV1(public_key, version);
    const begin = performance.now();
    let count = 0;
    let seconds = 0;
    for (let request; (!budget || seconds < budget) && (request = await machine.backupRoomKeys());
        seconds = (performance.now() - begin) / 1000) {
        const answer = await fetch(`${homeserver}/_matrix/client/v3/room_keys/keys?version=${request.version}`, {
            method: "PUT", body: request.body,
            headers: { Authorization: "Bearer " + token, "Content-Type": "application/json" } });
        const body = await answer.text();
        if (!answer.ok) throw new Error(answer.status + " " + body);
        count = JSON.parse(body).count;
        await machine.markRequestAsSent(request.id, request.type, body);
    }
    console.log(JSON.stringify({ uploaded: count, seconds }));
}
process.exit(0);

// SPDX-License-Identifier: GPL-3.0-or-later
//
// restore-wasm.mjs HOMESERVER TOKEN VERSION PRIVATE-KEY
//
// Element's engine (matrix-sdk-crypto-wasm) restoring a backup as matrix-js-sdk does: the
// whole answer as one JSON object, each entry opened, 200 at a time taken in. In memory.
// Prints {"restored","seconds","cpu","idle","peak"}, as bench-restore does.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.PEER_ROOT, "package.json"));
const { initAsync, OlmMachine, UserId, DeviceId, RoomId, BackupDecryptionKey } =
    require("@matrix-org/matrix-sdk-crypto-wasm");
await initAsync();

const [homeserver, token, version, privateKey] = process.argv.slice(2);
const machine = await OlmMachine.initialize(new UserId("@bench:localhost"), new DeviceId("BENCH"));
const idle = process.resourceUsage();
const begin = performance.now();
const answer = await fetch(`${homeserver}/_matrix/client/v3/room_keys/keys?version=${version}`,
    { headers: { Authorization: "Bearer " + token } });
const body = await answer.json();
const key = BackupDecryptionKey.fromBase64(privateKey);
let batch = new Map();
let size = 0;
let restored = 0;

async function takeIn() {
    await machine.importBackedUpRoomKeys(batch, () => {}, version);
    restored += size;
    batch = new Map();
    size = 0;
}

for (const [room, { sessions }] of Object.entries(body.rooms)) {
    const roomId = new RoomId(room);
    for (const [session, { session_data: data }] of Object.entries(sessions)) {
        const opened = JSON.parse(key.decryptV1(data.ephemeral, data.mac, data.ciphertext));
        opened.session_id = session;
        opened.room_id = room;
        if (!batch.has(roomId)) batch.set(roomId, new Map());
        batch.get(roomId).set(session, opened);
        if (++size === 200) await takeIn();
    }
}
if (size > 0) await takeIn();
const seconds = (performance.now() - begin) / 1000;
const usage = process.resourceUsage();
const { total } = await machine.roomKeyCounts();
if (Number(total) !== restored) throw new Error(`${total} of ${restored} keys were taken in`);
console.log(JSON.stringify({ restored, seconds,
    cpu: (usage.userCPUTime + usage.systemCPUTime - idle.userCPUTime - idle.systemCPUTime) / 1e6,
    idle: idle.maxRSS, peak: usage.maxRSS }));
process.exit(0);

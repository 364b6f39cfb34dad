// SPDX-License-Identifier: GPL-3.0-or-later
//
// key-file-wasm.mjs export|import FILE PHRASE
//
// Element's engine (matrix-sdk-crypto-wasm) with a room-key file as Element handles one: the
// whole file as one string, decrypted with the browser's own cipher, parsed, and taken in;
// and back. In memory. "export" imports FILE first, which is not timed, and writes nothing.
// Prints {"keys","seconds","cpu","idle","peak"}, as bench-key-file does.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.PEER_ROOT, "package.json"));
const { initAsync, OlmMachine, UserId, DeviceId } = require("@matrix-org/matrix-sdk-crypto-wasm");
await initAsync();

const [verb, file, phrase] = process.argv.slice(2);
const machine = await OlmMachine.initialize(new UserId("@bench:localhost"), new DeviceId("BENCH"));

async function takeIn() {
    const json = OlmMachine.decryptExportedRoomKeys(readFileSync(file, "utf8"), phrase);
    const result = await machine.importExportedRoomKeys(json, () => {});
    return Number(result.totalCount);
}

async function giveOut() {
    const json = await machine.exportRoomKeys(() => true);
    return OlmMachine.encryptExportedRoomKeys(json, phrase, 500000).length;
}

const there = verb === "export" ? await takeIn() : 0;
const idle = process.resourceUsage();
const begin = performance.now();
const keys = verb === "export" ? (await giveOut(), there) : await takeIn();
const seconds = (performance.now() - begin) / 1000;
const usage = process.resourceUsage();
console.log(JSON.stringify({ keys, seconds,
    cpu: (usage.userCPUTime + usage.systemCPUTime - idle.userCPUTime - idle.systemCPUTime) / 1e6,
    idle: idle.maxRSS, peak: usage.maxRSS }));
process.exit(0);

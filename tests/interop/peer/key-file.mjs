// SPDX-License-Identifier: GPL-3.0-or-later
//
// Exported room keys as a file, in the format of the specification's "Key
// export format", written apart from the SDK, which has it no longer.
import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { options } from "./command.mjs";
import { readRooms, tally } from "./rooms.mjs";
import { creds, crypto, open } from "./session.mjs";

const head = "-----BEGIN MEGOLM SESSION DATA-----";
const foot = "-----END MEGOLM SESSION DATA-----";
const derive = (phrase, salt, rounds) => pbkdf2Sync(phrase, salt, rounds, 64, "sha512");
const authenticate = (key, body) => createHmac("sha256", key.subarray(32)).update(body).digest();

function seal(json, phrase, rounds) {
    const salt = randomBytes(16);
    const iv = randomBytes(16);
    iv[8] &= 0x7f; // bit 63 clear, for implementations with a 64-bit counter
    const key = derive(phrase, salt, rounds);
    const cipher = createCipheriv("aes-256-ctr", key.subarray(0, 32), iv);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(rounds);
    const body = Buffer.concat([Buffer.from([1]), salt, iv, count, cipher.update(json, "utf8"), cipher.final()]);
    const base64 = Buffer.concat([body, authenticate(key, body)]).toString("base64");
    return head + "\n" + base64.replace(/.{1,96}/g, "$&\n") + foot + "\n";
}

function unseal(text, phrase) {
    const base64 = text.split(head)[1]?.split(foot)[0];
    if (base64 === undefined) throw new Error("not a key export file");
    const all = Buffer.from(base64.replace(/\s+/g, ""), "base64");
    if (all[0] !== 1) throw new Error("unsupported version " + all[0]);
    const key = derive(phrase, all.subarray(1, 17), all.readUInt32BE(33));
    if (!timingSafeEqual(authenticate(key, all.subarray(0, -32)), all.subarray(-32))) throw new Error("wrong passphrase");
    const decipher = createDecipheriv("aes-256-ctr", key.subarray(0, 32), all.subarray(17, 33));
    return Buffer.concat([decipher.update(all.subarray(37, -32)), decipher.final()]).toString("utf8");
}

const readFile = () => JSON.parse(unseal(readFileSync(options.file, "utf8"), String(options["file-passphrase"])));

export const verbs = {
    async export() {
        await open();
        const json = await crypto.exportRoomKeysAsJson();
        const rounds = Number(options.iterations ?? 500000);
        if (options.json) writeFileSync(options.json, json);
        writeFileSync(options.file, seal(json, String(options["file-passphrase"]), rounds));
        return { device_id: creds.device_id, keys: JSON.parse(json).length, iterations: rounds, file: options.file };
    },

    async import() {
        await open();
        const keys = readFile();
        let progress;
        await crypto.importRoomKeys(keys, { progressCallback: (step) => (progress = step) });
        const rooms = options["no-read"] ? [] : await readRooms();
        const here = (await crypto.exportRoomKeys()).length;
        return { device_id: creds.device_id, in_file: keys.length, progress, room_keys_here: here, ...tally(rooms), rooms };
    },

    async "open-file"() {
        const keys = readFile();
        return { keys: keys.length, first: keys[0] };
    },
};

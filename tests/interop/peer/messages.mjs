// SPDX-License-Identifier: GPL-3.0-or-later
//
// Messages of every form that Element writes: edited, answered, deleted, with a file.
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { options, until } from "./command.mjs";
import { allBackedUp } from "./backup.mjs";
import { client, creds, crypto, open } from "./session.mjs";
import { makeRoom } from "./rooms.mjs";

const unpadded = (bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
const text = (body) => ({ msgtype: "m.text", body });

async function send(room, content) {
    return (await client.sendMessage(room, content)).event_id;
}

// Client-Server API, "Sending encrypted attachments".
async function sendFile(room, name, bytes) {
    const raw = randomBytes(32);
    const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]);
    const key = await webcrypto.subtle.importKey("raw", raw, "AES-CTR", false, ["encrypt"]);
    const sealed = Buffer.from(await webcrypto.subtle.encrypt({ name: "AES-CTR", counter: iv, length: 64 }, key, bytes));
    const { content_uri: url } = await client.uploadContent(sealed, { type: "application/octet-stream" });
    const file = {
        v: "v2", url, iv: unpadded(iv), hashes: { sha256: unpadded(createHash("sha256").update(sealed).digest()) },
        key: { alg: "A256CTR", ext: true, k: raw.toString("base64url"), key_ops: ["encrypt", "decrypt"], kty: "oct" },
    };
    return send(room, { msgtype: "m.file", body: name, filename: name, info: { size: bytes.length, mimetype: "text/plain" }, file });
}

export const verbs = {
    // A talk with itself; what a reader has to make of it, oldest first.
    async talk() {
        await open();
        const room = await makeRoom(1, []);
        await until("encryption", () => crypto.isEncryptionEnabledInRoom(room));
        const said = [];
        const bodies = ["plain", "  spaces, tabs\tand\nlines \n", "你好 \u{1f5dd}\ufe0f e\u0301 \u202eright to left\u202c", "<b>&amp; \"quotes\" \\", "x".repeat(20000)];
        for (const body of bodies) said.push({ event_id: await send(room, text(body)), body });

        const edited = await send(room, text("before"));
        for (const body of ["after", "and after that – 再改"]) {
            await send(room, { ...text("* " + body), "m.new_content": text(body),
                "m.relates_to": { rel_type: "m.replace", event_id: edited } });
        }
        said.push({ event_id: edited, body: "and after that – 再改", edited: true });

        const answer = await send(room, { ...text(`> <${creds.user_id}> plain\n\nthe answer`),
            "m.relates_to": { "m.in_reply_to": { event_id: said[0].event_id } } });
        said.push({ event_id: answer, body: "the answer", in_reply_to: said[0].event_id });

        const deleted = await send(room, text("never said"));
        await client.redactEvent(room, deleted);
        said.push({ event_id: deleted, redacted: true });

        const name = "Grüße.txt";
        const bytes = Buffer.from("what is in the file\n");
        said.push({ event_id: await sendFile(room, name, bytes), name, content: bytes.toString("base64") });
        await until("the end", () => client.getRoom(room).findEventById(deleted)?.isRedacted());
        return { device_id: creds.device_id, room_id: room, said, backed_up: options["no-backup"] ? 0 : await allBackedUp() };
    },
};

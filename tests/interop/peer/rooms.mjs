// SPDX-License-Identifier: GPL-3.0-or-later
//
// Encrypted rooms: written to, joined, read.
import { options, sleep, until } from "./command.mjs";
import { allBackedUp } from "./backup.mjs";
import { client, creds, crypto, http, open } from "./session.mjs";

const path = (room, rest) => `/v3/rooms/${encodeURIComponent(room)}/${rest}`;
const withMembership = (membership) => client.getRooms().filter((room) => room.getMyMembership() === membership);

async function encryptedEvents(room) {
    const events = [];
    let from;
    do {
        const page = await http("GET", path(room, "messages?dir=b&limit=100" + (from ? "&from=" + encodeURIComponent(from) : "")));
        events.push(...page.chunk);
        from = page.chunk.length ? page.end : undefined;
    } while (from);
    return events.reverse().filter((event) => event.type === "m.room.encrypted");
}

async function read(map, room, raw) {
    const event = map({ room_id: room, ...raw });
    await client.decryptEventIfNeeded(event);
    await event.getDecryptionPromise?.();
    const known = { event_id: event.getId(), session_id: raw.content.session_id, sender: event.getSender() };
    if (event.isDecryptionFailure()) return { ...known, error: event.decryptionFailureReason };
    return { ...known, body: event.getContent().body };
}

export async function readRooms(only) {
    const map = client.getEventMapper({ decrypt: true });
    const rooms = [];
    for (const room of only ?? withMembership("join").map((joined) => joined.roomId)) {
        const messages = [];
        for (const raw of await encryptedEvents(room)) messages.push(await read(map, room, raw));
        rooms.push({ room_id: room, messages });
    }
    return rooms;
}

export function tally(rooms) {
    const messages = rooms.flatMap((room) => room.messages);
    return {
        decrypted: messages.filter((message) => message.body !== undefined).length,
        undecryptable: messages.filter((message) => message.error).length,
    };
}

export async function makeRoom(number, invited) {
    const rotation = Number(options.rotate ?? 3);
    const { room_id: room } = await client.createRoom({
        name: `${options.name ?? "Room"} ${number}`,
        preset: "private_chat",
        invite: invited,
        initial_state: [{ type: "m.room.encryption", state_key: "",
            content: { algorithm: "m.megolm.v1.aes-sha2", rotation_period_msgs: rotation } }],
    });
    await until("the room", () => client.getRoom(room));
    // Or the first message's key would go out before the invited are known.
    for (const user of invited) {
        await until("the invitation of " + user, () => client.getRoom(room).getMember(user)?.membership === "invite");
    }
    return room;
}

async function say(room, body) {
    const { event_id: id } = await client.sendMessage(room, { msgtype: "m.text", body });
    const raw = await http("GET", path(room, "event/" + encodeURIComponent(id)));
    return { event_id: id, body, session_id: raw.content.session_id, type: raw.type };
}

export const verbs = {
    async chat() {
        await open();
        const invited = options.invite ? options.invite.split(",") : [];
        const rooms = [];
        for (let i = 1; i <= Number(options.rooms ?? 1); i++) {
            const room = options.room ?? (await makeRoom(i, invited));
            await until("encryption", () => crypto.isEncryptionEnabledInRoom(room));
            const messages = [];
            for (let n = 1; n <= Number(options.count ?? 10); n++) {
                messages.push(await say(room, `${options.text ?? "message"} ${i}/${n}`));
            }
            const sessions = new Set(messages.map((message) => message.session_id)).size;
            rooms.push({ room_id: room, sessions, messages });
        }
        const active = await crypto.getActiveSessionBackupVersion();
        const backedUp = active ? await allBackedUp() : null;
        const here = (await crypto.exportRoomKeys()).length;
        return { device_id: creds.device_id, rooms, room_keys_here: here, backup_version: active, backed_up: backedUp };
    },

    async join() {
        await open();
        await until("an invitation", () => withMembership("invite").length);
        const joined = withMembership("invite").map((room) => room.roomId);
        for (const room of joined) await client.joinRoom(room);
        await sleep(500); // the membership comes down the sync
        return { device_id: creds.device_id, joined };
    },

    async read() {
        await open();
        const rooms = await readRooms(options.room && [options.room]);
        return { device_id: creds.device_id, ...tally(rooms), rooms };
    },
};

// SPDX-License-Identifier: GPL-3.0-or-later
//
// A client with Element's crypto (matrix-js-sdk, matrix-sdk-crypto-wasm) as a
// command: ../README.md has the verbs. Each file here adds the verbs of one area.
import { finish, options, verb } from "./command.mjs";
import { close, isNewSession } from "./session.mjs";
import { verbs as backup } from "./backup.mjs";
import { verbs as keyFile } from "./key-file.mjs";
import { verbs as messages } from "./messages.mjs";
import { verbs as rooms } from "./rooms.mjs";
import { verbs as state } from "./state.mjs";
import { cancelRequest, verbs as verification } from "./verification.mjs";

const verbs = { ...state, ...backup, ...rooms, ...messages, ...keyFile, ...verification };

async function run() {
    if (!verbs[verb]) throw new Error("verbs: " + Object.keys(verbs).join(", "));
    const result = await verbs[verb]();
    await close();
    return result;
}

const ms = () => Math.round(performance.now());
try {
    const result = await run();
    finish({ ok: true, verb, new_device: isNewSession(), ms: ms(), ...result }, 0);
} catch (error) {
    await cancelRequest().catch(() => {});
    await close().catch(() => {});
    finish({ ok: false, verb, ms: ms(), error: error?.message ?? String(error), errcode: error?.errcode,
        stack: options.verbose ? error?.stack : undefined }, 1);
}

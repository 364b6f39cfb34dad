// SPDX-License-Identifier: GPL-3.0-or-later
//
// Verifying another session of the same account: by emoji and by QR code.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { emit, options, sleep, until } from "./command.mjs";
import { cryptoApi } from "./sdk.mjs";
import { creds, crypto, open } from "./session.mjs";
import { backupInfo, facts } from "./state.mjs";

const { VerificationPhase, VerifierEvent } = cryptoApi;
let current;

// For a verb that fails half-way: the other side is not left waiting.
export async function cancelRequest() {
    if (current?.pending) await current.cancel();
}

// Requests left over from before this call are let be, unless --stale is given.
async function incoming() {
    const inProgress = () => crypto.getVerificationRequestsToDeviceInProgress(creds.user_id);
    const old = new Set(inProgress().map((request) => request.transactionId));
    const fits = (request) => !request.initiatedByMe && request.otherUserId === creds.user_id
        && request.phase === VerificationPhase.Requested
        && (!options.from || request.otherDeviceId === options.from)
        && (options.stale || !old.has(request.transactionId));
    emit({ event: "listening", user_id: creds.user_id, device_id: creds.device_id });
    current = await until("a verification request", () => inProgress().find(fits));
    emit({ event: "request", from: current.otherDeviceId, transaction_id: current.transactionId });
    if (options.decline) await current.cancel();
    else await current.accept();
    return current;
}

async function outgoing() {
    current = options.device ? await crypto.requestDeviceVerification(creds.user_id, options.device)
        : await crypto.requestOwnUserVerification();
    emit({ event: "requested", user_id: creds.user_id, device_id: creds.device_id, transaction_id: current.transactionId });
    return current;
}

function isReady(request) {
    if (request.phase === VerificationPhase.Cancelled) {
        throw new Error("cancelled: " + request.cancellationCode + " by " + request.cancellingUserId);
    }
    return request.phase >= VerificationPhase.Ready;
}

// A session drops the request of one whose keys it has not fetched yet, and nobody hears of that:
// then it is asked again, as a person would.
async function outgoingUntilReady() {
    for (let left = 3; ; left--) {
        const request = await outgoing();
        try {
            await until("ready", () => isReady(request), left > 1 ? 15000 : undefined);
            return request;
        } catch (error) {
            if (left === 1 || request.phase >= VerificationPhase.Ready) throw error;
            await request.cancel();
        }
    }
}

const isDone = (request) => isReady(request) && request.phase === VerificationPhase.Done;

async function compareEmoji(request, start) {
    await until("ready", () => isReady(request));
    emit({ event: "ready", other_device: request.otherDeviceId });
    const verifier = start ? await request.startVerification("m.sas.v1")
        : await until("start", () => isReady(request) && request.verifier);
    let sas, decided;
    verifier.on(VerifierEvent.ShowSas, (shown) => {
        sas = { emoji: shown.sas.emoji, decimal: shown.sas.decimal };
        emit({ event: "sas", ...sas });
        const wait = Number(options["confirm-after"] ?? 0) * 1000;
        decided = sleep(wait).then(() => (options.mismatch ? shown.mismatch() : shown.confirm()));
    });
    await verifier.verify();
    await decided;
    await until("done", () => isDone(request));
    return sas;
}

// Waits for the secrets that this session lacks, then stays to answer requests.
async function afterwards() {
    const complete = async () => {
        const here = (await crypto.getCrossSigningStatus()).privateKeysCachedLocally;
        if (!here.masterKey || !here.selfSigningKey || !here.userSigningKey) return false;
        return !(await backupInfo()) || !!(await crypto.getSessionBackupPrivateKey());
    };
    const start = Date.now();
    const came = await until("secrets", complete, Number(options["gossip-wait"] ?? 10) * 1000).then(() => true, () => false);
    const secrets = { complete: came, ms: Date.now() - start };
    await sleep(Number(options.linger ?? 3) * 1000);
    return { secrets, ...(await facts()) };
}

async function scan(request) {
    const file = options.scan.startsWith("@") && options.scan.slice(1);
    const hex = file ? await until("the QR file", () => existsSync(file) && readFileSync(file, "utf8").trim()) : options.scan;
    return request.scanQRCode(new Uint8ClampedArray(Buffer.from(hex, "hex")));
}

async function show(request) {
    const code = await request.generateQRCode();
    if (!code) throw new Error("no QR code: the other side cannot scan, or keys are missing");
    const hex = Buffer.from(code).toString("hex");
    if (options["qr-file"]) {
        writeFileSync(options["qr-file"] + ".tmp", hex);
        renameSync(options["qr-file"] + ".tmp", options["qr-file"]);
    }
    emit({ event: "qr", hex, bytes: code.length, mode: code[7] });
    return until("the scan", () => isReady(request) && request.verifier);
}

function confirmScan(verifier) {
    const confirm = (shown) => {
        emit({ event: "scanned" });
        shown.confirm();
    };
    const shown = verifier.getReciprocateQrCodeCallbacks();
    if (shown) confirm(shown);
    else verifier.on(VerifierEvent.ShowReciprocateQr, confirm);
}

export const verbs = {
    async sas() {
        await open();
        const request = await incoming();
        if (options.decline) return { declined: true };
        return { sas: await compareEmoji(request, !!options.start), ...(await afterwards()) };
    },

    async "sas-start"() {
        await open();
        return { sas: await compareEmoji(await outgoingUntilReady(), !options["no-start"]), ...(await afterwards()) };
    },

    async qr() {
        await open();
        const request = options.incoming ? await incoming() : await outgoingUntilReady();
        await until("ready", () => isReady(request));
        emit({ event: "ready", other_device: request.otherDeviceId,
            other_can_scan: request.otherPartySupportsMethod("m.qr_code.scan.v1"),
            other_can_show: request.otherPartySupportsMethod("m.qr_code.show.v1") });
        const verifier = options.scan ? await scan(request) : await show(request);
        confirmScan(verifier);
        await verifier.verify();
        await until("done", () => isDone(request));
        return afterwards();
    },
};

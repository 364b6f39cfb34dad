// SPDX-License-Identifier: GPL-3.0-or-later
//
// The command line, and what is said on standard output: JSON lines, the result
// last. The SDK's own log goes to standard error, with --verbose.
import { writeFileSync } from "node:fs";

const [first, ...rest] = process.argv.slice(2);
export const verb = first;
export const options = {};

export function emit(event) {
    // Synchronous, so that nothing is lost when the process ends right after.
    writeFileSync(1, JSON.stringify(event) + "\n");
}

export function finish(result, status) {
    emit(result);
    process.exit(status);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(what, condition, ms = Number(options.timeout ?? 60) * 1000) {
    const end = Date.now() + ms;
    for (;;) {
        const answer = await condition();
        if (answer) return answer;
        if (Date.now() > end) throw new Error("timed out waiting for " + what);
        await sleep(50);
    }
}

while (rest.length) {
    const name = rest.shift();
    if (!name.startsWith("--")) finish({ ok: false, verb, error: "unexpected argument " + name }, 1);
    options[name.slice(2)] = rest.length && !rest[0].startsWith("--") ? rest.shift() : true;
}

const text = (x) => (typeof x === "string" ? x : x instanceof Error ? x.stack : JSON.stringify(x));
for (const level of ["log", "debug", "info", "warn", "error", "trace"]) {
    console[level] = options.verbose ? (...all) => process.stderr.write(all.map(text).join(" ") + "\n") : () => {};
}
process.on("unhandledRejection", (error) =>
    finish({ ok: false, verb, error: "unhandled: " + (error?.stack ?? error) }, 1));

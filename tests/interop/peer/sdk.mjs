// SPDX-License-Identifier: GPL-3.0-or-later
//
// The one place that loads packages. They lie in the cache directory (see
// ../peer-prepare), where an import by name would not look.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.env.PEER_ROOT, "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)));

// The SDK's crypto store wants an indexedDB, which must be there before it.
await load("fake-indexeddb/auto");
export const sdk = await load("matrix-js-sdk");
export const cryptoApi = await load("matrix-js-sdk/lib/crypto-api/index.js");

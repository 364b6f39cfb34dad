// SPDX-License-Identifier: GPL-3.0-or-later
//
// An indexedDB that outlives the process: all databases as one base64 text.
import v8 from "node:v8";

const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
});

function describe(store) {
    const indexes = [...store.indexNames].map((name) => {
        const { keyPath, unique, multiEntry } = store.index(name);
        return { name, keyPath, unique, multiEntry };
    });
    return { name: store.name, keyPath: store.keyPath, autoIncrement: store.autoIncrement, indexes };
}

export async function dumpDatabases() {
    const all = [];
    for (const { name, version } of await indexedDB.databases()) {
        const db = await done(indexedDB.open(name));
        const stores = [];
        for (const storeName of db.objectStoreNames) {
            const store = db.transaction(storeName, "readonly").objectStore(storeName);
            const shape = describe(store);
            const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
            stores.push({ ...shape, keys, values });
        }
        db.close();
        all.push({ name, version, stores });
    }
    return v8.serialize(all).toString("base64");
}

function create(db, shape) {
    const store = db.createObjectStore(shape.name, { keyPath: shape.keyPath, autoIncrement: shape.autoIncrement });
    for (const { name, keyPath, unique, multiEntry } of shape.indexes) {
        store.createIndex(name, keyPath, { unique, multiEntry });
    }
}

async function fill(db, { name, keyPath, keys, values }) {
    if (!values.length) return;
    const transaction = db.transaction(name, "readwrite");
    const store = transaction.objectStore(name);
    const finished = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onerror = () => reject(transaction.error);
    });
    values.forEach((value, i) => (keyPath === null ? store.put(value, keys[i]) : store.put(value)));
    await finished;
}

export async function loadDatabases(text) {
    for (const { name, version, stores } of v8.deserialize(Buffer.from(text, "base64"))) {
        const request = indexedDB.open(name, version);
        request.onupgradeneeded = () => stores.forEach((shape) => create(request.result, shape));
        const db = await done(request);
        for (const shape of stores) await fill(db, shape);
        db.close();
    }
}

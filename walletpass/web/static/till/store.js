// Where a queue lies on the device: IndexedDB, one database per restaurant and kind of deed. It outlives the tab, the browser and a power cut.

const TABLE = "queue";

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export class Store {
  #database = null;

  constructor(program, kind = "till") {
    this.name = `walletpass.${kind}.${program}`;
  }

  /** Rejects where the browser keeps nothing: some private windows. */
  async #open() {
    if (this.#database) return this.#database;
    const request = indexedDB.open(this.name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "key" });
    const database = await done(request);
    database.onclose = database.onversionchange = () => {
      database.close();
      this.#database = null;
    };
    this.#database = database;
    return database;
  }

  async all() {
    const database = await this.#open();
    return done(database.transaction(TABLE).objectStore(TABLE).getAll());
  }

  /** Resolves when it is on the disk. */
  async add(entry) {
    const transaction = await this.#writing();
    transaction.objectStore(TABLE).put(entry);
    await finished(transaction);
  }

  /** Replaces the entry by `change(entry)`, in one step whatever other tabs do; null takes it out. Resolves to the new one. */
  async update(key, change) {
    const transaction = await this.#writing();
    const table = transaction.objectStore(TABLE);
    const found = await done(table.get(key));
    const next = found ? change(found) : null;
    if (found && next === null) table.delete(key);
    else if (next && next !== found) table.put(next);
    await finished(transaction);
    return next;
  }

  async #writing() {
    const database = await this.#open();
    return database.transaction(TABLE, "readwrite", { durability: "strict" });
  }
}

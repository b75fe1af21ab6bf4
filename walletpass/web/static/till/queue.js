// Checks that wait for the network, and how they are sent: each with the key it was given when it was typed.

import * as checks from "./queue_rules.js";

const { acknowledge, due, outdated, WAITING } = checks;

const PATIENCE = 3; // entries in a row that nobody answers, before the rest waits for another time

export class Queue {
  /**
   * `store`, `api`, `alone` as in store.js, ../api.js and locks.js; `who()` resolves to whom the server sees, or null when it does not
   * answer. `rules` say what an entry is and what becomes of it: checks, or coats; `name` tells their locks apart.
   */
  constructor({ store, api, alone, who, program, onChange = () => {}, clock = () => Date.now(), rules = checks, name = "queue" }) {
    Object.assign(this, { store, api, alone, who, program, onChange, clock, rules, name });
  }

  /** All entries, newest first; the old ones that went well are forgotten. */
  async entries() {
    const all = await this.store.all();
    for (const entry of all.filter((one) => outdated(one, this.clock()))) await this.store.update(entry.key, () => null);
    return all.filter((one) => !outdated(one, this.clock())).sort((one, other) => other.queued - one.queued);
  }

  /** Keeps a check for later. When this resolves it is on the disk. */
  async keep(entry) {
    await this.store.add(this.rules.waiting({ ...entry, queued: this.clock() }));
    this.onChange();
  }

  /** Somebody has read what became of it. */
  async acknowledge(key) {
    await this.store.update(key, acknowledge);
    this.onChange();
  }

  /**
   * Keeps the check on the disk while `send` tries to book it at once, and takes it out when the server has answered. A tab
   * that is closed in between leaves it behind, and the next one sends it. Resolves to the answer.
   */
  async directly(entry, send) {
    const answer = await this.alone(this.#name(entry.key), async () => {
      await this.store.add(this.rules.waiting({ ...entry, queued: this.clock(), sent: true }));
      return send();
    });
    const open = answer.state === "unanswered" || answer.code === "sign_in_required";
    if (!open) await this.store.update(entry.key, () => null);
    this.onChange();
    return answer;
  }

  /** Sends what is due. Resolves to "sent", "offline", "sign_in", "others" (what is left is other people's) or "busy" (another tab is at it). */
  async flush({ all = false } = {}) {
    const outcome = await this.alone(this.#name("all"), () => this.#send(all));
    if (!outcome) return "busy";
    this.onChange();
    return outcome;
  }

  async #send(all) {
    const left = (await this.store.all()).filter(({ state }) => state === WAITING);
    if (!left.length) return "sent";
    const here = await this.who();
    if (!here) return "offline";
    if (!here.staff) return "sign_in";
    const mine = due(left, here.staff, all);
    let silent = 0;
    for (const { key } of mine) {
      const answer = await this.alone(this.#name(key), () => this.#one(key, here));
      if (answer?.code === "sign_in_required") return "sign_in";
      silent = answer?.state === "unanswered" ? silent + 1 : 0;
      if (silent >= PATIENCE) return "offline";
    }
    if (silent) return "offline";
    return mine.length < left.length ? "others" : "sent";
  }

  /** What is sent is written down before it leaves, so that a second try says the very same. */
  async #one(key, here) {
    const entry = await this.store.update(key, (one) => (one.state === WAITING ? this.rules.prepare(one, { ...here, device: this.clock() }) : one));
    if (entry?.state !== WAITING) return null;
    const answer = await this.api.post(entry.path ?? "/earn", entry.body, { key: entry.wire ?? key, tries: 1 });
    const now = await this.store.update(key, (one) => this.rules.settle(one, answer, this.clock()));
    this.onChange();
    return now?.wire === entry.wire ? answer : this.#one(key, here);
  }

  #name(what) {
    return `walletpass.${this.name}.${this.program}.${what}`;
  }
}

// The queue against a server that keeps keys and checks as ours does: whatever is lost, repeated or late, there is one end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../../../walletpass/web/static/till/queue.js";
import { counts, due, needsEyes, prepare, settle, waiting } from "../../../walletpass/web/static/till/queue_rules.js";

const NOON = Date.parse("2026-11-29T12:00:00Z");
const BRUNO = { id: "bruno", name: "Bruno" };
const CLARA = { id: "clara", name: "Clara" };

class Shelf {
  rows = new Map();

  async all() {
    return [...this.rows.values()].map((row) => structuredClone(row));
  }

  async add(entry) {
    this.rows.set(entry.key, structuredClone(entry));
  }

  async update(key, change) {
    const found = this.rows.get(key);
    const next = found ? change(structuredClone(found)) : null;
    if (found && next === null) this.rows.delete(key);
    else if (next) this.rows.set(key, structuredClone(next));
    return next;
  }
}

/** Keys for ever, one earn per check, an answer that may be lost after everything was booked. */
class Server {
  booked = [];
  answers = new Map();
  staff = BRUNO.id;
  dead = false;
  lose = () => false;

  who() {
    return this.dead ? null : { staff: this.staff, name: "", version: "1", now: new Date(NOON).toISOString(), times: true };
  }

  async post(path, body, { key }) {
    if (this.dead) return { state: "unanswered" };
    const answer = this.#decide(body, key);
    return this.lose() ? { state: "unanswered" } : structuredClone(answer);
  }

  #decide(body, key) {
    if (!this.staff) return { state: "refused", code: "sign_in_required" };
    const said = JSON.stringify(body);
    const known = this.answers.get(key);
    if (known) return known.said === said ? { ...known.answer, again: true } : { state: "refused", code: "key_reused", detail: "" };
    if (body.card === "foreign") return { state: "refused", code: "not_our_code", detail: "This is not one of our cards." };
    if (body.card === "old") return this.#keep(key, said, { state: "done", status: 202, data: { late: "1" }, again: false });
    if (this.booked.some((one) => one.check_id === body.check_id)) return { state: "refused", code: "already_earned", detail: "It has." };
    this.booked.push(body);
    return this.#keep(key, said, { state: "done", status: 200, data: { entry: { id: `e${this.booked.length}` } }, again: false });
  }

  #keep(key, said, answer) {
    this.answers.set(key, { said, answer });
    return answer;
  }
}

/** A lock that several queues share, as tabs do; `broken` lets everybody in. */
function locks(broken = false) {
  const held = new Set();
  return async (name, task) => {
    if (held.has(name) && !broken) return undefined;
    held.add(name);
    try {
      return await task();
    } finally {
      held.delete(name);
    }
  };
}

function tab({ store = new Shelf(), server = new Server(), alone = locks() } = {}) {
  const queue = new Queue({ store, api: server, alone, who: async () => server.who(), program: "luna", clock: () => NOON });
  return { queue, store, server };
}

const check = (number, card = `card${number}`, staff = BRUNO) => ({
  key: `key${number}`,
  body: { card, check_id: `check${number}`, amount: 1000 + number },
  last: "1234",
  amount: 1000 + number,
  staff,
});

const states = async (store) => Object.fromEntries((await store.all()).map(({ key, state }) => [key, state]).sort());

/** A small generator with a seed, so that a failure can be looked at again. */
function chance(seed) {
  let state = seed * 2654435761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return state % below;
  };
}

test("an evening without a network: everything is booked once, and what the point of sale sent too is a duplicate", async () => {
  const { queue, store, server } = tab();
  server.dead = true;
  for (let number = 0; number < 12; number += 1) await queue.keep(check(number));
  assert.equal(await queue.flush(), "offline");
  server.dead = false;
  server.booked.push({ check_id: "check7", card: "card7" });
  assert.equal(await queue.flush(), "sent");
  const { applied, eyes, waiting: left } = counts(await store.all());
  assert.deepEqual([applied, eyes, left], [11, 1, 0]);
  assert.equal((await states(store)).key7, "duplicate");
  assert.equal(server.booked.length, 12);
  assert.equal(await queue.flush(), "sent");
  assert.equal(server.booked.length, 12);
});

test("any order and multiplicity of answers that get lost gives one end", async () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const pick = chance(seed);
    const store = new Shelf();
    const server = new Server();
    const alone = locks();
    const tabs = [tab({ store, server, alone }).queue, tab({ store, server, alone }).queue];
    server.lose = () => pick(3) === 0;
    const cards = ["ana", "foreign", "old", "petro"];
    const kept = Array.from({ length: 6 }, (_, number) => check(number, cards[number % 4]));
    for (const one of kept) await tabs[pick(2)].keep(one);
    for (let step = 0; step < 30; step += 1) {
      server.dead = pick(4) === 0;
      server.staff = pick(5) === 0 ? null : BRUNO.id;
      await Promise.all(pick(2) ? tabs.map((one) => one.flush()) : [tabs[pick(2)].flush()]);
    }
    Object.assign(server, { dead: false, staff: BRUNO.id, lose: () => false });
    for (let last = 0; last < 3; last += 1) await tabs[0].flush();
    assert.deepEqual(
      Object.values(await states(store)),
      ["applied", "conflict", "listed", "applied", "applied", "conflict"],
      `seed ${seed}`,
    );
    assert.equal(server.booked.length, 3, `seed ${seed}`);
  }
});

test("without the lock two tabs send the same, and the key still lets it count once", async () => {
  const [store, server, alone] = [new Shelf(), new Server(), locks(true)];
  const tabs = [tab({ store, server, alone }).queue, tab({ store, server, alone }).queue];
  let posts = 0;
  const post = server.post.bind(server);
  server.post = (...given) => {
    posts += 1;
    return post(...given);
  };
  await tabs[0].keep(check(1));
  await Promise.all(tabs.map((one) => one.flush()));
  assert.equal(posts, 2, "with the lock broken the race must be seen");
  assert.equal(server.booked.length, 1);
  assert.deepEqual(await states(store), { key1: "applied" });
});

test("with the lock one of two tabs sends", async () => {
  const [store, server, alone] = [new Shelf(), new Server(), locks()];
  const tabs = [tab({ store, server, alone }).queue, tab({ store, server, alone }).queue];
  await tabs[0].keep(check(1));
  const outcomes = await Promise.all(tabs.map((one) => one.flush()));
  assert.deepEqual(outcomes.sort(), ["busy", "sent"]);
});

test("what may have been sent is repeated to the letter, also when the server learned to take times meanwhile", () => {
  const tried = settle(waiting({ ...check(1), queued: NOON - 5000, sent: true }), { state: "unanswered" }, NOON);
  assert.deepEqual(prepare(tried, { now: new Date(NOON).toISOString(), times: true, device: NOON }).body, check(1).body);
});

test("a check is told with the moment in which it happened, by the server's clock", () => {
  const entry = waiting({ ...check(1), queued: NOON - 3600_000 });
  const at = (device, now = NOON) => prepare(entry, { now: new Date(now).toISOString(), times: true, device }).body.at;
  assert.equal(at(NOON), "2026-11-29T11:00:00.000Z");
  assert.equal(at(NOON + 30_000), "2026-11-29T11:00:00.000Z");
  assert.equal(at(NOON + 7200_000), "2026-11-29T09:00:00.000Z");
  assert.equal(at(NOON - 7200_000), "2026-11-29T12:00:00.000Z", "never in the future");
  assert.equal("at" in prepare(entry, { now: new Date(NOON).toISOString(), times: false, device: NOON }).body, false);
});

test("a page of a hotel's Wi-Fi that answers 200 has booked nothing", () => {
  const entry = settle(waiting({ ...check(1), queued: NOON }), { state: "done", status: 200, data: { hello: "guest" } }, NOON);
  assert.equal(entry.state, "waiting");
});

test("what is settled keeps the last digits and nothing else of the guest", () => {
  const entry = settle(waiting({ ...check(1, "24899841"), queued: NOON }), { state: "refused", code: "not_found", detail: "" }, NOON);
  assert.equal(JSON.stringify(entry).includes("24899841"), false);
  assert.equal(needsEyes(entry), true);
});

test("a conflict stays until somebody has seen it, and what waits cannot be taken away", async () => {
  const { queue, store } = tab();
  await queue.keep(check(1, "foreign"));
  await queue.acknowledge("key1");
  assert.deepEqual(await states(store), { key1: "waiting" });
  await queue.flush();
  assert.equal((await queue.entries()).length, 1);
  await queue.acknowledge("key1");
  assert.deepEqual(await states(store), {});
});

test("another person's checks wait for that person, or for somebody who presses the button", async () => {
  const { queue, server } = tab();
  await queue.keep(check(1, "ana", CLARA));
  await queue.keep(check(2));
  assert.equal(await queue.flush(), "others");
  assert.equal(server.booked.length, 1);
  assert.equal(await queue.flush({ all: true }), "sent");
  assert.equal(server.booked.length, 2);
  assert.equal(due([], BRUNO.id, false).length, 0);
});

test("nobody is signed in: the queue waits and says so", async () => {
  const { queue, store, server } = tab();
  server.staff = null;
  await queue.keep(check(1));
  assert.equal(await queue.flush(), "sign_in");
  assert.deepEqual(await states(store), { key1: "waiting" });
});

test("a tab that is closed while it sends leaves the check to the next one", async () => {
  const [store, server] = [new Shelf(), new Server()];
  const dying = tab({ store, server }).queue;
  dying.directly(check(1), () => new Promise(() => {}));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await tab({ store, server }).queue.flush(), "sent");
  assert.equal(server.booked.length, 1);
});

test("an earn that is answered at once leaves nothing behind, whatever the answer", async () => {
  const { queue, store, server } = tab();
  const send = (one) => () => server.post("/earn", one.body, { key: one.key });
  assert.equal((await queue.directly(check(1), send(check(1)))).state, "done");
  assert.equal((await queue.directly(check(2, "foreign"), send(check(2, "foreign")))).code, "not_our_code");
  assert.deepEqual(await states(store), {});
  server.dead = true;
  assert.equal((await queue.directly(check(3), send(check(3)))).state, "unanswered");
  assert.deepEqual(await states(store), { key3: "waiting" });
});

test("one entry that the server cannot answer does not hold up the others", async () => {
  const { queue, store, server } = tab();
  for (const number of [1, 2, 3]) await queue.keep(check(number));
  const post = server.post.bind(server);
  server.post = (path, body, options) => (options.key === "key2" ? Promise.resolve({ state: "unanswered" }) : post(path, body, options));
  await queue.flush();
  assert.deepEqual(await states(store), { key1: "applied", key2: "waiting", key3: "applied" });
});

// The coat-check's own reckoning: what this device knows of the room, and what becomes of deeds that wait.

import assert from "node:assert/strict";
import { test } from "node:test";

import { learned, mark, nextFree, on, pairs, priceOf, propose, told, view } from "../../../walletpass/web/static/coats/model.js";
import { prepare, settle, waiting } from "../../../walletpass/web/static/coats/rules.js";
import { Sentences } from "../../../walletpass/web/static/coats/sentences.js";

const hook = (label, taken = 0, kinds = [], capacity = 1) => ({ label, taken, kinds, capacity });
const zones = () => [
  { zone: "A", hooks: [hook("A1", 1), hook("A2"), hook("A3"), hook("A4")] },
  { zone: "B", hooks: [hook("B1", 0, ["umbrella"], 2)] },
];
const ana = { ticket: "t1", first_name: "Ana", code: "", called_at: null, items: [{ number: 1, kind: "coat", hook: "A1", state: "hung" }] };
const known = () => ({ room: { zones: zones() }, now: { tickets: [structuredClone(ana)], called: [] } });
const entry = (path, ticket, body, queued = 1) => waiting({ key: `${path}${queued}`, path, ticket, body, title: "", staff: { id: "s" }, queued });
const came = entry("/coats/check-in", "t2", { card: "1", items: [{ kind: "coat", hook: "A2", number: 1 }] }, 2);

test("what waits on the device hangs on the screen already", () => {
  const seen = view(known(), [came]);
  assert.equal(seen.hooks.get("A2").taken, 1);
  assert.equal(on(seen, "A2")[0].ticket.ticket, "t2");
});

test("a hand-back that waits frees the hook, whatever order the entries are in", () => {
  const went = entry("/coats/hand-back", "t2", { items: [1] }, 3);
  const seen = view(known(), [went, came]);
  assert.equal(seen.hooks.get("A2").taken, 0);
  assert.ok(!seen.tickets.has("t2"));
});

test("what the server has told already is not counted twice", () => {
  const now = known();
  now.now.tickets.push({ ticket: "t2", first_name: "", code: "", items: [{ number: 1, kind: "coat", hook: "A2", state: "hung" }] });
  now.room.zones[0].hooks[1].taken = 1;
  assert.equal(view(now, [came]).hooks.get("A2").taken, 1);
});

test("the server's own view stays as it was", () => {
  const now = known();
  view(now, [came]);
  assert.deepEqual(now, known());
});

test("what the server has done is known before it is asked again", () => {
  const done = { ticket: "t2", card: "c2", code: "", items: [{ number: 1, kind: "coat", hook: "A2", state: "hung" }] };
  const hung = learned(known(), done, "Ben");
  assert.equal(on(view(hung, []), "A2")[0].ticket.first_name, "Ben");
  assert.equal(view(hung, []).hooks.get("A2").taken, 1);
  const gone = learned(hung, { ...done, items: [{ ...done.items[0], state: "returned" }] });
  assert.deepEqual(gone, known());
});

test("what the server has just said of a ticket is newer than the room, and what waits here lies on top of it", () => {
  const kept = { ...ana, items: [{ ...ana.items[0], state: "kept", kept_where: "office" }] };
  const other = { ...ana, ticket: "t3", items: [{ ...ana.items[0], hook: "A4" }] };
  const now = told(known().now, [kept, other]);
  assert.deepEqual(now.tickets.map(({ ticket }) => ticket), ["t1", "t3"]);
  assert.equal(now.tickets[0].items[0].kept_where, "office");
  const back = entry("/coats/hand-back", "t3", { items: [1] }, 3);
  assert.deepEqual([...view({ ...known(), now }, [back]).tickets.keys()], ["t1"]);
});

test("of a ticket that is known the rest stays, and who was called is gone with the coat", () => {
  const called = known();
  called.now.called = ["t1"];
  called.now.tickets[0].items.push({ number: 2, kind: "bag", hook: "A3", state: "hung", photo: true });
  called.room.zones[0].hooks[2].taken = 1;
  const back = (...numbers) => called.now.tickets[0].items.map(({ photo, ...item }) => (numbers.includes(item.number) ? { ...item, state: "returned" } : item));
  const half = learned(called, { ticket: "t1", card: "c1", code: "", items: back(1) });
  assert.equal(half.now.tickets[0].first_name, "Ana");
  assert.equal(half.now.tickets[0].items[1].photo, true);
  assert.deepEqual(half.room.zones[0].hooks.map(({ taken }) => taken), [0, 0, 1, 0]);
  assert.deepEqual(learned(half, { ticket: "t1", card: "c1", code: "", items: back(1, 2) }).now, { tickets: [], called: [] });
});

test("things are proposed side by side, an umbrella where umbrellas go", () => {
  assert.deepEqual(propose(view(known(), []), ["coat", "coat", "umbrella"]), ["A2", "A3", "B1"]);
  assert.deepEqual(propose(view(known(), []), ["coat", "coat", "coat", "coat"]), ["A2", "A3", "A4", ""]);
});

test("the nearest free hook is offered for a taken one", () => {
  assert.equal(nextFree(view(known(), []), "coat", "A1"), "A2");
});

test("many are moved hook by hook, and what is no range is none", () => {
  const seen = view(known(), [came]);
  assert.deepEqual(pairs(seen, "A1", "A2", "A3"), [{ from: "A1", to: "A3" }, { from: "A2", to: "A4" }]);
  assert.equal(pairs(seen, "A1", "A2", "A4"), null);
  assert.equal(pairs(seen, "A2", "A1", "A3"), null);
  assert.equal(pairs(seen, "A1", "B1", "A3"), null);
});

test("a code is known again by a mark that is not the code", () => {
  assert.equal(mark("12345678"), mark("12345678"));
  assert.notEqual(mark("12345678"), mark("12345679"));
  assert.ok(!mark("12345678").includes("12345678"));
});

test("what was refused at once is told again as a deed of the past, under a key of its own", () => {
  const direct = waiting({ key: "k", path: "/coats/check-in", body: { items: [] }, late: { key: "l", body: { at: "2026-01-01T10:00:00Z" } }, ticket: "t", staff: {}, queued: 0, sent: true });
  const next = settle(direct, { state: "refused", code: "hook_taken" }, 5);
  assert.deepEqual([next.state, next.wire, next.key, next.late], ["waiting", "l", "k", null]);
  assert.equal(prepare(next, { now: "2026-01-01T10:00:00Z", device: Date.parse("2026-01-01T12:00:00Z") }).body.at, "2026-01-01T08:00:00.000Z");
});

test("a conflict is listed and waits for eyes; an answer of somebody else's page settles nothing", () => {
  const done = settle(came, { state: "done", data: { ticket: "t2", conflicts: [{ code: "hook_taken" }] } }, 5);
  assert.deepEqual([done.state, done.code, done.body], ["listed", "hook_taken", undefined]);
  assert.equal(settle(came, { state: "done", data: {} }, 5).state, "waiting");
  assert.equal(settle(came, { state: "unanswered" }, 5).state, "waiting");
  assert.equal(settle(done, { state: "refused", code: "x" }, 6), done);
});

test("how a thing of a conflict ended is said with what is known of it", () => {
  const strings = { returned: "back by {name}", returned_at: "back by {name} at {till}", returned_then: "back", ended: { lost: "lost", disposed_by: "away by {name}" } };
  const texts = new Sentences({ strings, locale: "en", currency: "EUR" });
  const end = (became, by = "", till = "") => texts.ended({ became, at: "2026-01-01T10:00:00Z", by, till });
  assert.equal(texts.ended(null), "");
  assert.deepEqual([end("returned"), end("returned", "Nadia"), end("returned", "Nadia", "Door")], ["back", "back by Nadia", "back by Nadia at Door"]);
  assert.deepEqual([end("lost"), end("disposed", "Marta")], ["lost", "away by Marta"]);
});

test("what is taken in costs what the server has told of its kinds", () => {
  const kinds = [{ kind: "coat", price: 200 }, { kind: "umbrella", price: 50 }, { kind: "bag", price: 0 }];
  assert.equal(priceOf(kinds, [{ kind: "coat" }, { kind: "coat" }, { kind: "umbrella" }, { kind: "bag" }, { kind: "other" }]), 450);
  assert.equal(priceOf([], [{ kind: "coat" }]), 0);
});

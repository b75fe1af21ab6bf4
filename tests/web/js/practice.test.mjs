// The training mode's own server: it answers as the real one does, and nothing leaves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PracticeApi } from "../../../walletpass/web/static/till/practice.js";

const guest = (points, debt = 0) => ({ points, debt, visits: 3, average_check: 100, days: 2, favourites: { dishes: [], drinks: [] } });
const CARDS = [
  { slug: "maria", name: "Maria", code: "00001016", guest: guest(1240) },
  { slug: "sofia", name: "Sofia", code: "00001032", guest: guest(0, 120) },
  { slug: "ivan", name: "Ivan", code: "00001040", guest: guest(4000) },
  { slug: "changed", name: "", code: "2100", guest: null },
];
const RULES = { earn_bps: 1000, point_value: 1, cap_percent: 50, minimum_points: 0, minimum_money: 0, max_amount: 1_000_000 };
const api = () => new PracticeApi({ cards: CARDS, rules: RULES, above: 2000, code: "1234" });
const ask = async (server, path, body, key) => server.post(path, body, { key });

test("nothing is fetched", async (context) => {
  const fetched = context.mock.method(globalThis, "fetch", () => assert.fail("a request left"));
  const server = api();
  await ask(server, "/guests/by-code", { code: "00001016" });
  await ask(server, "/earn", { card: "maria", check_id: "c", amount: 1000 }, "k");
  await server.get("/cards/maria/delivery");
  await server.get("/checks?state=open");
  assert.equal(fetched.mock.callCount(), 0);
});

test("a check is paid in part, earns on the rest, once, and can be taken back", async () => {
  const server = api();
  const body = { card: "maria", check_id: "c1", amount: 2000 };
  const paid = await ask(server, "/redeem", { ...body, points: 500 }, "k1");
  assert.equal(paid.data.balance.points, 740);
  const earned = await ask(server, "/earn", body, "k2");
  assert.equal(earned.data.entry.points, 150);
  assert.equal((await ask(server, "/earn", body, "k2")).again, true);
  assert.equal((await ask(server, "/earn", body, "k3")).code, "already_earned");
  assert.equal((await ask(server, "/redeem", { ...body, points: 891 }, "k4")).code, "insufficient_balance");
  assert.equal((await ask(server, "/redeem", { ...body, amount: 1000, points: 501 }, "k7")).maximum, 500);
  const back = await ask(server, "/undo", { entry: earned.data.entry.id, reason: "why" }, "k5");
  assert.equal(back.data.balance.points, 740);
  assert.equal((await ask(server, "/undo", { entry: earned.data.entry.id, reason: "why" }, "k6")).code, "already_reversed");
});

test("debt is paid first, many points need proof, a foreign code is refused", async () => {
  const server = api();
  const owed = await ask(server, "/earn", { card: "sofia", check_id: "c2", amount: 2000 }, "k1");
  assert.deepEqual([owed.data.balance.points, owed.data.balance.debt], [80, 0]);
  const much = { card: "ivan", check_id: "c3", amount: 9000, points: 3000 };
  assert.equal((await ask(server, "/redeem", much, "k2")).code, "second_factor_needed");
  assert.equal((await ask(server, "/second-factor/verify", { code: "9999" })).code, "wrong_factor");
  const { proof } = (await ask(server, "/second-factor/verify", { code: "1234" })).data;
  assert.equal((await ask(server, "/redeem", { ...much, proof }, "k3")).data.balance.points, 1000);
  assert.equal((await ask(server, "/guests/by-code", { code: "4006381333931" })).code, "not_our_code");
  assert.equal((await ask(server, "/guests/by-code", { code: "2100" })).code, "code_expired");
});

test("a real card says that training is on, and another bottle that it is none of ours", async () => {
  const server = api();
  const code = async (text) => (await ask(server, "/guests/by-code", { code: text })).code;
  assert.equal(await code("24899841"), "real_card");
  assert.equal(await code(`2${"7".repeat(48)}`), "real_card");
  assert.equal(await code("24899842"), "not_our_code");
  assert.equal(await code("96385074x".slice(0, 7)), "not_our_code");
});

test("who was here before has an entry of that visit, which cannot be undone; who was not has none", async () => {
  const fresh = { slug: "artem", name: "Artem", code: "00001024", number: "0000 1024", guest: { ...guest(0), visits: 0, average_check: null, days: null } };
  const server = new PracticeApi({ cards: [...CARDS, fresh], rules: RULES, above: 2000, code: "1234" });
  const seen = async (text) => (await ask(server, "/guests/by-code", { code: text })).data;
  const [entry, ...others] = (await seen("00001040")).recent;
  assert.deepEqual([entry.type, entry.points, entry.reversible, others], ["earn", 10, false, []]);
  assert.equal(Math.round((Date.now() - Date.parse(entry.at)) / 86_400_000), 2);
  assert.deepEqual((await seen("00001024")).recent, []);
});

test("an earn goes to another guest, and each has the right points", async () => {
  const server = api();
  const earned = await ask(server, "/earn", { card: "maria", check_id: "c4", amount: 1000 }, "k1");
  const moved = await ask(server, "/move", { entry: earned.data.entry.id, to: "ivan", reason: "Wrong guest" }, "k2");
  assert.deepEqual(moved.data.balances.map(({ card, points }) => [card, points]), [["maria", 1240], ["ivan", 4100]]);
});

// What a check takes and earns, by the server's word and without it, for each kind of card.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reckoning } from "../../../walletpass/web/static/till/reckoning.js";
import { Units } from "../../../walletpass/web/static/till/units.js";

const RULES = { currency: "EUR", earn_bps: 1000, point_value: 1, cap_percent: 50, minimum_points: 0, minimum_money: 0, stamp_goal: 10 };
const texts = { say: (name, { n, of } = {}) => (n ? `${n} of ${of}` : name), count: (name, number) => `${number} ${name}`, number: String, money: (minor) => `€${minor}`, signed: String };

const guest = (points, rules = {}) => ({ card: { id: "c", points }, rules: { ...RULES, ...rules } });
const counted = (view) => new Units(texts, view.rules);

function asked(view, amount, data) {
  return new Promise((resolve) => {
    const api = { post: async () => ({ state: "done", data }) };
    const reckoning = new Reckoning({ api, onAnswer: () => resolve(reckoning) });
    reckoning.ask(view, "check", amount);
  });
}

test("without an answer the rules say what a check takes and earns", () => {
  const reckoning = new Reckoning({ api: null });
  const view = guest(900);
  assert.equal(reckoning.most(view, counted(view), 1000), 500);
  assert.equal(reckoning.worth(view, counted(view), 1000, 500), 500);
  assert.equal(reckoning.earns(view, counted(view), 1000, 500), 50);
});

test("the server's answer counts, for the amount and the guest it was asked about", async () => {
  const view = guest(900);
  const reckoning = await asked(view, 1000, { most: 300, worth: 300, earns: 77, discount: 0 });
  assert.equal(reckoning.most(view, counted(view), 1000), 300);
  assert.equal(reckoning.earns(view, counted(view), 1000, 0), 77);
  assert.equal(reckoning.most(view, counted(view), 1200), 600);
  reckoning.forget();
  assert.equal(reckoning.most(view, counted(view), 1000), 500);
});

test("stamps are taken as whole rewards, and what they earn is not guessed", () => {
  const reckoning = new Reckoning({ api: null });
  const [few, full] = [guest(9, { kind: "stamps" }), guest(23, { kind: "stamps" })];
  assert.equal(reckoning.most(few, counted(few), 450), 0);
  assert.equal(reckoning.most(full, counted(full), 450), 10);
  assert.equal(reckoning.worth(full, counted(full), 450, 10), 450);
  assert.equal(reckoning.earns(full, counted(full), 450, 0), null);
  assert.deepEqual(counted(full).balance(23), ["3 of 10", "stamps_word"]);
  assert.equal(counted(full).ready(23), "2 rewards");
});

test("a discount takes the tier's share off and counts nothing", () => {
  const reckoning = new Reckoning({ api: null });
  const view = guest(0, { kind: "discount", tier: "Gold", discount_percent: 10 });
  assert.equal(reckoning.most(view, counted(view), 4299), 0);
  assert.equal(reckoning.discount(view, counted(view), 4299), 429);
  assert.deepEqual(counted(view).balance(0), ["10 %", "Gold"]);
});

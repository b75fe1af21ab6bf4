// What the waiter is told to say fits the guest in front of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isFirst, loves } from "../../../walletpass/web/static/till/facts.js";
import { greetingOf } from "../../../walletpass/web/static/till/says.js";

const view = (name, more) => ({ guest: { name }, visits: 3, ...more });

test("a guest is greeted by whether they came before, and by name where there is one", () => {
  assert.equal(greetingOf(view("Ana Bondarenko", {})), "greet_again");
  assert.equal(greetingOf(view("Ana", { visits: 0 })), "greet_first");
  assert.equal(greetingOf(view("", { visits: 0 })), "greet_first_unnamed");
  assert.equal(greetingOf(view(" ", {})), "greet_again_unnamed");
});

test("what the server says of a first visit counts more than the number of visits", () => {
  assert.equal(isFirst(view("Ana", { visits: 1, first_visit: true })), true);
  assert.equal(greetingOf(view("Ana", { visits: 0, first_visit: false })), "greet_again");
});

test("favourites are one line, and none where nobody knows", () => {
  const texts = { say: (name, { names }) => `Loves: ${names}` };
  assert.equal(loves({ favourites: { dishes: ["risotto", "tiramisu"], drinks: ["lemonade"] } }, texts), "Loves: risotto, tiramisu, lemonade");
  assert.equal(loves({ favourites: { dishes: [], drinks: [] } }, texts), "");
  assert.equal(loves({}, texts), "");
});

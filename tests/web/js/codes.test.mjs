// What a scanner, a camera or a person gives us, and what of it may wait for the network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keepable, luhn, readCode, unmapLayout } from "../../../walletpass/web/static/codes.js";

const digit = (body) => [...Array(10).keys()].map(String).find((last) => luhn(body + last));

test("every mistyped digit and nearly every swap is found before anything is kept", () => {
  const body = "2489984";
  const number = body + digit(body);
  assert.equal(keepable(number), "yes");
  for (let place = 0; place < 8; place += 1) {
    for (let other = 0; other < 10; other += 1) {
      const wrong = number.slice(0, place) + other + number.slice(place + 1);
      if (wrong !== number) assert.equal(keepable(wrong), "no", wrong);
    }
  }
});

test("a card's code may wait, one that changes and one of a bottle may not", () => {
  const body = `11${"0".repeat(39)}${"123456789012345"}`;
  assert.equal(keepable(body + digit(body)), "yes");
  assert.equal(keepable(`21${"0".repeat(47)}`), "changing");
  assert.equal(keepable("4006381333931"), "no");
});

test("a practice card is no card of ours", () => {
  assert.equal(keepable("0000101" + digit("0000101")), "no");
});

test("digits come through foreign keyboard layouts and stripes", () => {
  assert.equal(readCode("]Q324899841"), "24899841");
  assert.equal(readCode("ж24899841=99?"), "24899841");
  assert.equal(unmapLayout("йцу"), "qwe");
  assert.equal(readCode("https://example.com/24899841"), null);
});

// Money is a whole number of minor units, however a waiter types it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { earnedPoints, formatMoney, fractionDigits, maximumPoints, parseMoney } from "../../../walletpass/web/static/money.js";

const RULES = { cap_percent: 50, minimum_money: 0, point_value: 1, earn_bps: 1000 };

test("an amount is read as people of three languages write it", () => {
  for (const text of ["48.5", "48,50", "€48.50", "48,5 €", "48.50 EUR"]) assert.equal(parseMoney(text, "EUR", "en-GB"), 4850, text);
  assert.equal(parseMoney("1 234,50", "EUR", "uk"), 123450);
  for (const text of ["", "-5", "0", "4.8.5", "12e3", "1,23,4"]) assert.equal(parseMoney(text, "EUR", "en-GB"), null, text);
});

test("what is written is read back", () => {
  for (const locale of ["en-GB", "uk", "ru", "de"]) {
    for (const currency of ["EUR", "JPY", "KWD", "UAH"]) {
      for (let minor = 1; minor < 3_000_000; minor = minor * 3 + 7) {
        assert.equal(parseMoney(formatMoney(minor, currency, locale), currency, locale), minor, `${minor} ${currency} ${locale}`);
      }
    }
  }
  assert.equal(fractionDigits("JPY"), 0);
});

test("points never pay more than the cap or the card, and earn on what is paid with money", () => {
  for (let amount = 1; amount < 5000; amount += 37) {
    const most = maximumPoints(amount, 900, RULES);
    assert.ok(most <= 900 && most * 2 <= amount);
    assert.equal(earnedPoints(amount, most, RULES), Math.floor((amount - most) / 10));
  }
});

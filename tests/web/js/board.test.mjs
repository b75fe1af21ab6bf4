// The clock on the restaurant's wall, and deeds that belong together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { daysOn } from "../../../walletpass/web/static/board/bookings.js";
import { callerOf, nameOf } from "../../../walletpass/web/static/board/person.js";
import { Plan } from "../../../walletpass/web/static/board/plan.js";
import { whoBooked, whoSits } from "../../../walletpass/web/static/board/taken.js";
import { Zone } from "../../../walletpass/web/static/board/zone.js";

test("what a form says is read by the restaurant's clock, in summer and in winter", () => {
  assert.equal(new Zone("Europe/Berlin").moment("2026-12-01", "19:30"), "2026-12-01T18:30:00.000Z");
  assert.equal(new Zone("Europe/Kyiv").moment("2026-07-01", "19:30"), "2026-07-01T16:30:00.000Z");
  assert.equal(new Zone("America/St_Johns").moment("2026-12-01", "00:15"), "2026-12-01T03:45:00.000Z");
  assert.equal(new Zone("Pacific/Kiritimati").moment("2026-12-01", "00:00"), "2026-11-30T10:00:00.000Z");
});

test("what is written is read back, also around the nights in which clocks change", () => {
  for (const name of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]) {
    const zone = new Zone(name);
    for (let moment = Date.UTC(2026, 0, 1); moment < Date.UTC(2027, 0, 1); moment += 5.25 * 3_600_000) {
      const { day, time } = zone.wall(moment);
      const read = zone.wall(zone.moment(day, time));
      assert.deepEqual(read, { day, time }, `${name} ${new Date(moment).toISOString()}`);
    }
  }
});

test("an hour that the spring leaves out is an hour later, and half a date is none", () => {
  const berlin = new Zone("Europe/Berlin");
  assert.deepEqual(berlin.wall(berlin.moment("2026-03-29", "02:30")), { day: "2026-03-29", time: "03:30" });
  for (const [day, time] of [["", "19:30"], ["2026-12-01", ""], ["2026-13-01", "19:30"]]) assert.equal(berlin.moment(day, time), null);
});

test("the next day and the one before are those of the calendar, also where clocks change and years end", () => {
  assert.deepEqual([daysOn("2026-12-31", 1), daysOn("2027-01-01", -1)], ["2027-01-01", "2026-12-31"]);
  assert.deepEqual([daysOn("2026-03-28", 1), daysOn("2026-03-29", 1), daysOn("2026-10-26", -1)], ["2026-03-29", "2026-03-30", "2026-10-25"]);
  assert.equal(daysOn("2028-02-28", 1), "2028-02-29");
});

test("a plan that stopped goes on where it stopped, with the keys that it had", async () => {
  const sent = [];
  const answers = [{ state: "done", data: { id: "b1" } }, { state: "unanswered" }, { state: "done", data: { new: true } }];
  const api = { post: async (path, body, { key }) => (sent.push([path, body, key]), answers[sent.length - 1]) };
  const plan = new Plan(() => ["/bookings", { party: 2 }], ({ id }) => ["/signals/arrival", { booking: id }]);
  assert.equal((await plan.send(api)).state, "unanswered");
  assert.deepEqual(plan.done, [{ id: "b1" }]);
  assert.equal((await plan.send(api)).state, "done");
  assert.deepEqual(plan.done, [{ id: "b1" }, { new: true }]);
  assert.deepEqual(sent.map(([path]) => path), ["/bookings", "/signals/arrival", "/signals/arrival"]);
  assert.equal(sent[1][2], sent[2][2]);
  assert.notEqual(sent[0][2], sent[1][2]);
  assert.deepEqual(sent[2][1], { booking: "b1" });
});

test("who has booked a table is thought of an hour before and an hour after", () => {
  const now = Date.UTC(2026, 11, 1, 18);
  const minutes = (number) => new Date(now + number * 60_000).toISOString();
  const expected = [-61, -60, 0, 60, 61].map((number) => ({ at: minutes(number), place: "Bar 2" }));
  assert.deepEqual(whoBooked(expected, "bar2", now).map(({ at }) => at), [-60, 0, 60].map(minutes));
  assert.deepEqual(whoBooked(expected, "bar 3", now), []);
  assert.deepEqual(whoBooked([{ at: minutes(0), place: "" }], "", now), []);
});

test("two new guests are told apart by how many they are, and who rings by what they have booked", () => {
  const texts = { say: (name, { people } = {}) => [name, people].filter(Boolean).join(" "), count: (name, number) => `${number} ${name}` };
  assert.equal(nameOf({ party: 3, name: "" }, texts), "new_party 3 people");
  assert.equal(nameOf({ party: null, name: "" }, texts), "new_guest");
  assert.equal(nameOf({ party: 3, name: "", guest: { name: "" } }, texts), "unnamed");
  assert.equal(callerOf({ guest: null, booking: { name: "Olha", party: 4 } }, texts), "Olha");
  assert.equal(callerOf({ guest: { name: "Ana" }, booking: { name: "A.", party: 4 } }, texts), "Ana");
  assert.equal(callerOf({ guest: null, booking: null }, texts), "new_guest");
});

test("who sits at a table is found however its name is typed, and nobody at no table", () => {
  const inside = [{ arrival: "a", place: "Bar 2" }, { arrival: "b", place: "" }, { arrival: "c", place: "Ложа" }];
  for (const typed of ["bar2", " BAR  2 "]) assert.deepEqual(whoSits(inside, typed).map(({ arrival }) => arrival), ["a"]);
  assert.equal(whoSits(inside, "ЛОЖА").length, 1);
  for (const typed of ["", "  ", "2", "bar 22"]) assert.deepEqual(whoSits(inside, typed), []);
  assert.deepEqual(whoSits(inside, "bar 2", { arrival: "a" }), []);
});

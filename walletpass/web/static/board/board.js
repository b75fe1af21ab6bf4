// The hostess's board: who is expected, who stands at the door, who sits inside, and one sentence to say.

import { Api } from "../api.js";
import { Beep } from "../scanner.js";
import { Texts } from "../texts.js";
import { byId, localeOf, set } from "../till/page.js";
import { Booked } from "./booked.js";
import { BookingDialog } from "./booking_dialog.js";
import { Bookings } from "./bookings.js";
import { Calls } from "./calls.js";
import { Columns } from "./columns.js";
import { Deeds } from "./deeds.js";
import { Details } from "./details.js";
import { KeptTables } from "./kept.js";
import { Line } from "./line.js";
import { Notice } from "./notice.js";
import { Offers } from "./offers.js";
import { SeatDialog } from "./seat.js";
import { State } from "./state.js";
import { Steady } from "./steady.js";
import { NewBooking, OtherWish, WalkIn } from "./wishes.js";
import { Zone } from "./zone.js";

const { program, venue, locale: language, currency, zone: zoneName, api: base, signIn: signInAddress } = byId("board").dataset;
const locale = localeOf(language);
const texts = new Texts({ strings: JSON.parse(byId("strings").textContent), locale, currency, zone: zoneName });
const api = new Api({ base, program });
const beep = new Beep();
const sound = `walletpass.board.sound.${program}`;

const signIn = () => location.assign(signInAddress);
const notice = new Notice();

const zone = new Zone(zoneName);
let shown = { inside: [], expected: [] };
const offers = new Offers({ texts, notice, carry: (plan) => deeds.carry(plan) });
const offer = (undo) => offers.make(undo);
const deeds = new Deeds({ api, texts, notice, look: () => line.look(), offer, signIn });
const deed = (path, body) => deeds.deed(path, body);
const tap = (...asked) => deeds.tap(...asked);

const voices = { api, texts, deed, venue, offer, signIn };
const wishes = { texts, venue, offer, show: choose, say: (text) => notice.say(text) };
const booking = new BookingDialog({ texts, zone, carry: (plan) => deeds.carry(plan), board: () => shown, left: () => choose("expected") });
const booked = new Booked({ ...voices, change: (...one) => booking.open(new OtherWish(wishes, ...one)) });
new Bookings({ ...voices, booked, today: () => shown.day });
const details = new Details({ ...voices, booked });
const seat = new SeatDialog({ ...voices, board: () => shown });
const kept = new KeptTables(voices);
const calls = new Calls({
  texts,
  tap,
  book: (call) => booking.open(new NewBooking(wishes, call)),
  change: (call, button) => booked.change(call.booking.booking, { button, call: call.call, say: (...said) => notice.say(...said) }),
});
const columns = new Columns({ texts, tap, seat: (one) => seat.ask(one), details: (one) => details.open(one) });
const state = new State({ texts });
const steady = new Steady((board, first) => {
  shown = board;
  seat.warn();
  booking.warn();
  const came = columns.show(board);
  const news = [...calls.show(board.calls), ...came];
  kept.show(board.tables);
  if (!news.length || first) return;
  set("spoken", news.join(". "));
  if (came.length && byId("board").dataset.shown !== "door") tabOf("door").classList.add("news");
  if (byId("sound").checked) beep.play();
});
const line = new Line({
  api,
  query: new URLSearchParams({ venue, language }),
  program,
  onBoard: (board) => steady.take(board),
  onState: (name, at) => {
    state.show(name, at);
    if (name !== "reconnecting") notice.heard();
  },
  signIn,
});

function tabOf(column) {
  return document.querySelector(`[data-tab="${column}"]`);
}

/** One column at a time, where there is no room for three. */
function choose(column) {
  byId("board").dataset.shown = column;
  tabOf(column).classList.remove("news");
  for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", String(tab.dataset.tab === column));
}

for (const tab of document.querySelectorAll("[data-tab]")) tab.addEventListener("click", () => choose(tab.dataset.tab));
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
byId("walk-in").addEventListener("click", () => booking.open(new WalkIn(wishes)));
byId("book").addEventListener("click", () => booking.open(new NewBooking(wishes)));
byId("more-open").addEventListener("click", () => byId("more").showModal());
byId("more-close").addEventListener("click", () => byId("more").close());
byId("sound").checked = localStorage.getItem(sound) === "on";
byId("sound").addEventListener("change", ({ target }) => {
  localStorage.setItem(sound, target.checked ? "on" : "off");
  if (target.checked) beep.play();
});
line.start();

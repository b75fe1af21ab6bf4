// The bookings of any day, for whoever rings and wants another hour, or none.

import { byId, make, set } from "../till/page.js";
import { nameOf } from "./person.js";

const FIRST = "2000-01-01"; // what is before is a year that is still being typed
const DAY = 86_400_000; // ms

/** "2026-12-01" and so many days on. */
export const daysOn = (day, days) => new Date(Date.parse(`${day}T00:00Z`) + days * DAY).toISOString().slice(0, 10);

export class Bookings {
  #asked = 0;

  /** `today()` is the restaurant's day as the board has it, `booked` opens the dialogs of one booking. */
  constructor({ api, texts, venue, booked, today, signIn }) {
    Object.assign(this, { api, texts, venue, booked, today, signIn });
    this.dialog = byId("bookings");
    this.list = byId("bookings-list");
    for (const button of document.querySelectorAll("[data-bookings]")) button.addEventListener("click", () => this.#open(button));
    byId("bookings-day").addEventListener("change", () => this.#look());
    byId("bookings-again").addEventListener("click", () => this.#look());
    for (const button of this.dialog.querySelectorAll("[data-days]")) button.addEventListener("click", () => this.#turn(Number(button.dataset.days)));
    for (const id of ["booking", "cancel"]) byId(id).addEventListener("close", () => this.dialog.open && this.#look());
  }

  #open(button) {
    button.closest("dialog")?.close();
    byId("bookings-day").value = this.today() ?? "";
    this.list.replaceChildren();
    this.dialog.showModal();
    byId("bookings-title").focus();
    this.#look();
  }

  #turn(days) {
    const day = byId("bookings-day").value;
    if (day < FIRST) return;
    byId("bookings-day").value = daysOn(day, days);
    this.#look();
  }

  /** Without a day it is the restaurant's today. */
  async #look() {
    const day = byId("bookings-day").value;
    if (day && day < FIRST) return undefined;
    const mine = (this.#asked += 1);
    this.#say(this.texts.say("searching"));
    const answer = await this.api.get(`/bookings?${new URLSearchParams({ venue: this.venue, ...(day && { day }) })}`);
    if (mine !== this.#asked) return undefined;
    if (answer.code === "sign_in_required") return this.signIn();
    if (answer.state === "done") return this.#show(answer.data);
    this.list.replaceChildren();
    return this.#say("", answer.state === "refused" ? this.texts.error(answer.code) : this.texts.say("no_answer"));
  }

  #say(said, wrong = "") {
    set("bookings-say", said);
    set("bookings-wrong", wrong);
    byId("bookings-again").hidden = !wrong;
  }

  #show({ day, bookings }) {
    const { texts } = this;
    byId("bookings-day").value = day;
    const come = bookings.filter(({ state }) => !["cancelled", "missed"].includes(state));
    const people = come.reduce((sum, { party }) => sum + party, 0);
    const many = come.length ? [texts.count("bookings", come.length), texts.count("people", people)] : [texts.say("nobody_booked")];
    this.#say([texts.weekday(day), ...many].join(" · "));
    this.list.replaceChildren(...bookings.map((one) => this.#row(one)));
    if (!this.dialog.contains(document.activeElement) && !document.querySelector("dialog[open]:is(#booking, #cancel)")) byId("bookings-title").focus();
  }

  #row(one) {
    const { texts } = this;
    const { at, party, place, masked_phone: phone, notes, state, late } = one;
    const row = make("li", ["cancelled", "missed"].includes(state) ? "over" : "");
    const what = make("div", "what");
    const under = [texts.count("people", party), place && texts.say("table", { place }), phone].filter(Boolean).join(" · ");
    what.append(make("b", "", nameOf(one, texts)), make("span", "soft small", under));
    if (notes) what.append(make("span", "small", notes));
    row.append(make("span", "at number", texts.time(at)), what);
    if (state === "booked" && late) what.append(make("span", "small bad", texts.say("late")));
    row.append(state === "booked" ? this.#acts(one) : make("span", "flag quiet", texts.say(`standing.${state}`)));
    return row;
  }

  #acts(one) {
    const acts = make("div", "buttons");
    acts.append(
      this.#button("change", one, (button) => this.booked.change(one.booking, { button, say: (text) => this.#say(byId("bookings-say").textContent, text) })),
      this.#button("cancel", one, () => this.booked.cancel(one)),
    );
    return acts;
  }

  #button(word, one, act) {
    const button = make("button", "button", this.texts.say(word));
    button.type = "button";
    button.dataset.name = word;
    button.setAttribute("aria-label", `${button.textContent}: ${nameOf(one, this.texts)}, ${this.texts.time(one.at)}`);
    button.addEventListener("click", () => act(button));
    return button;
  }
}

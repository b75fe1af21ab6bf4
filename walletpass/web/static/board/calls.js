// A ringing phone: whose number it is and what they have booked, at the top, until somebody takes it or it has rung out.

import { byId, make } from "../till/page.js";
import { List } from "./list.js";
import { callerOf, flagsOf } from "./person.js";

const RINGS = 5 * 60_000; // ms that a call is shown, also where the line is down

export class Calls {
  #calls = [];

  /** `tap(button, path, body)` does a deed of one tap, `book(call)` opens a booking, `change(call, button)` the one that they have. */
  constructor({ texts, tap, book, change }) {
    Object.assign(this, { texts, tap, book, change });
    this.list = new List({ root: byId("calls"), key: ({ call }) => call, draw: (one, element) => this.#draw(one, element) });
    setInterval(() => this.show(this.#calls), 10_000);
  }

  /** Shows who calls; returns a sentence for each new call. */
  show(calls) {
    this.#calls = calls.filter(({ at }) => Date.now() - new Date(at) < RINGS);
    return this.list.show(this.#calls).map((one) => this.texts.say("rings", { name: callerOf(one, this.texts) }));
  }

  #draw(one, known) {
    const { texts } = this;
    const element = known ?? make("li", "call");
    const name = callerOf(one, texts);
    const who = make("p", "who");
    const words = make("span");
    const flags = make("span", "flags");
    if (one.guest) flags.append(...flagsOf(one, texts));
    words.append(make("b", "", name), ` ${texts.say("calls")} `, flags);
    who.append(words);
    if (one.booking) who.append(make("span", "booked", this.#booked(one.booking)));
    who.append(make("span", "soft", this.#under(one)));
    const acts = make("div", "buttons");
    if (one.booking) acts.append(this.#button("booking.change", name, (change) => this.change(one, change)));
    acts.append(
      this.#button("book", name, () => this.book(one)),
      this.#button("taken", name, (taken) => this.tap(taken, "/board/call", { call: one.call })),
    );
    element.replaceChildren(who, acts);
    return element;
  }

  #button(word, name, act) {
    const button = make("button", "button", this.texts.say(word));
    button.type = "button";
    button.setAttribute("aria-label", `${button.textContent}: ${name}`);
    button.addEventListener("click", () => act(button));
    return button;
  }

  #booked({ at, party, place }) {
    const { texts } = this;
    return [texts.say("booked", { time: texts.clock(at) }), texts.count("people", party), place && texts.say("table", { place })].filter(Boolean).join(" · ");
  }

  #under({ phone, guest }) {
    const { texts } = this;
    const notes = (guest?.notes ?? []).map(({ text }) => text);
    const last = guest?.last_visit && texts.say("last_visit", { when: texts.day(guest.last_visit) });
    return [phone, guest?.say_name && texts.say("say_name", { name: guest.say_name }), last, ...notes].filter(Boolean).join(" · ");
  }
}

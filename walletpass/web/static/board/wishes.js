// What the booking's dialog is opened for: who stands there without a booking, who books, and who wants it otherwise.

import { Plan } from "./plan.js";

const QUARTER = 15 * 60_000; // ms
const HOUR = 4 * QUARTER;
const MINUTE = 60_000;

class Wish {
  /** `offer(undo)` shows the way back, `show(column)` turns to a column, `say(text)` tells what is odd. */
  constructor({ texts, venue, offer, show, say }) {
    Object.assign(this, { texts, venue, offer, show, say });
  }

  /** The plan that does what was typed. */
  plan(said) {
    this.said = said;
    return new Plan(...this.steps(said));
  }

  body({ at, party, ...texts }) {
    const typed = Object.fromEntries(Object.entries(texts).filter(([, text]) => text));
    return { ...typed, ...(at && { at }), party, venue: this.venue };
  }

  did(deed, { at } = {}) {
    const { name, party } = this.said;
    return this.texts.say(`did.${deed}`, { name: name || this.texts.count("people", party), when: at ? this.texts.clock(at) : "" });
  }
}

export class WalkIn extends Wish {
  name = "walk_in";
  fields = {};

  /** By the server's clock it is now. */
  steps(said) {
    return [() => ["/bookings", this.body(said)], ({ id }) => ["/signals/arrival", { booking: id, via: "hostess" }]];
  }

  done({ id }, { arrival, new: fresh }) {
    this.show("door");
    if (!fresh) return this.say(this.texts.say("here_already", { name: this.said.name || this.texts.say("unnamed") }));
    return this.offer({ said: this.did("arrived"), steps: [["/board/not-here", { arrival }], [`/bookings/${id}/cancel`, {}]] });
  }
}

export class NewBooking extends Wish {
  name = "book";

  /** `call` is one of the board's: its number stays with the server, and the booking names the call. */
  constructor(voices, call = null) {
    super(voices);
    this.call = call;
    this.phone = call?.phone;
    this.fields = { at: Math.ceil((Date.now() + HOUR) / QUARTER) * QUARTER, name: call?.guest?.name ?? call?.booking?.name };
  }

  /** Another number than the one that calls may be the better one. */
  steps(said) {
    const { call } = this.call ?? {};
    if (!call) return [() => ["/bookings", this.body(said)]];
    if (!said.phone) return [() => ["/bookings", { ...this.body(said), call }]];
    return [() => ["/bookings", this.body(said)], () => ["/board/call", { call }]];
  }

  done({ id, at }) {
    this.show("expected");
    this.offer({ said: this.did("booked", { at }), steps: [[`/bookings/${id}/cancel`, {}]] });
  }
}

export class OtherWish extends Wish {
  name = "change";

  /** `before` is the booking as the server has it, `call` the id of the call by which it changes, if any: that is answered then. */
  constructor(voices, before, call = null) {
    super(voices);
    this.call = call;
    this.fields = this.before = { ...before, at: Math.floor(Date.parse(before.at) / MINUTE) * MINUTE };
  }

  /** Only what is another by now: what a colleague changed meanwhile stays. */
  steps(said) {
    const same = (name) => (name === "at" ? Date.parse(said.at) : said[name]) === this.before[name];
    this.changed = Object.keys(said).filter((name) => !same(name));
    const body = Object.fromEntries(this.changed.map((name) => [name, said[name]]));
    const { id } = this.before;
    return [() => [`/bookings/${id}/change`, body], ...(this.call ? [() => ["/board/call", { call: this.call }]] : [])];
  }

  done({ at }) {
    if (!this.changed.length) return;
    const was = { ...this.before, at: new Date(this.before.at).toISOString() };
    const back = Object.fromEntries(this.changed.map((name) => [name, was[name]]));
    this.offer({ said: this.did("changed", { at }), steps: [[`/bookings/${this.before.id}/change`, back]] });
  }
}

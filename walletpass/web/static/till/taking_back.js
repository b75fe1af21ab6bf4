// What goes back: a check that was just booked, or an entry of the list; whole, or to another guest.

import { Units } from "./units.js";

export class TakingBack {
  /** `visit` is what the till has in hand; `undo` and `move` are the dialogs; the rest are the till's screens and voices. */
  constructor(parts) {
    Object.assign(this, parts);
  }

  async undoCheck() {
    const { booked, view } = this.visit.check;
    const outcome = await this.undo.ask(booked.map((step) => step.result.entry.id).reverse(), this.done.words);
    if (outcome) this.#after(outcome, "undone_has_now", view);
  }

  async moveCheck() {
    const { booked, view } = this.visit.check;
    const outcome = await this.move.ask(booked[0].result.entry.id, this.done.words, view);
    if (outcome) this.#after(outcome, "move.done", outcome.view);
  }

  /** The last screen again: the card that is right now, and its balance. */
  #after({ code, balance }, title, view) {
    const { texts, done } = this;
    if (code) return this.warn(texts.error(code));
    done.show({ title: texts.say(title, { name: view.guest.name || texts.say("unnamed") }), balance, units: new Units(texts, view.rules) });
    this.show("done");
    done.focus();
    done.follow(view.card.id, this.api);
  }

  async undoEntry(entry, what) {
    if (this.#inHand()) return;
    const outcome = await this.undo.ask([entry], what);
    await this.#look(outcome, this.texts.say("undone"));
  }

  async moveEntry(entry, what) {
    if (this.#inHand()) return;
    const outcome = await this.move.ask(entry, what, this.visit.check.view);
    await this.#look(outcome, outcome?.view ? this.texts.say("move.done_line", { name: outcome.view.guest.name }) : "");
  }

  #inHand() {
    const { visit, texts } = this;
    if (!visit.busy && !visit.check.unfinished) return false;
    this.warn(texts.say("finish_first"));
    return true;
  }

  async #look(outcome, said) {
    if (!outcome) return;
    await this.lookUp(this.visit.check.view.card.number.replace(/\D/g, ""), true);
    if (outcome.code) this.warn(this.texts.error(outcome.code));
    else this.tell(said);
  }
}

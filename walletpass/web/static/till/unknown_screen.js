// A check for a guest whom nobody can look up: there is no network, and the points count nevertheless.

import { parseMoney } from "../money.js";
import { byId, marked, set } from "./page.js";

export class UnknownScreen {
  #card = "";

  /** `onKeep({card, amount, last})` when the check is kept, `onLeave()` when it is not this guest. */
  constructor({ texts, most, onKeep, onLeave }) {
    Object.assign(this, { texts, most, onKeep });
    byId("unknown-form").addEventListener("submit", (event) => this.#submit(event));
    byId("unknown-amount").addEventListener("input", () => this.#complain(""));
    byId("unknown-leave").addEventListener("click", onLeave);
  }

  show(card) {
    this.#card = card;
    byId("unknown-amount").value = "";
    this.#complain("");
    set("unknown-card", `…${card.slice(-4)}`);
  }

  focus() {
    byId("unknown-amount").focus({ preventScroll: true });
  }

  #submit(event) {
    event.preventDefault();
    const { texts } = this;
    const amount = parseMoney(byId("unknown-amount").value, texts.currency, texts.locale);
    if (!amount) this.#complain(texts.say("amount_wrong", { money: texts.example() }));
    else if (amount > this.most) this.#complain(texts.say("amount_too_big", { money: texts.money(this.most) }));
    else this.onKeep({ card: this.#card, amount, last: this.#card.slice(-4) });
  }

  #complain(text) {
    set("unknown-wrong", text);
    marked("unknown-amount", Boolean(text));
    if (text) this.focus();
  }
}

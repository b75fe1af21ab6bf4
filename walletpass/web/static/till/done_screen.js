// What was booked, or kept for later, in numbers that can be read across a counter.

import { follow } from "../proof.js";
import { byId, make, set } from "./page.js";

export class DoneScreen {
  #told = 0; // counts what was said, so that an old answer does not speak here

  /** `standing()` says whether this screen is still shown. */
  constructor({ texts, standing }) {
    Object.assign(this, { texts, standing });
  }

  /** `balance` is null where nobody knows it yet; `units` is what it counts. */
  show({ title, balance = null, units = null, lines = [], undoable = false, movable = undoable }) {
    this.#told += 1;
    set("done-title", title);
    byId("done-balance").hidden = !balance;
    if (balance) {
      const [large, word] = units.balance(balance.points);
      set("done-points", large);
      set("done-points-word", [word, units.ready(balance.points)].filter(Boolean).join(" · "));
    }
    byId("done-lines").replaceChildren(...lines.map((line) => make("li", "", line)));
    set("done-card", "");
    byId("done-undo").hidden = !undoable;
    byId("done-move").hidden = !movable;
  }

  get words() {
    return [...byId("done-lines").children].map((item) => item.textContent).join(" · ");
  }

  focus() {
    byId("done-title").focus();
  }

  /** Says how far the change has come on its way to the guest's phone, while it stands there. */
  follow(card, api) {
    const mine = (this.#told += 1);
    const tell = (text) => set("done-card", text);
    tell(this.texts.say("being_updated"));
    follow(card, { api, texts: this.texts, tell, current: () => mine === this.#told && this.standing() });
  }
}

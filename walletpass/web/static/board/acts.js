// What can be done with a guest on the board, and what is said of it afterwards.

import { make } from "../till/page.js";
import { nameOf } from "./person.js";

export class Acts {
  /** `one()` is who stands on the card; the rest are the board's voices. */
  constructor(column, one, { texts, tap, seat, details }) {
    Object.assign(this, { one, texts, tap, seat, details });
    this.element = make("div", "buttons");
    if (column === "expected") {
      this.element.append(this.button("arrived", "primary", (button) => this.#arrived(button)));
    } else {
      const door = column === "door";
      this.element.append(this.button(door ? "seat" : "move", door ? "primary" : "", () => this.seat(this.one())));
      this.element.append(this.button("gone", "", (button) => this.#gone(button)));
    }
    this.element.append(this.button("details", "", () => this.details(this.one())));
  }

  button(name, style, act) {
    const button = make("button", `button ${style}`.trim(), this.texts.say(name));
    button.type = "button";
    button.dataset.name = name;
    button.addEventListener("click", () => act(button));
    return button;
  }

  /** Whom a reader saw before is here, whatever was tapped: there is nothing to take back. */
  #arrived(button) {
    const { booking } = this.one();
    const said = this.#said("arrived");
    const back = (answer) => answer.new && { said, steps: [["/board/not-here", { arrival: answer.arrival }]] };
    this.tap(button, "/signals/arrival", { booking, via: "hostess" }, back);
  }

  #gone(button) {
    const { arrival } = this.one();
    const undo = { said: this.#said("gone"), steps: [["/board/not-gone", { arrival }]] };
    this.tap(button, "/board/gone", { arrival }, () => undo);
  }

  #said(deed) {
    return this.texts.say(`did.${deed}`, { name: nameOf(this.one(), this.texts) });
  }
}

// What is said beside the field of a table: who sits there, and who has booked it. Nobody is kept from it.

import { byId, set } from "../till/page.js";
import { nameOf } from "./person.js";
import { whoBooked, whoSits } from "./taken.js";

export class TableWarning {
  /** `field` and `place` are the ids of the input and of what is said; `board()` is the newest one. */
  constructor({ texts, board, field, place }) {
    Object.assign(this, { texts, board, field, place });
  }

  /** `but` is who may sit there already. */
  show(but = null) {
    const typed = byId(this.field).value;
    const { inside, expected } = this.board();
    this.#say([this.#sits(whoSits(inside, typed, but)), ...whoBooked(expected, typed).map((one) => this.#booked(one))]);
  }

  clear() {
    this.#say([]);
  }

  #sits(some) {
    const names = some.map((one) => nameOf(one, this.texts));
    return names.length ? this.texts.say("taken_table", { names: new Intl.ListFormat(this.texts.locale).format(names) }) : "";
  }

  #booked(one) {
    return this.texts.say("booked_table", { time: this.texts.clock(one.at), name: nameOf(one, this.texts) });
  }

  /** Said again only when it is another: a screen reader would repeat it with every board. */
  #say(parts) {
    const said = parts.filter(Boolean).join(" ");
    if (byId(this.place).textContent !== said) set(this.place, said);
  }
}

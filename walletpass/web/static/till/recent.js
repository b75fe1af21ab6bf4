// The guest's latest entries, with what may still be done about them.

import { byId, make, set } from "./page.js";

export class Recent {
  /** `onUndo(entry id, words)` and `onMove(entry id, words)` for what can be taken back. */
  constructor({ texts, onUndo, onMove }) {
    Object.assign(this, { texts, onUndo, onMove });
  }

  /** `units` is what the card counts; `first` whether the guest was never here before. */
  show(entries, units, first) {
    this.units = units;
    byId("recent").replaceChildren(...entries.map((entry) => this.#row(entry)));
    set("recent-empty", entries.length ? "" : this.texts.say(first ? "recent.first" : "recent.none"));
  }

  #row(entry) {
    const { texts, units } = this;
    const what = texts.say(`type.${entry.type}`) || texts.say("type.other");
    const row = make("li");
    const words = make("p", "", what);
    const time = make("time", "soft small", texts.when(entry.at));
    time.dateTime = entry.at;
    words.append(document.createElement("br"), time);
    row.append(words, make("b", "number", units.signed(entry.points)));
    if (entry.reversible) row.append(this.#acts(entry, `${what}, ${units.signed(entry.points)}, ${texts.when(entry.at)}`));
    return row;
  }

  #acts(entry, what) {
    const acts = make("div", "acts");
    acts.append(this.#button("undo", "undo_this", what, () => this.onUndo(entry.id, what)));
    if (entry.type === "earn") acts.append(this.#button("move.button", "move.this", what, () => this.onMove(entry.id, what)));
    return acts;
  }

  #button(name, label, what, act) {
    const button = make("button", "button", this.texts.say(name));
    button.type = "button";
    button.setAttribute("aria-label", this.texts.say(label, { what }));
    button.addEventListener("click", act);
    return button;
  }
}

// The three columns. The longest waiting guest stands first, so whoever comes is added at the end and pushes nobody away.

import { GuestCard } from "./guest_card.js";
import { List } from "./list.js";
import { nameOf } from "./person.js";

export class Columns {
  #cards = new Map();
  #seen = new Set();

  /** `tap(button, path, body)` does a deed of one tap; `seat(one)` and `details(one)` open their dialogs. */
  constructor({ texts, tap, seat, details }) {
    this.texts = texts;
    this.lists = ["expected", "door", "inside"].map((column) => ({
      column,
      list: new List({
        root: document.querySelector(`[data-list="${column}"]`),
        key: (one) => one.arrival ?? `booking ${one.booking}`,
        draw: (one, element) => this.#draw(column, one, element, { texts, tap, seat, details }),
      }),
    }));
  }

  /** Shows the board; returns a sentence for each who has just come. */
  show(board) {
    const came = [];
    for (const { column, list } of this.lists) {
      const fresh = list.show(board[column]);
      this.#count(column, board[column].length);
      if (column === "door") came.push(...fresh.filter(({ arrival }) => !this.#seen.has(arrival)));
    }
    this.#seen = new Set([...board.door, ...board.inside].map(({ arrival }) => arrival));
    return came.map((one) => this.texts.say("came", { name: nameOf(one, this.texts) }));
  }

  #draw(column, one, element, voices) {
    const card = element ? this.#cards.get(element) : new GuestCard(column, voices);
    card.show(one);
    this.#cards.set(card.element, card);
    return card.element;
  }

  #count(column, number) {
    for (const place of document.querySelectorAll(`[data-count="${column}"]`)) place.textContent = number || "";
    document.querySelector(`[data-empty="${column}"]`).hidden = number > 0;
  }
}

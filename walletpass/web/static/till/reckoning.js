// What a check takes and earns: as the server says, and as the rules say until it answers or where there is no network.

import { earnedPoints, maximumPoints } from "../money.js";

const PAUSE = 250; // ms after the last key

export class Reckoning {
  #timer = 0;
  #asked = 0;
  #quote = null;

  /** `onAnswer()` when the server has said what this check takes. */
  constructor({ api, onAnswer }) {
    Object.assign(this, { api, onAnswer });
  }

  /** Asks about the guest's check a moment later; only the newest question counts. */
  ask({ card }, check, amount) {
    clearTimeout(this.#timer);
    const mine = (this.#asked += 1);
    if (amount) this.#timer = setTimeout(() => this.#look(mine, { card: card.id, amount, ...(check && { check_id: check }) }), PAUSE);
  }

  /** Nothing more is asked, and what was said is forgotten: the balance is another one now. */
  forget() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#quote = null;
  }

  async #look(mine, body) {
    const answer = await this.api.post("/quote", body, { tries: 1 });
    if (mine !== this.#asked || answer.state !== "done") return;
    this.#quote = { ...answer.data, card: body.card, amount: body.amount };
    this.onAnswer();
  }

  #said({ card }, amount) {
    return this.#quote?.card === card.id && this.#quote.amount === amount ? this.#quote : null;
  }

  /** The most points that the check takes. */
  most(view, units, amount) {
    const said = this.#said(view, amount);
    if (said) return said.most;
    if (units.none) return 0;
    if (units.stamps) return units.rewards(view.card.points) ? units.step : 0;
    return maximumPoints(amount, view.card.points, view.rules);
  }

  /** Minor units that these points pay. A typed amount is one item, and a full card of stamps pays one. */
  worth(view, units, amount, points) {
    if (!units.stamps) return points * view.rules.point_value;
    return points ? (this.#said(view, amount)?.worth ?? amount) : 0;
  }

  /** What the check earns; null where nobody knows. */
  earns(view, units, amount, points) {
    if (units.none) return 0;
    const said = this.#said(view, amount);
    if (said && !points) return said.earns;
    return units.stamps ? null : earnedPoints(amount, points, view.rules);
  }

  /** Minor units that the guest's tier takes off. */
  discount(view, units, amount) {
    if (!units.none) return 0;
    return this.#said(view, amount)?.discount ?? Math.floor((amount * (view.rules.discount_percent ?? 0)) / 100);
  }
}

// What was just done, and the way back: quiet, at the foot of the board, for some minutes. The last deed first.

import { byId, set } from "../till/page.js";
import { Plan } from "./plan.js";

const STAYS = 180_000; // ms

export class Offers {
  #offers = [];
  #busy = false;

  /** `carry(plan)` as the deeds have it. */
  constructor({ texts, notice, carry }) {
    Object.assign(this, { texts, notice, carry });
    byId("offer-undo").addEventListener("click", () => this.#undo());
    byId("offer-close").addEventListener("click", () => this.#drop(this.#offers.at(-1)));
  }

  /** `said` is what was done, `steps` are the paths and bodies that take it back, in order. */
  make({ said, steps }) {
    const offer = { said, plan: new Plan(...steps.map((step) => () => step)) };
    this.#offers.push(offer);
    setTimeout(() => this.#drop(offer), STAYS);
    this.#show();
  }

  #drop(offer) {
    this.#offers = this.#offers.filter((one) => one !== offer);
    this.#show();
  }

  #show() {
    const last = this.#offers.at(-1);
    byId("offer").hidden = !last;
    byId("offer-undo").disabled = this.#busy;
    if (!last) return;
    set("offer-say", last.said);
    byId("offer-undo").setAttribute("aria-label", `${byId("offer-undo").textContent}: ${last.said}`);
  }

  async #undo() {
    const offer = this.#offers.at(-1);
    if (this.#busy || !offer) return;
    this.#busy = true;
    this.#show();
    const wrong = await this.carry(offer.plan);
    this.#busy = false;
    this.notice.say(wrong?.says ?? "", { passes: wrong?.unanswered });
    if (!wrong) set("spoken", this.texts.say("taken_back", { what: offer.said }));
    if (wrong?.unanswered) this.#show();
    else this.#drop(offer);
  }
}

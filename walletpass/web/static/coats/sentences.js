// What the attendant is told: of refusals, and of tickets that are closed.

import { Texts } from "../texts.js";

export class Sentences extends Texts {
  /** Why something was not done, in a sentence that says what to do now. */
  refusal({ state, code, detail = "", told = {} }) {
    if (state !== "refused") return this.say("unanswered");
    if (code === "hook_taken" && told.free) return this.say("taken_next", { hook: told.hook, free: told.free });
    if (code === "hook_taken") return this.say("taken_hook", { hook: told.hook });
    if (code === "already_returned") return this.returned(told);
    if (code === "dead_code") return this.say("dead_code", { time: this.clock(told.at), name: told.by });
    if (code === "weak_code") return this.say(`weak.${this.#reason(detail)}`) || detail;
    if (code === "not_allowed") return this.error(code);
    return this.known(code) || detail || this.error(code);
  }

  /** "Given back at 21:40 by Nadia, at Counter." */
  returned({ at, till, by }) {
    const name = by ? (till ? "returned_at" : "returned") : "returned_then";
    return this.say(name, { time: this.clock(at), name: by, till });
  }

  /** How a thing of a conflict ended, as far as the books know; empty while it is here. */
  ended(end) {
    if (!end) return "";
    if (end.became === "returned") return this.returned(end);
    return this.say(`ended.${end.became}${end.by ? "_by" : ""}`, { time: this.clock(end.at), name: end.by });
  }

  /** The server says in English why a code is weak; each of its sentences has a name here. */
  #reason(detail) {
    const first = detail.split(". ")[0];
    return { "A code has four digits": "short", "A code has at least three different digits": "few", "A code does not count up or down": "counts",
      "A code is not two pairs": "pairs", "A code does not look like a year": "year", "A code is not a line on the keys": "keys" }[first] ?? "other";
  }
}

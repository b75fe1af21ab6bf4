// One check at one till: what is to be booked, in which order, and how far that came. It survives a reload of the page.

import { newId } from "./api.js";

export class Check {
  /** `view` is the guest as the server showed it; `shelf` is where an unfinished check waits (sessionStorage), under `name`. */
  constructor({ view, shelf, name, saved = null }) {
    Object.assign(this, { view, shelf, name });
    this.id = saved?.id ?? newId();
    this.amount = saved?.amount ?? null;
    this.points = saved?.points ?? 0;
    this.steps = saved?.steps ?? [];
  }

  static restore({ shelf, name }) {
    try {
      const saved = JSON.parse(shelf.getItem(name));
      if (saved) saved.view.redeeming ??= { needs: "nothing", proof: "" };
      return saved ? new Check({ view: saved.view, shelf, name, saved }) : null;
    } catch {
      return null;
    }
  }

  /** Whether something was sent that nobody has answered: it must be finished with the same keys, not begun again. */
  get unfinished() {
    return this.steps.some((step) => !step.result);
  }

  get booked() {
    return this.steps.filter((step) => step.result);
  }

  get balance() {
    return this.booked.at(-1)?.result.balance ?? this.view.card;
  }

  /**
   * Decides what to book: first what points pay, then what the check earns. The server subtracts the first from the second.
   * `reason` is why points are spent without the code that changes, where a manager may.
   */
  plan(amount, points, reason = "") {
    Object.assign(this, { amount, points });
    const body = { card: this.view.card.id, check_id: this.id, amount };
    this.steps = [{ kind: "earn", path: "/earn", body, key: newId(), result: null }];
    if (points > 0) {
      const { proof } = this.view.redeeming;
      const paid = { ...body, points, ...(proof && { proof }), ...(reason && { reason }) };
      this.steps.unshift({ kind: "redeem", path: "/redeem", body: paid, key: newId(), result: null });
    }
  }

  /** Sends what is not booked yet. Returns the last answer; a refusal drops the rest of the plan. */
  async send(api) {
    this.#save();
    for (const step of this.steps.filter((one) => !one.result)) {
      const answer = await api.post(step.path, step.body, { key: step.key });
      if (answer.state === "unanswered" || answer.code === "sign_in_required") return answer;
      if (answer.state === "refused") {
        this.steps = this.booked;
        this.forget();
        return answer;
      }
      step.result = answer.data;
      this.#save();
    }
    this.forget();
    return { state: "done" };
  }

  forget() {
    this.shelf.removeItem(this.name);
  }

  #save() {
    const { id, amount, points, steps, view } = this;
    this.shelf.setItem(this.name, JSON.stringify({ id, amount, points, steps, view }));
  }
}

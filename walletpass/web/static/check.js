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

  /** What is not booked yet, when that is an earn and nothing else: it may wait for the network, as points that pay may not. */
  get keepable() {
    const open = this.steps.filter((step) => !step.result);
    return open.length === 1 && open[0].kind === "earn" ? open[0] : null;
  }

  /**
   * Sends what is not booked yet. Returns the last answer; a refusal drops the rest of the plan. `directly(step, send)` may see to it that an
   * earn is not lost.
   */
  async send(api, directly = (step, send) => send()) {
    this.#save();
    for (const step of this.steps.filter((one) => !one.result)) {
      const send = (options = {}) => api.post(step.path, step.body, { key: step.key, ...options });
      const answer = step.kind === "earn" ? await directly(step, send) : await send();
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

// Deeds that belong together: in their order, each once, however often the rest is tried again.

import { newId } from "../api.js";

export class Plan {
  #steps;

  /** Each step is a function of what the steps before it were answered; it gives the path and the body. */
  constructor(...steps) {
    this.#steps = steps.map((ask) => ({ ask, key: newId(), asked: null, data: null }));
  }

  /** What was answered so far, in order. */
  get done() {
    return this.#steps.filter(({ data }) => data).map(({ data }) => data);
  }

  /** Sends what is not done yet. Resolves to the answer that stopped it, or to {state: "done"}. */
  async send(api) {
    for (const step of this.#steps.filter(({ data }) => !data)) {
      step.asked ??= step.ask(...this.done);
      const [path, body] = step.asked;
      const answer = await api.post(path, body, { key: step.key, tries: 3 });
      if (answer.state !== "done") return answer;
      step.data = answer.data;
    }
    return { state: "done" };
  }
}

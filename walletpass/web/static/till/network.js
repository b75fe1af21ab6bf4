// Whether the server can be reached, from what was answered and not from what the browser believes of its cables.

const EVERY = 5000; // ms between two questions while nobody answers

export class Network {
  #timer = 0;
  #asking = null;

  /** `ask()` resolves to null when the server does not answer. `onChange(up)` is called when that changes. */
  constructor({ ask, onChange }) {
    Object.assign(this, { ask, onChange, up: navigator.onLine });
    addEventListener("offline", () => this.#turn(false));
    addEventListener("online", () => this.look());
    addEventListener("focus", () => this.up || this.look());
    if (!this.up) this.#turn(false);
  }

  /** What an answer of the API says of the network. */
  heard({ state }) {
    // An answer that was on its way when the cable went is no network; a question asked now may find one.
    if (state !== "unanswered" && !navigator.onLine) return;
    this.#turn(state !== "unanswered");
  }

  /** Asks now. Two at once are one. */
  async look() {
    this.#asking ??= this.ask();
    const said = await this.#asking;
    this.#asking = null;
    this.#turn(said !== null);
    return said;
  }

  #turn(up) {
    clearTimeout(this.#timer);
    if (!up) this.#timer = setTimeout(() => this.look(), EVERY);
    if (up === this.up) return;
    this.up = up;
    this.onChange(up);
  }
}

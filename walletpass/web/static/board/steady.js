// Nothing moves under a finger: while one is down, and for a moment after, a new board waits.

const SETTLES = 350; // ms after the finger has gone

export class Steady {
  #waiting = null;
  #timer = 0;
  #down = false;
  #first = true;

  /** `show(board, first)` with the newest board, as soon as nothing is touched. */
  constructor(show) {
    this.show = show;
    addEventListener("pointerdown", () => this.#hold(true), { capture: true, passive: true });
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => this.#hold(false), { capture: true, passive: true });
    addEventListener("blur", () => this.#hold(false));
  }

  take(board) {
    this.#waiting = board;
    if (!this.#down && !this.#timer) this.#settle();
  }

  #hold(down) {
    this.#down = down;
    clearTimeout(this.#timer);
    this.#timer = down ? 0 : setTimeout(() => this.#settle(), SETTLES);
  }

  #settle() {
    this.#timer = 0;
    if (!this.#waiting) return;
    const board = this.#waiting;
    this.#waiting = null;
    this.show(board, this.#first);
    this.#first = false;
  }
}

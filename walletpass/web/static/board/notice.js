// What went wrong with a deed of one tap. That the server did not answer is over when it answers again.

import { set } from "../till/page.js";

const READ = 4000; // ms that somebody has to read it, however soon the server is back

export class Notice {
  #timer = 0;
  #said = 0;
  #passes = false;

  /** `passes`: true only as long as the server does not answer. */
  say(text, { passes = false } = {}) {
    clearTimeout(this.#timer);
    this.#passes = passes;
    this.#said = performance.now();
    set("alert", text);
  }

  /** The server answers. */
  heard() {
    if (!this.#passes) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.say(""), Math.max(0, this.#said + READ - performance.now()));
  }
}

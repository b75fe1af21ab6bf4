// What keeps the board fresh: server-sent events, and where there is no room for another stream, a look every few seconds.

const ASKS_EVERY = 4000; // ms between two looks without a stream
const TRIES_AGAIN = 30_000; // ms until a stream is tried once more where there was no room
const DOUBTS_AFTER = 30_000; // ms without a word after which somebody is asked whether the line still holds

export class Line {
  #source = null;
  #asking = 0;
  #heard = 0; // how many boards have come; a slow answer does not undo a newer one
  #last = 0;
  #at = null;

  /** `onBoard(board)` with every board; `onState("live" | "asking" | "reconnecting", when the board was known last)`. */
  constructor({ api, query, program, onBoard, onState, signIn }) {
    Object.assign(this, { api, query, program, onBoard, onState, signIn });
  }

  start() {
    this.#open();
    setInterval(() => this.#doubt(), 5000);
    addEventListener("online", () => this.#open());
    addEventListener("offline", () => this.#say("reconnecting"));
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask());
  }

  /** Something was done here: without a stream nobody else would say what came of it. */
  look() {
    if (this.#source?.readyState !== EventSource.OPEN) this.#ask();
  }

  #open() {
    this.#source?.close();
    clearTimeout(this.#asking);
    const query = new URLSearchParams(this.query);
    query.set("program", this.program);
    this.#source = new EventSource(`${this.api.base}/board/stream?${query}`);
    // Where the board is known already, only news comes.
    this.#source.addEventListener("open", () => this.#at && this.#say("live"));
    this.#source.addEventListener("board", ({ data }) => this.#take(JSON.parse(data), "live"));
    this.#source.addEventListener("error", () => this.#broken());
  }

  /** The browser comes back by itself, unless it was refused. */
  #broken() {
    if (this.#source.readyState === EventSource.CONNECTING) return this.#say("reconnecting");
    this.#askOn();
    setTimeout(() => this.#open(), TRIES_AGAIN);
  }

  async #askOn() {
    clearTimeout(this.#asking);
    await this.#ask();
    if (this.#source.readyState === EventSource.CLOSED) this.#asking = setTimeout(() => this.#askOn(), ASKS_EVERY);
  }

  async #ask() {
    const before = this.#heard;
    const answer = await this.api.get(`/board?${this.query}`);
    if (answer.code === "sign_in_required") return this.signIn();
    const streams = this.#source.readyState === EventSource.OPEN;
    if (answer.state === "done" && before === this.#heard) return this.#take(answer.data, streams ? "live" : "asking");
    return answer.state === "done" || this.#say("reconnecting");
  }

  /** A line can be dead without either end knowing it. */
  async #doubt() {
    if (this.#source.readyState !== EventSource.OPEN || performance.now() - this.#last < DOUBTS_AFTER) return;
    await this.#ask();
    if (performance.now() - this.#last >= DOUBTS_AFTER) this.#open();
  }

  #take(board, state) {
    this.#heard += 1;
    this.#last = performance.now();
    this.#at = new Date();
    this.onBoard(board);
    this.#say(state);
  }

  #say(state) {
    this.onState(state, this.#at);
  }
}

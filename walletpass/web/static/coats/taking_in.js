// What is taken in: how many of each kind, and on which hooks. One tap hangs what is proposed.

import { byId, make, marked, set } from "../till/page.js";
import { priceOf, propose } from "./model.js";

const MOST = 20;
const QUICK = { tries: 1, timeout: 4000 };

export class TakingIn {
  #counts = new Map();
  #asked = 0;
  #codes = 0;
  places = []; // [{kind, hook}]

  /** `room` as in room.js; `onHang(places, words)` when everything is hung; `onChoose(place)` when another hook is wanted. */
  constructor({ api, network, texts, room, onHang, onChoose }) {
    Object.assign(this, { api, network, texts, room, onHang, onChoose });
    byId("in").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.places.length && !this.locked) this.onHang(this.places, byId("words").value.trim());
    });
    byId("code-other").addEventListener("click", () => this.#newCode());
    byId("code").addEventListener("input", () => this.complainCode(""));
  }

  /** `hooks` is what the server has proposed for one coat; `who` names the guest on the button; `how` is card, code or wallet. */
  show({ who, how, hooks = null, ticket = null }) {
    Object.assign(this, { who, how, ticket });
    this.#counts = new Map(this.room.kinds.map(({ kind }) => [kind, kind === "coat" ? 1 : 0]));
    byId("words").value = "";
    byId("code-part").hidden = how !== "code" || Boolean(ticket);
    this.complainCode("");
    if (how === "code" && !ticket) this.#newCode();
    this.lock(false);
    this.#steppers();
    this.#place(hooks);
  }

  lock(locked) {
    this.locked = locked;
    byId("hang").disabled = locked || !this.places.length || this.places.some(({ hook }) => !hook);
  }

  get code() {
    return byId("code").value.trim();
  }

  complainCode(text) {
    set("code-wrong", text);
    marked("code", Boolean(text));
    if (text) byId("code").focus();
  }

  /** Another hook for one thing. */
  put(place, hook) {
    this.places[place].hook = hook;
    this.#draw();
  }

  /** A hook was taken by somebody else meanwhile: the next free one stands there at once. */
  taken(hook, free) {
    const place = this.places.findIndex((one) => one.hook === hook);
    if (place >= 0) this.put(place, free);
  }

  get #kinds() {
    return [...this.#counts].flatMap(([kind, count]) => Array(count).fill(kind));
  }

  async #newCode() {
    byId("code").value = "";
    const mine = (this.#codes += 1);
    const answer = this.network.up ? await this.api.post("/coats/code", { room: this.room.chosen.id }, QUICK) : {};
    if (mine !== this.#codes) return;
    byId("code").value = answer.data?.code ?? this.#ownCode();
  }

  /** Without the server: four different digits that nobody here has. */
  #ownCode() {
    const taken = new Set([...this.room.view.tickets.values()].map(({ code }) => code));
    for (;;) {
      const code = String(crypto.getRandomValues(new Uint16Array(1))[0] % 10000).padStart(4, "0");
      const steps = new Set([...code].slice(1).map((digit, place) => digit - code[place]));
      if (new Set(code).size === 4 && steps.size > 1 && !/^(19|20)/.test(code) && !taken.has(code)) return code;
    }
  }

  #steppers() {
    byId("counts").replaceChildren(...this.room.kinds.map(({ kind }) => this.#stepper(kind)));
  }

  #stepper(kind) {
    const { texts } = this;
    const name = texts.say(`kind.${kind}`);
    const row = make("div", "counter");
    const count = make("output", "number", String(this.#counts.get(kind)));
    row.append(make("span", "", name), this.#step(kind, -1, "−", texts.say("fewer", { kind: name }), count), count, this.#step(kind, 1, "+", texts.say("more_of", { kind: name }), count));
    return row;
  }

  #step(kind, by, sign, label, count) {
    const button = make("button", "button", sign);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => {
      const next = Math.max(0, this.#counts.get(kind) + by);
      if (by > 0 && this.#kinds.length >= MOST) return;
      this.#counts.set(kind, next);
      count.textContent = String(next);
      this.#place(null);
    });
    return button;
  }

  /** What the server proposes; until it has answered, or without it, what this device would. */
  async #place(hooks) {
    const kinds = this.#kinds;
    const mine = (this.#asked += 1);
    this.places = kinds.map((kind, place) => ({ kind, hook: hooks?.[place] ?? "" }));
    if (!hooks?.length) {
      const own = propose(this.room.view, kinds);
      this.places.forEach((one, place) => (one.hook = own[place]));
    }
    this.#draw();
    if (hooks?.length || !kinds.length || !this.network.up) return;
    const answer = await this.api.post("/coats/propose", { room: this.room.chosen.id, kinds }, QUICK);
    if (mine !== this.#asked || answer.state !== "done") return;
    this.places = kinds.map((kind, place) => ({ kind, hook: answer.data.hooks[place] }));
    this.#draw();
  }

  #draw() {
    const { texts, places } = this;
    byId("places").replaceChildren(...places.map((one, place) => this.#hook(one, place)));
    const hooks = [...new Set(places.map(({ hook }) => hook).filter(Boolean))].join(", ");
    const all = places.length > 0 && places.every(({ hook }) => hook);
    const name = this.who || texts.say("guest");
    set("hang", !places.length ? texts.say("nothing") : all ? texts.say("hang", { name, hooks }) : texts.say("no_room"));
    const price = priceOf(this.room.kinds, places);
    set("price", price ? texts.say("price", { money: texts.money(price) }) : "");
    this.lock(this.locked);
  }

  #hook({ kind, hook }, place) {
    const button = make("button", "button place");
    button.type = "button";
    const words = make("span", "away", this.texts.say("another_hook"));
    button.append(make("span", "small", this.texts.say(`kind.${kind}`)), make("b", "number", hook || "?"), words);
    button.addEventListener("click", () => this.onChoose(place, kind));
    return button;
  }
}

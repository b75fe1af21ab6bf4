// The hooks as they hang: a row of squares for each zone, from the counter outwards. Drawn as SVG, as wide as there is room.

import { make } from "../till/page.js";
import { on, takes } from "./model.js";

const SVG = "http://www.w3.org/2000/svg";
const CELL = 60;
const HEIGHT = 52;
const GAP = 6;

function draw(tag, values, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

export class HookMap {
  #drawn = "";
  #width = 0;
  #last = null;

  /** `onTap(label)`; `kind()` is what a hook is looked for, or "" where they are only looked at. */
  constructor({ place, texts, onTap, kind = () => "" }) {
    Object.assign(this, { place, texts, onTap, kind });
    place.addEventListener("click", (event) => this.#tap(event.target));
    place.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), this.#tap(event.target)));
    new ResizeObserver(() => this.#last && this.show(this.#last)).observe(place);
  }

  /** `view` as in model.js, or null. */
  show(view) {
    this.#last = view;
    this.#width = this.place.clientWidth;
    if (!view || !this.#width) return;
    const zones = view.zones.map(({ zone, hooks }) => ({ zone, hooks: hooks.map((hook) => this.#facts(view, hook)) }));
    const drawn = JSON.stringify([this.#width, zones]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const held = this.place.querySelector(":focus")?.dataset.label;
    this.place.replaceChildren(...zones.map((zone) => this.#zone(zone)));
    if (held) this.place.querySelector(`[data-label="${held}"]`)?.focus();
  }

  #facts(view, hook) {
    const things = on(view, hook.label);
    const kind = this.kind();
    const full = hook.taken >= hook.capacity;
    const state = kind && !takes(hook, kind) ? "other" : full ? "taken" : hook.taken ? "part" : "free";
    const called = things.some(({ ticket }) => ticket.called_at);
    const pulled = things.some(({ item }) => item.state === "pulled");
    return { label: hook.label, state, called, pulled, count: hook.capacity > 1 ? `${hook.taken}/${hook.capacity}` : "" };
  }

  #zone({ zone, hooks }) {
    const row = make("section", "zone");
    row.setAttribute("aria-label", this.texts.say("map.zone", { zone }));
    const columns = Math.max(1, Math.floor((this.#width + GAP) / (CELL + GAP)));
    const cell = (this.#width + GAP) / columns - GAP;
    const height = Math.ceil(hooks.length / columns) * (HEIGHT + GAP) - GAP;
    const picture = draw("svg", { viewBox: `0 0 ${this.#width} ${height}`, width: this.#width, height });
    hooks.forEach((hook, place) => {
      const at = { x: (place % columns) * (cell + GAP), y: Math.floor(place / columns) * (HEIGHT + GAP) };
      picture.append(this.#hook(hook, at, cell));
    });
    row.append(picture);
    return row;
  }

  #hook({ label, state, called, pulled, count }, { x, y }, width) {
    const classes = ["hook", state, called ? "called" : "", pulled ? "pulled" : ""].filter(Boolean).join(" ");
    // First what can be read on it: whoever speaks to the device says that.
    const seen = count ? `${label} ${count}` : label;
    const words = [seen, this.texts.say(`map.${state}`), called ? this.texts.say("map.called") : ""].filter(Boolean).join(", ");
    const group = draw("g", { class: classes, role: "button", tabindex: 0, "data-label": label, "aria-label": words });
    group.append(draw("rect", { x: x + 1, y: y + 1, width: width - 2, height: HEIGHT - 2, rx: 9 }));
    const middle = { x: x + width / 2, "text-anchor": "middle" };
    group.append(draw("text", { ...middle, y: y + (count ? 24 : 33), class: "label" }, label));
    if (count) group.append(draw("text", { ...middle, y: y + 43, class: "count" }, ` ${count}`));
    return group;
  }

  #tap(target) {
    const label = target.closest?.("[data-label]")?.dataset.label;
    if (label) this.onTap(label);
  }
}

// Short questions: where something is kept, whether it is really so, which hook.

import { byId, set } from "../till/page.js";
import { HookMap } from "./map.js";

function closing(dialog, ...buttons) {
  for (const id of buttons) byId(id).addEventListener("click", () => dialog.close());
}

/** Asks where things are kept. `ask(what)` resolves to the place, or null. */
export class KeepDialog {
  constructor({ texts }) {
    this.dialog = byId("keeping");
    closing(this.dialog, "keeping-close");
    this.dialog.addEventListener("close", () => this.answer?.(null));
    byId("keeping-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const where = byId("keeping-where").value.trim();
      if (!where) return set("keeping-wrong", texts.say("where_missing"));
      this.answer(where);
      return this.dialog.close();
    });
  }

  ask(what) {
    set("keeping-what", what);
    set("keeping-wrong", "");
    this.dialog.showModal();
    byId("keeping-where").focus();
    return new Promise((resolve) => (this.answer = resolve));
  }
}

/** Asks whether it is really so. Resolves to true or false. */
export class SureDialog {
  constructor() {
    this.dialog = byId("sure");
    closing(this.dialog, "sure-no");
    this.dialog.addEventListener("close", () => this.answer?.(false));
    byId("sure-yes").addEventListener("click", () => {
      this.answer(true);
      this.dialog.close();
    });
  }

  ask(title, say, yes) {
    set("sure-title", title);
    set("sure-say", say);
    set("sure-yes", yes);
    this.dialog.showModal();
    return new Promise((resolve) => (this.answer = resolve));
  }
}

/** Another hook, typed or tapped on the map. */
export class ChooseHook {
  constructor({ texts, room }) {
    Object.assign(this, { texts, room, kind: "coat" });
    this.dialog = byId("choose");
    closing(this.dialog, "choose-close");
    this.map = new HookMap({ place: byId("choose-map"), texts, onTap: (label) => this.#take(label), kind: () => this.kind });
    byId("choose-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take(byId("choose-hook").value.trim().toUpperCase());
    });
  }

  /** `onHook(label)` when a free one was chosen. */
  ask(kind, onHook) {
    Object.assign(this, { kind, onHook });
    byId("choose-hook").value = "";
    set("choose-wrong", "");
    this.dialog.showModal();
    this.map.show(this.room.view);
    byId("choose-title").focus();
  }

  #take(label) {
    const hook = this.room.view.hooks.get(label);
    if (!hook) return set("choose-wrong", this.texts.say("no_such_hook"));
    if (hook.taken >= hook.capacity) return set("choose-wrong", this.texts.say("taken_hook", { hook: label }));
    this.dialog.close();
    return this.onHook(label);
  }
}

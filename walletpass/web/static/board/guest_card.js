// One guest on the board: the name large, how to say it, where to sit, and one sentence with its button.

import { make } from "../till/page.js";
import { Acts } from "./acts.js";
import { flagsOf, nameOf } from "./person.js";

const PAUSE = 1200; // ms in which a second tap is still meant for the sentence that was there

export class GuestCard {
  #one = null;
  #sentence = "";

  constructor(column, { texts, tap, seat, details }) {
    Object.assign(this, { column, texts, tap });
    this.element = make("li", "guest");
    this.name = make("h3");
    this.say = make("p", "say-name");
    this.flags = make("p", "flags");
    this.facts = make("p", "when");
    this.place = make("p", "suggest");
    this.notes = make("ul", "hints");
    this.line = make("div", "sentence");
    this.line.hidden = true;
    this.words = make("p");
    const acts = new Acts(column, () => this.#one, { texts, tap, seat, details });
    this.done = acts.button("said", "primary", () => this.#said());
    this.acts = acts.element;
    this.line.append(this.words, this.done);
    const top = make("div", "top");
    top.append(this.name, this.flags);
    this.element.append(top, this.say, this.line, this.facts, this.place, this.notes, this.acts);
  }

  show(one) {
    const { texts } = this;
    this.#one = one;
    const name = nameOf(one, texts);
    this.name.textContent = name;
    this.flags.replaceChildren(...flagsOf(one, texts));
    this.#line(this.say, one.guest?.say_name && texts.say("say_name", { name: one.guest.say_name }));
    this.#line(this.facts, this.#when(one));
    this.#line(this.place, this.#suggested(one));
    this.notes.replaceChildren(...this.#hints(one).map((text) => make("li", "", text)));
    this.notes.hidden = !this.notes.children.length;
    this.#tell(one.sentence, name);
    for (const button of [this.done, ...this.acts.children]) button.setAttribute("aria-label", `${button.textContent}: ${name}`);
  }

  /** Its place stays while there was something to say, so that the buttons below do not jump. */
  #tell(sentence, name) {
    const text = sentence ? `${sentence.kind} ${sentence.about} ${sentence.text}` : "";
    if (text === this.#sentence) return;
    const said = Boolean(this.#sentence);
    this.#sentence = text;
    this.line.hidden = !text && !said;
    this.line.classList.toggle("over", !text);
    this.words.textContent = sentence?.text ?? "";
    this.done.hidden = !text;
    if (!text || !said) return;
    this.done.inert = true;
    setTimeout(() => {
      this.done.inert = false;
    }, PAUSE);
  }

  #when(one) {
    const { texts } = this;
    const people = one.party ? texts.count("people", one.party) : "";
    if (this.column === "expected") {
      return [texts.say("booked", { time: texts.clock(one.at) }), one.late && texts.say("late"), people].filter(Boolean).join(" · ");
    }
    const since = one.seated_at ? texts.say("seated_since", { time: texts.clock(one.seated_at) }) : texts.say("here_since", { time: texts.clock(one.at) });
    return [since, people, one.paid && texts.say("paid")].filter(Boolean).join(" · ");
  }

  #suggested({ place, waiter, guest }) {
    const { texts } = this;
    const table = place ? texts.say("table", { place }) : guest?.place && texts.say("likes_table", { place: guest.place });
    const usual = guest?.usual_waiter && texts.say(guest.usual_waiter_here ? "usual_here" : "usual", { name: guest.usual_waiter });
    return [table, waiter ? texts.say("waiter", { name: waiter }) : usual].filter(Boolean).join(" · ");
  }

  #hints({ notes, guest }) {
    return [notes, ...(guest?.notes ?? []).map(({ text }) => text)].filter(Boolean);
  }

  #line(element, text) {
    element.textContent = text ?? "";
    element.hidden = !text;
  }

  #said() {
    const { arrival, sentence } = this.#one;
    if (sentence) this.tap(this.done, "/board/done", { arrival, kind: sentence.kind, about: sentence.about });
  }
}

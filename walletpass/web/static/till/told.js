// What a guest likes, sent back and had last time, as rows of a list.

import { make } from "./page.js";

/** `view` is what /board/table answers; `within` is where the labels stand among the texts. Rows without anything to tell are left out. */
export function told({ guest, dishes, drinks, last, sent_back: back, average_check: average }, texts, within = "") {
  const say = (name) => texts.say(`${within}${name}`);
  const had = last.map(({ name, quantity, available }) => `${quantity > 1 ? `${quantity} × ` : ""}${name}${available ? "" : ` (${say("not_today")})`}`);
  const notes = (guest?.notes ?? []).map(({ text }) => text);
  return [
    ["likes", [...dishes, ...drinks].join(", ")],
    ["avoids", back.join(", ")],
    ["last_time", had.join(", ")],
    ["average", within || average === null ? "" : [texts.money(average), texts.count("visits", guest.visits)].join(" · ")],
    ["notes", within ? notes.join(" · ") : ""],
  ]
    .filter(([, text]) => text)
    .map(([name, text]) => {
      const row = make("div");
      row.append(make("dt", "", say(name)), make("dd", "", text));
      return row;
    });
}

// Who the guest is, at one look: name, points, visits, average check, last visit, what they love.

import { standing } from "../proof.js";
import { byId, set } from "./page.js";
import { Units } from "./units.js";

function optionalRow(id, value, text) {
  byId(id).parentElement.hidden = !value;
  set(id, text);
}

/** Whether this is the first visit; servers that do not say so count visits. */
export const isFirst = (view) => view.first_visit ?? view.visits === 0;

/** "Loves: tiramisu, risotto, lemonade"; empty where nobody knows. */
export function loves({ favourites }, texts) {
  const names = [...(favourites?.dishes ?? []), ...(favourites?.drinks ?? [])];
  return names.length ? texts.say("loves", { names: names.join(", ") }) : "";
}

export function showFacts(view, texts) {
  const { card, guest } = view;
  const units = new Units(texts, view.rules);
  const [large, word] = units.balance(card.points);
  set("guest-name", guest.name || texts.say("unnamed"));
  set("guest-points", large);
  set("guest-points-word", word);
  byId("flag-first").hidden = !isFirst(view);
  byId("flag-regular").hidden = !view.regular;
  set("usual-waiter", view.usual_waiter ? texts.say("usual_waiter", { name: view.usual_waiter }) : "");
  set("loves", loves(view, texts));
  set("phone-shows", standing(view.delivery, texts));
  set("visits", texts.number(view.visits));
  set("average", view.average_check === null ? texts.say("unknown") : texts.money(view.average_check));
  set("last-visit", view.days_since_last_visit === null ? texts.say("never") : texts.ago(view.days_since_last_visit));
  optionalRow("pending", card.pending, units.words(card.pending ?? 0));
  optionalRow("held", card.held, units.words(card.held ?? 0));
  optionalRow("debt", card.debt, units.words(card.debt ?? 0));
  set("card-number", card.number.replace(/^(\d{4})(\d{4})$/, "$1 $2"));
}

// A table's check and its guest: they find each other by one scan, and nobody types the amount.

import { newId } from "../api.js";
import { byId } from "./page.js";

const path = (id, deed) => `/checks/${encodeURIComponent(id)}/${deed}`;

function sentence(answer, texts) {
  if (answer.state !== "refused") return texts.say("unanswered_read");
  return texts.known(answer.code) || answer.detail || texts.error(answer.code);
}

/** Tells the server whose check it is, and takes over what it knows of it. Its points come when it is paid, here or at the point of sale. */
export async function attach(open, { check, api, guest, texts, tell, warn }) {
  const answer = await api.post(path(open.id, "attach"), { card: check.view.card.id }, { key: newId(), tries: 2 });
  if (answer.state !== "done") return warn(sentence(answer, texts));
  // By the check's own name the server sees to it that it earns once, whoever says first that it was paid.
  check.id = check.table = open.id;
  guest.show(check.view, { amount: answer.data.check.amount || open.amount || null });
  byId("when-paid").hidden = false;
  return tell(texts.say("table.attached", { place: open.place || texts.say("table.unknown") }));
}

/** It was not this guest's check. */
export async function detach({ table }, { api, texts, warn }) {
  const answer = await api.post(path(table, "detach"), {}, { key: newId(), tries: 2 });
  if (answer.state !== "done") warn(sentence(answer, texts));
}

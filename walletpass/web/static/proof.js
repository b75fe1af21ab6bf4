// What the guest's phone shows. Nothing is called updated before the phone has fetched it.

const EVERY = 1000; // ms between two looks
const LOOKS = 20;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One quiet line for the guest screen; empty where no phone listens or nothing is known. */
export function standing(delivery, texts) {
  const { devices, lagging, points, fetched_at: fetched } = delivery ?? {};
  if (!devices) return "";
  if (!fetched) return texts.say("phone_never");
  if (points === null) return "";
  const shown = texts.number(points);
  if (lagging) return texts.say("phone_still", { points: shown, when: texts.since(fetched) });
  return texts.say("phone_shows", { points: shown, when: texts.clock(fetched) });
}

/** How far what was just booked has come. */
export function progress({ devices, lagging, sent_at: sent, fetched_at: fetched }, texts) {
  if (!devices) return texts.say("being_updated");
  if (!lagging && sent && fetched) return texts.say("sent_fetched", { sent: texts.clock(sent), fetched: texts.clock(fetched) });
  if (!lagging && fetched) return texts.say("fetched", { fetched: texts.clock(fetched) });
  return sent ? texts.say("sent", { sent: texts.clock(sent) }) : texts.say("being_updated");
}

/** Looks until the phone has it, for some seconds; `tell(sentence)` after each look, `current()` says whether anybody still reads. */
export async function follow(card, { api, texts, tell, current }) {
  for (let look = 0; look < LOOKS && current(); look += 1) {
    await sleep(look ? EVERY : EVERY / 2);
    const answer = await api.get(`/cards/${encodeURIComponent(card)}/delivery`);
    if (answer.state === "refused" || !current()) return;
    if (answer.state !== "done") continue;
    tell(progress(answer.data, texts));
    if (!answer.data.devices || !answer.data.lagging) return;
  }
}

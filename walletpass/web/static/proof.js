// What the guest's phone shows. Nothing is called updated before the phone has fetched it; of an Android phone nobody tells
// what it shows, so there it is what Google was sent.

const EVERY = 1000; // ms between two looks
const LOOKS = 20;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One quiet line for the guest screen; empty where no phone listens or nothing is known. */
export function standing(delivery, texts) {
  return [onApple(delivery ?? {}, texts), onGoogle(delivery ?? {}, texts)].filter(Boolean).join(" · ");
}

function onApple({ devices, lagging, points, fetched_at: fetched }, texts) {
  if (!devices) return "";
  if (!fetched) return texts.say("phone_never");
  if (points === null) return "";
  const shown = texts.number(points);
  if (lagging) return texts.say("phone_still", { points: shown, when: texts.since(fetched) });
  return texts.say("phone_shows", { points: shown, when: texts.clock(fetched) });
}

/** How far a change has come on its way to Google. That the card was removed there is no news of a guest with an iPhone. */
function onGoogle({ devices, google }, texts) {
  if (!google || (google.state === "removed" && devices)) return "";
  if (google.state === "waiting" && google.paused) return texts.say("google.paused");
  if (google.state === "removed" && google.at === null) return texts.say("google.gone");
  return texts.say(`google.${google.state}`, { when: google.at === null ? "" : texts.clock(google.at), day: texts.day(google.at) });
}

/** How far what was just booked has come. */
export function progress(delivery, texts) {
  const google = onGoogle(delivery, texts);
  if (!delivery.devices && google) return google;
  return [toApple(delivery, texts), google].filter(Boolean).join(" · ");
}

function toApple({ devices, lagging, sent_at: sent, fetched_at: fetched }, texts) {
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
    const { devices, lagging, google } = answer.data;
    if (!(devices && lagging) && google?.state !== "waiting") return;
  }
}

// What becomes of a deed at the coats that waits for the network. Pure, as till/queue_rules.js.

import { APPLIED, CONFLICT, LISTED, WAITING } from "../till/queue_rules.js";

const WRONG_CLOCK = 60 * 1000; // a device's clock this far off is corrected by the server's

/**
 * A deed to be sent later. `body` is what the server is told under the key `wire`; `late` is the same deed as one of the past, for the
 * case that the server says that the first one never happened and cannot happen now: a deed of the past is never refused.
 */
export function waiting({ key, path, body, late = null, title, ticket, name = "", staff, queued, sent = false }) {
  return { key, wire: key, path, body, late, title, ticket, name, staff, queued, sent, state: WAITING, tries: 0, code: "", detail: "" };
}

/** The entry as it goes out, its moment by the server's clock. What may have been sent before is never changed. */
export function prepare(entry, { now, device }) {
  if (entry.sent) return entry;
  const off = Date.parse(now) - device;
  const happened = Date.parse(entry.body.at ?? now) + (Math.abs(off) > WRONG_CLOCK ? off : 0);
  const at = new Date(Math.min(happened, Date.parse(now))).toISOString();
  return { ...entry, sent: true, body: entry.body.at ? { ...entry.body, at } : entry.body };
}

/** The entry after an answer. What has been settled stays settled. */
export function settle(entry, answer, time) {
  if (entry.state !== WAITING) return entry;
  const tried = { ...entry, sent: true, tries: entry.tries + 1 };
  if (answer.state === "unanswered" || answer.code === "sign_in_required") return tried;
  if (answer.state === "done") {
    // Somebody else's page that says 200, as a hotel's Wi-Fi has it, has hung nothing.
    if (!answer.data?.ticket) return tried;
    const [first] = answer.data.conflicts ?? [];
    return closed(tried, { state: first ? LISTED : APPLIED, code: first?.code ?? "", again: Boolean(answer.again), time });
  }
  if (entry.late) return { ...tried, wire: entry.late.key, body: entry.late.body, late: null, sent: false };
  return closed(tried, { state: CONFLICT, code: answer.code, detail: answer.detail ?? "", time });
}

/** Nothing of the guest stays with what is settled. */
function closed({ body, late, ...entry }, change) {
  return { ...entry, ...change };
}

// What becomes of a check that waits for the network. Pure: no clock, no storage, no network, so that any order of answers can be tried.

export const WAITING = "waiting";
export const APPLIED = "applied"; // booked; `again` when it had been booked before and the server said so once more
export const DUPLICATE = "duplicate"; // the check has its points already, by another way
export const LISTED = "listed"; // too late to be booked by itself: a manager decides
export const CONFLICT = "conflict"; // refused: a person has to read why

const DAY = 24 * 3600 * 1000;
const KEPT = DAY / 2; // how long the panel shows what was booked
const WRONG_CLOCK = 60 * 1000; // a device's clock this far off is corrected by the server's

/** A check to be sent later. `body` is what the server is told; `sent` when it may have reached the server already. */
export function waiting({ key, body, last, amount, staff, queued, sent = false }) {
  return { key, body, last, amount, staff, queued, sent, state: WAITING, tries: 0, code: "", detail: "" };
}

/**
 * The entry as it goes out: with the moment in which it happened, by the server's clock, where the server takes one. What may
 * have been sent before is never changed: the same key with another request is refused.
 */
export function prepare(entry, { now, times, device }) {
  if (entry.sent) return entry;
  const off = Date.parse(now) - device;
  const happened = entry.queued + (Math.abs(off) > WRONG_CLOCK ? off : 0);
  const at = new Date(Math.min(happened, Date.parse(now))).toISOString();
  return { ...entry, sent: true, body: times ? { ...entry.body, at } : entry.body };
}

/** The entry after an answer. What has been settled stays settled, whatever comes later. */
export function settle(entry, answer, time) {
  if (entry.state !== WAITING) return entry;
  const tried = { ...entry, sent: true, tries: entry.tries + 1 };
  if (answer.state === "unanswered" || answer.code === "sign_in_required") return tried;
  if (answer.state === "done") {
    const listed = answer.status === 202;
    // Somebody else's page that says 200, as a hotel's Wi-Fi has it, has booked nothing.
    if (!listed && !answer.data?.entry?.id) return tried;
    return closed(tried, { state: listed ? LISTED : APPLIED, again: Boolean(answer.again), time });
  }
  const state = answer.code === "already_earned" ? DUPLICATE : CONFLICT;
  return closed(tried, { state, code: answer.code, detail: answer.detail ?? "", time });
}

/** Nothing of the guest stays with what is settled but the last digits. */
function closed({ body, ...entry }, change) {
  return { ...entry, ...change, check: body.check_id };
}

/** Whether a person has to read it before it may go. */
export function needsEyes({ state }) {
  return state === DUPLICATE || state === LISTED || state === CONFLICT;
}

/** Null when it may be forgotten, else the entry. Nothing that waits is ever forgotten. */
export function acknowledge(entry) {
  return entry.state === WAITING ? entry : null;
}

export function outdated(entry, now) {
  return entry.state === APPLIED && now - entry.time > KEPT;
}

/** What may be sent now, oldest first: one's own; with `all` also what others left behind. */
export function due(entries, staff, all) {
  const mine = entries.filter((entry) => entry.state === WAITING && (all || entry.staff.id === staff));
  return mine.sort((one, other) => one.queued - other.queued || (one.key < other.key ? -1 : 1));
}

export function counts(entries) {
  const count = (test) => entries.filter(test).length;
  return {
    waiting: count(({ state }) => state === WAITING),
    applied: count(({ state }) => state === APPLIED),
    eyes: count(needsEyes),
  };
}

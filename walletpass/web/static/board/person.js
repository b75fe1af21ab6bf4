// What is said of a guest in a word: who it is, and of which kind.

import { make } from "../till/page.js";

/** The guest's name, or that of the booking; never empty. Of two new guests at the door, how many they are tells which. */
export const nameOf = (one, texts) => one.guest?.name || one.name || (one.guest ? texts.say("unnamed") : newcomer(one, texts));

const newcomer = ({ party }, texts) => (party ? texts.say("new_party", { people: texts.count("people", party) }) : texts.say("new_guest"));

/** Who calls, or else the name under which they have booked. */
export const callerOf = ({ guest, booking }, texts) => nameOf({ guest: guest ?? booking?.guest, name: booking?.name }, texts);

/** First visit, regular, VIP: what is true of them, as marks. Whom nobody knows is a new guest, which without a name is their name. */
export function flagsOf({ guest, name }, texts) {
  if (!guest) return name ? [make("span", "flag quiet", texts.say("new_guest"))] : [];
  const marks = [];
  if (guest.vip) marks.push(make("span", "flag vip", texts.say("flags.vip")));
  if (guest.first_visit) marks.push(make("span", "flag", texts.say("flags.first")));
  else if (guest.regular) marks.push(make("span", "flag quiet", texts.say("flags.regular")));
  if (guest.coats?.length) marks.push(make("span", "flag quiet", texts.say("flags.coat", { hooks: guest.coats.join(", ") })));
  return marks;
}

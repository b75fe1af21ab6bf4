// Whose table it is, however its name is typed: "Bar 2" is "bar2".

const SOON = 60 * 60_000; // ms before and after its hour in which a booked table is kept in mind

const plain = (place) => place.toLocaleLowerCase().replace(/\s+/g, "");

const at = (some, place) => {
  const wanted = plain(place);
  return wanted ? some.filter((one) => plain(one.place) === wanted) : [];
};

/** Those `inside` who sit at that table, `but` one. */
export const whoSits = (inside, place, but = null) => at(inside, place).filter(({ arrival }) => arrival !== but?.arrival);

/** Those `expected` at that table within the hour, or not much longer ago. */
export const whoBooked = (expected, place, now = Date.now()) => at(expected, place).filter((one) => Math.abs(Date.parse(one.at) - now) <= SOON);

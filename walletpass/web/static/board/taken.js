// Who sits at a table, however its name is typed: "Bar 2" is "bar2".

const plain = (place) => place.toLocaleLowerCase().replace(/\s+/g, "");

/** Those `inside` who sit at that table, `but` one. */
export function whoSits(inside, place, but = null) {
  const wanted = plain(place);
  return wanted ? inside.filter((one) => plain(one.place) === wanted && one.arrival !== but?.arrival) : [];
}

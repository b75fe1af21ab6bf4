// The clock on the restaurant's wall, in whatever zone the tablet believes to be.

const MINUTE = 60_000;

export class Zone {
  #parts;

  constructor(name) {
    const style = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: name };
    this.#parts = new Intl.DateTimeFormat("en-GB", style);
  }

  /** What a form shows of a moment: {day: "2026-12-01", time: "19:30"}. */
  wall(moment) {
    const { year, month, day, hour, minute } = Object.fromEntries(this.#parts.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
    return { day: `${year}-${month}-${day}`, time: `${hour}:${minute}` };
  }

  /** The moment of what a form says, as text with its zone; null for no day or hour. An hour that the spring leaves out is an hour later. */
  moment(day, time) {
    const shown = Date.parse(`${day}T${time}Z`);
    if (Number.isNaN(shown)) return null;
    const guess = shown - this.#ahead(shown);
    return new Date(shown - this.#ahead(guess)).toISOString();
  }

  /** How far, in ms, this zone's clock is ahead of UTC at that moment. */
  #ahead(moment) {
    const { day, time } = this.wall(moment);
    return Date.parse(`${day}T${time}Z`) - Math.floor(moment / MINUTE) * MINUTE;
  }
}

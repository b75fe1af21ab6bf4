// The room on the screen: asked for every few seconds, kept on the device for a time without a network, drawn with what waits here.

import { learned, mark, told, view } from "./model.js";

const EVERY = 5000;
const EMPTY = { rooms: [], kinds: [], now: null, scans: {} };

export class Room {
  #timer = 0;
  #left = false;
  #known;

  /** `entries()` resolves to the queue; `onChange(view)` is called with every new look at the room. */
  constructor({ api, program, entries, onChange }) {
    Object.assign(this, { api, entries, onChange, view: null });
    this.shelf = `walletpass.coats.known.${program}`;
    this.choice = `walletpass.coats.room.${program}`;
    try {
      this.#known = { ...EMPTY, ...JSON.parse(localStorage.getItem(this.shelf) ?? "{}") };
    } catch {
      this.#known = { ...EMPTY };
    }
    document.addEventListener("visibilitychange", () => document.hidden || this.look());
  }

  get rooms() {
    return this.#known.rooms;
  }

  get kinds() {
    return this.#known.kinds;
  }

  get now() {
    return this.#known.now;
  }

  /** The cloakroom that was chosen on this tablet, or the first one. */
  get chosen() {
    const id = localStorage.getItem(this.choice);
    return this.rooms.find((room) => room.id === id) ?? this.rooms[0] ?? null;
  }

  choose(id) {
    localStorage.setItem(this.choice, id);
    this.#known.now = null;
    return this.look();
  }

  /** Asks now, and again every few seconds. Resolves to the last answer. */
  async look() {
    clearTimeout(this.#timer);
    const answer = document.hidden ? { state: "hidden" } : await this.#ask();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), EVERY);
    return answer;
  }

  async #ask() {
    const rooms = await this.api.get("/coats/rooms");
    if (rooms.state !== "done") return rooms;
    Object.assign(this.#known, { rooms: rooms.data.rooms, kinds: rooms.data.kinds });
    if (this.chosen) {
      const now = await this.api.get(`/coats/room/${encodeURIComponent(this.chosen.id)}/now`);
      if (now.state !== "done") return now;
      this.#known.now = now.data;
    }
    this.#keep();
    await this.draw();
    return rooms;
  }

  /** The view anew, from what is known. */
  async draw() {
    const room = this.chosen;
    if (!room) return this.onChange(null);
    const now = this.now ?? { tickets: [], called: [], conflicts: [], due: [] };
    this.view = view({ room, now }, await this.entries().catch(() => []));
    return this.onChange(this.view);
  }

  /** What the server said of a deed, before it is asked again. */
  learn(done, name) {
    const { chosen: room, now } = this;
    if (!room || !now) return undefined;
    const next = learned({ room, now }, done, name);
    Object.assign(this.#known, { rooms: this.rooms.map((one) => (one === room ? next.room : one)), now: next.now });
    this.#keep();
    return this.draw();
  }

  /** What the server has just said of open tickets: the room was seen some seconds ago. */
  see(tickets) {
    if (this.now) {
      this.#known.now = told(this.now, tickets);
      this.#keep();
    }
    return this.draw();
  }

  /** This code stands for this ticket, as long as the ticket is open. */
  remember(code, ticket) {
    this.#known.scans[mark(code)] = ticket;
    this.#keep();
  }

  /** The open ticket of a code, as far as this device knows. */
  ticketOf(code) {
    const id = this.#known.scans[mark(code)];
    return this.view?.tickets.get(id) ?? [...(this.view?.tickets.values() ?? [])].find((one) => one.code && one.code === code) ?? null;
  }

  /** No name stays behind when somebody signs out. */
  forget() {
    this.#left = true;
    localStorage.removeItem(this.shelf);
  }

  #keep() {
    // An answer that was on its way when somebody signed out.
    if (this.#left) return;
    const open = this.view?.tickets;
    const scans = Object.entries(this.#known.scans);
    if (open && scans.length > 600) this.#known.scans = Object.fromEntries(scans.filter(([, id]) => open.has(id)));
    try {
      localStorage.setItem(this.shelf, JSON.stringify(this.#known));
    } catch {
      // A full or closed shelf: the room is known while the page stands.
    }
  }
}

// A list that keeps its elements: who stays is not drawn anew, who is new is marked, and only what must move is moved.

const FRESH = 4000; // ms that somebody new is highlighted

export class List {
  #elements = new Map();
  #texts = new Map();
  #begun = false;

  /** `draw(one, element or null)` makes the element of one, or brings it up to date. */
  constructor({ root, key, draw }) {
    Object.assign(this, { root, key, draw });
  }

  /** Shows these, in this order; returns who was not there before. */
  show(all) {
    const keys = new Set(all.map(this.key));
    for (const [key, element] of this.#elements) if (!keys.has(key)) this.#remove(key, element);
    const fresh = all.filter((one) => !this.#elements.has(this.key(one)));
    all.forEach((one, place) => this.#put(one, place));
    this.#begun = true;
    return fresh;
  }

  #put(one, place) {
    const key = this.key(one);
    const known = this.#elements.get(key) ?? null;
    const text = JSON.stringify(one);
    const element = known && this.#texts.get(key) === text ? known : this.draw(one, known);
    this.#texts.set(key, text);
    this.#elements.set(key, element);
    if (this.root.children[place] !== element) this.root.insertBefore(element, this.root.children[place] ?? null);
    if (!known && this.#begun) this.#mark(element);
  }

  #mark(element) {
    element.classList.add("fresh");
    setTimeout(() => element.classList.remove("fresh"), FRESH);
  }

  #remove(key, element) {
    element.remove();
    this.#elements.delete(key);
    this.#texts.delete(key);
  }
}

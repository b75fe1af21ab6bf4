// The worker behind the till: it keeps the page and its files for a moment without a network, and sends the queue when the tab is gone.

import { Api } from "../api.js";
import { alone } from "./locks.js";
import * as coats from "../coats/rules.js";
import { Queue } from "./queue.js";
import { Store } from "./store.js";
import { askWho } from "./who.js";

const PATIENCE = 4000; // ms that a page may take before the kept one is shown
const HEADER = "X-Walletpass-Till";

class Keeper {
  /** `screens` are the pages that open without a network: the till, and the coats. */
  constructor({ program, version, page, screens, files }) {
    Object.assign(this, { program, version, page, screens, files: new Set(files) });
    this.shelf = `walletpass.till.${program}.${version}`;
    this.pages = `walletpass.till.${program}.page`;
    this.stale = false; // whether the page that the server sent belongs to a newer version than the files kept here
  }

  async install() {
    const shelf = await caches.open(this.shelf);
    await shelf.addAll([...this.files].map((file) => new Request(file, { cache: "reload" })));
    await this.#fetchPage(new Request(await this.#open())).catch(() => null);
  }

  /** The screen's address as it is open now, with the language that was chosen. */
  async #open() {
    const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    return tabs.map(({ url }) => url).find((url) => this.screens.includes(new URL(url).pathname)) ?? this.page;
  }

  /** Forgets what older versions kept. */
  async activate() {
    const old = (await caches.keys()).filter((name) => name.startsWith(`walletpass.till.${this.program}.`));
    await Promise.all(old.filter((name) => name !== this.shelf && name !== this.pages).map((name) => caches.delete(name)));
    await self.clients.claim();
  }

  answer(event) {
    const { request } = event;
    const address = new URL(request.url);
    if (address.origin !== location.origin) return;
    if (request.mode === "navigate" && this.screens.includes(address.pathname) && request.method === "GET") {
      event.respondWith(this.#screen(request, address.pathname));
    } else if (request.mode === "navigate" && address.pathname.startsWith(`${this.page}/`)) {
      event.respondWith(this.#other(request, address));
    } else if (this.#isSignOut(address)) {
      event.respondWith(this.#signOut(request));
    } else if (request.method === "GET" && this.files.has(address.pathname)) {
      event.respondWith(this.#file(request));
    }
  }

  async #file(request) {
    const kept = await caches.match(request, { cacheName: this.shelf, ignoreSearch: true, ignoreVary: true });
    if (kept && !this.stale) return kept;
    return fetch(request, { cache: "no-cache" }).catch(() => kept ?? Response.error());
  }

  /** A screen: as the server draws it, or as it was last drawn for whoever is signed in. */
  async #screen(request, path) {
    try {
      return await this.#fetchPage(request);
    } catch {
      this.stale = false;
      const options = { cacheName: this.pages, ignoreVary: true };
      const kept = (await caches.match(request, options)) ?? (await caches.match(path, { ...options, ignoreSearch: true }));
      return kept ?? (await this.#another()) ?? this.#nothing();
    }
  }

  /** Whoever works at the coats alone opens the app at the till's address, and has the coats. */
  async #another() {
    const pages = await caches.open(this.pages);
    const [first] = await pages.keys();
    return first && pages.match(first, { ignoreVary: true });
  }

  async #fetchPage(request) {
    const response = await fetch(request, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    if (response.status >= 500) throw new Error("busy");
    const version = response.headers.get(HEADER);
    if (version) {
      this.stale = version !== this.version;
      if (!this.stale) await this.#keepPage(request.url, response.clone());
    } else {
      // Nobody is signed in any more, so no name stays here.
      await caches.delete(this.pages);
    }
    return response;
  }

  /** One page of each screen is kept: that of whoever is signed in. */
  async #keepPage(url, response) {
    const pages = await caches.open(this.pages);
    await pages.put(new Request(url), response);
    const here = new URL(url, location);
    const others = (await pages.keys()).filter((kept) => kept.url !== here.href && new URL(kept.url).pathname === here.pathname);
    await Promise.all(others.map((kept) => pages.delete(kept, { ignoreVary: true })));
  }

  /** Pages beside the till are only there with a network. */
  async #other(request, address) {
    try {
      return await (this.#isSignOut(address) ? this.#signOut(request) : fetch(request));
    } catch {
      return this.#nothing();
    }
  }

  #isSignOut({ pathname }) {
    return pathname === `${this.page}/sign-out`;
  }

  /** Puts the kept page away once the server has signed somebody out; where it did not hear of it, they are here still. */
  async #signOut(request) {
    const response = await fetch(request);
    if (response.type === "opaqueredirect" || response.ok) await caches.delete(this.pages);
    return response;
  }

  async #nothing() {
    const page = await caches.match(`${this.page}/offline`, { cacheName: this.shelf, ignoreVary: true });
    return page ?? Response.error();
  }
}

/** Puts the worker of a program to work. */
export function serve(config) {
  const keeper = new Keeper(config);
  const { program, page } = config;
  const api = new Api({ base: "/api/v1", program });
  const told = new BroadcastChannel(`walletpass.queue.${program}`);
  const onChange = () => told.postMessage("changed");
  const shared = { api, alone, who: () => askWho(page), program, onChange };
  const queues = [
    new Queue({ store: new Store(program), ...shared }),
    new Queue({ store: new Store(program, "coats"), ...shared, rules: coats, name: "coats" }),
  ];

  self.addEventListener("install", (event) => event.waitUntil(keeper.install()));
  self.addEventListener("activate", (event) => event.waitUntil(keeper.activate()));
  self.addEventListener("fetch", (event) => keeper.answer(event));
  self.addEventListener("message", (event) => event.data === "take over" && self.skipWaiting());
  self.addEventListener("sync", (event) => {
    // An error has the browser ask again later; that nobody is signed in, no waiting mends.
    const send = async () => {
      const outcomes = await Promise.all(queues.map((queue) => queue.flush()));
      if (outcomes.some((outcome) => ["offline", "busy"].includes(outcome))) throw new Error("later");
    };
    if (event.tag === `walletpass.queue.${program}`) event.waitUntil(send());
  });
}

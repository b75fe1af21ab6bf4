// One at a time among all tabs and the worker, where the browser has Web Locks; else in this tab alone, and the keys see to the rest.

const here = new Set();

/** Runs `task` unless somebody else is at the same; resolves to undefined then. A lock of a tab that dies is free at once. */
export async function alone(name, task) {
  if (navigator.locks) return navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? task() : undefined));
  if (here.has(name)) return undefined;
  here.add(name);
  try {
    return await task();
  } finally {
    here.delete(name);
  }
}

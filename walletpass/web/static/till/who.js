// Whether the server answers, and whom it sees: {staff, name, version, now, times}; null when nobody answers.

const TIMEOUT = 4000;

export async function askWho(page) {
  try {
    const response = await fetch(`${page}/who`, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    const said = response.ok ? await response.json() : null;
    return said && "staff" in said && said.now ? said : null;
  } catch {
    return null;
  }
}

const MAX_PAGES = 10;

/**
 * Reads over HTTP what became of turns that the log of a session can tell no more. What is not kept
 * stays as it is.
 *
 * @param {(method: string, path: string) => Promise<any>} api
 * @param {string} session
 * @param {import("./turn.js").Turn[]} orphans
 * @returns {Promise<import("./turn.js").Turn[]>} those that have an end now
 */
export async function recover(api, session, orphans) {
  const found = [];
  let after = "";
  try {
    for (let page = 0; page < MAX_PAGES; page++) {
      const path = `/v1/sessions/${encodeURIComponent(session)}/turns${after}`;
      const { items = [], next } = (await api("GET", path)) ?? {};
      for (const item of items) {
        const turn = orphans.find((one) => one.turn === item.id || one.id === item.message);
        if (!turn || turn.over || typeof item.finish !== "string") continue;
        turn.turn = item.id;
        turn.persona = item.persona;
        turn.origin = item.origin;
        turn.replace(String(item.answer ?? ""));
        turn.end(item.finish);
        found.push(turn);
      }
      if (typeof next !== "string") break;
      after = `?after=${encodeURIComponent(next)}`;
    }
  } catch {
    // As if they were not kept.
  }
  return found;
}

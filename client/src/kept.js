/** So many turns, safety events and answers to them are remembered. */
export const MAX_KEPT = 64;

/**
 * Puts it in as the newest; the oldest goes when there are too many.
 *
 * @template Value
 * @param {Map<string, Value>} map
 * @param {string} key
 * @param {Value} value
 */
export function remember(map, key, value) {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) break;
    map.delete(oldest);
  }
}

/**
 * What the client uses of its surroundings. Tests put time, network and chance of their own in its
 * place.
 *
 * @typedef {object} Platform
 * @property {(url: string, init: RequestInit) => Promise<Response>} fetch
 * @property {typeof WebSocket | undefined} WebSocket
 * @property {Crypto} crypto
 * @property {(run: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} now milliseconds
 * @property {() => number} random from 0, below 1
 * @property {EventTarget | undefined} window says `online` and `offline`
 * @property {EventTarget & { visibilityState?: string } | undefined} document
 * @property {{ onLine?: boolean } | undefined} navigator
 * @property {(error: unknown) => void} report what a listener of the app threw
 */

/**
 * @param {Partial<Platform>} [given]
 * @returns {Platform}
 */
export function platform(given = {}) {
  const here = globalThis;
  return {
    // Called on their owner: browsers refuse these functions otherwise.
    fetch: (url, init) => here.fetch(url, init),
    WebSocket: here.WebSocket,
    crypto: here.crypto,
    setTimeout: (run, ms) => here.setTimeout(run, ms),
    clearTimeout: (timer) => here.clearTimeout(timer),
    now: () => Date.now(),
    random: () => Math.random(),
    // Node's global object has no events.
    window: typeof here.addEventListener === "function" ? here : undefined,
    document: here.document,
    navigator: here.navigator,
    // To the program's own handler of errors, and never into this client.
    report: (error) =>
      queueMicrotask(() => {
        throw error;
      }),
    ...given,
  };
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * A fresh ULID: 48 bits of time, 80 of chance.
 *
 * @param {Platform} env
 */
export function ulid(env) {
  const random = env.crypto.getRandomValues(new Uint8Array(10));
  let bits = BigInt(env.now());
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  let id = "";
  for (let digit = 0; digit < 26; digit++, bits >>= 5n) id = CROCKFORD[Number(bits & 31n)] + id;
  return id;
}

/**
 * Tells listeners of named events.
 *
 * @template {Record<string, any>} Events
 */
export class Emitter {
  /** @type {Map<keyof Events, Set<(event: any) => unknown>>} */
  #listeners = new Map();
  #report;

  /** @param {(error: unknown) => void} report */
  constructor(report) {
    this.#report = report;
  }

  /**
   * Listens; the answer ends that.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(event: Events[Name]) => unknown} listener
   * @returns {() => void}
   */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /**
   * Whether everybody who listens has taken it, once they have; `undefined` if nobody listens.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {Events[Name]} event
   * @returns {Promise<boolean> | undefined}
   */
  emit(name, event) {
    const listeners = [...(this.#listeners.get(name) ?? [])];
    if (listeners.length === 0) return undefined;
    const taken = listeners.map(async (listener) => {
      try {
        await listener(event);
        return true;
      } catch (error) {
        this.#report(error);
        return false;
      }
    });
    return Promise.all(taken).then((all) => all.every(Boolean));
  }
}

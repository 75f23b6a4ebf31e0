import { InnerWorldError } from "./errors.js";
import { FRAME_BYTES } from "./reconnect.js";

const RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;
/** So many messages wait for `accepted`. */
const MAX_PENDING = 8;
const MAX_TRIES = 30;
/** What is retryable, but not today. */
const NOT_TODAY = new Set(["daily_limit", "spend_limit"]);

/** @typedef {import("./turn.js").Turn} Turn */

/** Messages until they are accepted: sent again under their ids, and never under others. */
export class Outbox {
  #env;
  #send;
  /** @type {Map<string, { turn: Turn, sent: boolean, tries: number }>} By message. */
  #pending = new Map();
  /** @type {unknown} */
  #retry;

  /**
   * @param {import("./platform.js").Platform} env
   * @param {(frame: object) => boolean | undefined} send `undefined` while messages are kept back
   */
  constructor(env, send) {
    this.#env = env;
    this.#send = send;
  }

  get turns() {
    return [...this.#pending.values()].map(({ turn }) => turn);
  }

  /** @param {string} id @param {Turn} turn */
  add(id, turn) {
    const frame = JSON.stringify(message(id, turn));
    // A longer text than the server answers is sent all the same: it is looked at for safety.
    if (new TextEncoder().encode(frame).length >= FRAME_BYTES) {
      turn.fail(refused("message_too_long", "This is too long."));
    } else if (this.#pending.has(id)) {
      turn.fail(refused("id_conflict", "This id is in use."));
    } else if (this.#pending.size >= MAX_PENDING) {
      turn.fail(refused("turn_busy", "Please wait.", true));
    } else {
      this.#pending.set(id, { turn, sent: false, tries: 0 });
      this.flush();
    }
  }

  /** Sends what was not sent on this connection. */
  flush() {
    for (const [id, pending] of this.#pending) {
      if (!pending.sent) pending.sent = this.#send(message(id, pending.turn)) ?? false;
    }
  }

  /** The connection is gone, and with it what was not accepted. */
  cut() {
    for (const pending of this.#pending.values()) pending.sent = false;
  }

  /** @param {string} id of a message that needs nothing more */
  take(id) {
    const turn = this.#pending.get(id)?.turn;
    this.#pending.delete(id);
    return turn;
  }

  /** @param {string | undefined} id whether it was taken back before it was sent */
  takeBack(id) {
    const pending = id === undefined ? undefined : this.#pending.get(id);
    return Boolean(pending && !pending.sent && this.#pending.delete(String(id)));
  }

  /**
   * The server refused it; whether it was one of these.
   *
   * @param {InnerWorldError} error
   */
  refused(error) {
    const id = error.ref ?? "";
    const pending = this.#pending.get(id);
    if (!pending) return false;
    pending.tries += 1;
    if (error.retryable && !NOT_TODAY.has(error.code) && pending.tries < MAX_TRIES) {
      pending.sent = false;
      const wait = Math.min(error.retryAfterMs ?? RETRY_MS, MAX_RETRY_MS);
      this.#env.clearTimeout(this.#retry);
      this.#retry = this.#env.setTimeout(() => this.flush(), wait);
    } else {
      this.#pending.delete(id);
      pending.turn.fail(error);
    }
    return true;
  }

  /** @param {InnerWorldError} why nothing more is sent */
  close(why) {
    this.#env.clearTimeout(this.#retry);
    for (const { turn } of this.#pending.values()) turn.fail(why);
    this.#pending.clear();
  }
}

/** @param {string} id @param {Turn} turn */
const message = (id, turn) => ({ type: "message", id, text: turn.message });

/** @param {string} code @param {string} sentence */
export const refused = (code, sentence, retryable = false) =>
  new InnerWorldError(code, sentence, { retryable });

/**
 * What the server would remove is removed here, so that JSON at most doubles a text; halves of
 * surrogate pairs are no text.
 *
 * @param {string} text
 */
export function clean(text) {
  const bytes = new TextEncoder().encode(text);
  const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what goes
  return whole.replace(/[\0-\x08\x0b-\x1f\x7f]/g, "");
}

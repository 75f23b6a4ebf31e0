import { remember } from "./kept.js";

/**
 * @typedef {object} Ways
 * @property {(frame: import("./types.js").SafetyFrame) => Promise<boolean> | undefined} tell whether
 *   it was shown; `undefined` if nobody can
 * @property {(frame: object) => boolean} send
 * @property {() => void} hasten heartbeats are due at another pace
 */

/**
 * Help (protocol 9): each event is shown once, and acknowledged when it was shown. Until then the
 * server sends it again.
 */
export class Help {
  /** @type {import("./types.js").SafetyFrame | undefined} What came last. */
  last;
  #ways;
  /** @type {Map<string, boolean>} Whether an event was shown. */
  #events = new Map();
  /** @type {Map<string, import("./types.js").SafetyFrame>} What nobody has shown yet. */
  #unshown = new Map();
  /** @type {Set<string>} */
  #showing = new Set();
  /** @type {Map<string, string>} Answers that could not be sent. */
  #replies = new Map();

  /** @param {Ways} ways */
  constructor(ways) {
    this.#ways = ways;
  }

  /** Whether the server still waits. */
  get isDue() {
    return [...this.#events.values()].includes(false);
  }

  /** @param {import("./types.js").SafetyFrame} frame */
  async show(frame) {
    const event = frame.event ?? "";
    if (event && this.#events.get(event)) return this.#acknowledge(event, frame);
    if (event && this.#showing.has(event)) return undefined;
    this.last = frame;
    if (event) {
      remember(this.#events, event, false);
      remember(this.#unshown, event, frame);
    }
    this.#showing.add(event);
    const shown = await this.#ways.tell(frame);
    this.#showing.delete(event);
    if (shown) this.#acknowledge(event, frame);
    else this.#ways.hasten();
    return undefined;
  }

  /** Somebody can show it now. */
  showAll() {
    for (const frame of this.#unshown.values()) void this.show(frame);
  }

  /** @param {string} event @param {import("./types.js").SafetyFrame} frame */
  #acknowledge(event, frame) {
    this.#unshown.delete(event);
    if (event) this.#events.set(event, true);
    if (event && frame.intensity !== "soft") this.#ways.send({ type: "safety.ack", event });
    this.#ways.hasten();
  }

  /** @param {string} event @param {string} choice */
  reply(event, choice) {
    const sent = this.#ways.send({ type: "safety.reply", event, choice });
    if (!sent) remember(this.#replies, event, choice);
  }

  /** Sends what could not be sent before. */
  joined() {
    const replies = [...this.#replies];
    this.#replies.clear();
    for (const [event, choice] of replies) this.reply(event, choice);
  }
}

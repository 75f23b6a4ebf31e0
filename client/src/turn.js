/** An answer is at most 12,000 bytes; a server that sends more is not believed. */
const MAX_TEXT = 65_536;

/** @param {string} text in Unicode scalar values, as the protocol counts */
export const length = (text) => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/**
 * A message and its answer, or an answer alone.
 *
 * `for await (const { text, d, replaced } of turn)` follows the answer: `text` is all of it so far,
 * `d` what is new. After `replaced` nothing that was shown before holds any more: the answer was
 * withdrawn or begun anew, and `d` is the whole text. Who reads slowly gets fewer, larger pieces.
 */
export class Turn {
  /** The answer so far. */
  text = "";
  /** `sending`, `accepted`, what the server says (`queued`, `screening`, `thinking`, …),
   * `answering`, `ended`, `failed`. */
  status = "sending";
  /** @type {string | undefined} The turn's id, once it was accepted. */
  turn;
  /** @type {string | undefined} Who speaks. */
  persona;
  /** @type {string | undefined} `model`, `offline`, `template` or `safety`. */
  origin;
  /** Made by a machine: to be marked as such. */
  aiGenerated = true;
  /** @type {import("./types.js").Finish | undefined} How the answer ended. */
  finish;
  /** @type {string | undefined} The error code of `finish: "error"`. */
  code;
  /** @type {import("./errors.js").InnerWorldError | undefined} Why there will be no answer. */
  error;

  #have = 0;
  #replacements = 0;
  #cancel;
  /** @type {Set<() => void>} */
  #readers = new Set();
  /** @type {(turn: Turn) => void} */
  #resolve = () => {};
  /** @type {(error: Error) => void} */
  #reject = () => {};

  /**
   * @param {string | undefined} id of the message
   * @param {string | undefined} message its text
   * @param {(turn: Turn) => void} cancel
   */
  constructor(id, message, cancel) {
    this.id = id;
    this.message = message;
    this.#cancel = cancel;
    /**
     * Fulfilled when the answer ended, however it did (`finish`); rejected when the message was
     * refused or there will be no answer.
     *
     * @type {Promise<Turn>}
     */
    this.done = new Promise((resolve, reject) => {
      [this.#resolve, this.#reject] = [resolve, reject];
    });
    // Who does not wait for it is not told by a crash either.
    this.done.catch(() => {});
  }

  /** Stops the answer; what came of it stays. */
  cancel() {
    if (!this.over) this.#cancel(this);
  }

  /** Whether nothing more will come. */
  get over() {
    return this.finish !== undefined || this.error !== undefined;
  }

  /** @internal Characters of the answer that are here. */
  get have() {
    return this.#have;
  }

  /**
   * The offset rule (protocol 7); false if there is a hole.
   *
   * @internal
   * @param {number} off
   * @param {string} d
   */
  add(off, d) {
    if (off > this.#have || this.text.length + d.length > MAX_TEXT) return false;
    const rest = off === this.#have ? d : [...d].slice(this.#have - off).join("");
    if (rest) {
      this.text += rest;
      this.#have += length(rest);
      this.status = "answering";
      this.#wake();
    }
    return true;
  }

  /**
   * @internal
   * @param {string} text
   */
  replace(text) {
    if (text === this.text) return;
    // What only grew is not shown anew.
    if (!text.startsWith(this.text)) this.#replacements += 1;
    this.text = text;
    this.#have = length(text);
    this.#wake();
  }

  /**
   * @internal
   * @param {import("./types.js").Finish} finish
   * @param {string} [code]
   */
  end(finish, code) {
    if (this.over) return;
    this.finish = finish;
    this.code = code;
    this.status = "ended";
    this.#resolve(this);
    this.#wake();
  }

  /**
   * @internal
   * @param {import("./errors.js").InnerWorldError} error
   */
  fail(error) {
    if (this.over) return;
    this.error = error;
    this.status = "failed";
    this.#reject(error);
    this.#wake();
  }

  #wake() {
    for (const reader of this.#readers) reader();
    this.#readers.clear();
  }

  /** @returns {AsyncGenerator<{ text: string, d: string, replaced: boolean }, void, void>} */
  async *[Symbol.asyncIterator]() {
    let [shown, replacements] = [0, this.#replacements];
    for (;;) {
      const replaced = replacements !== this.#replacements;
      if (replaced || this.text.length > shown) {
        const { text } = this;
        const d = replaced ? text : text.slice(shown);
        [shown, replacements] = [text.length, this.#replacements];
        yield { text, d, replaced };
      } else if (this.over) {
        if (this.error) throw this.error;
        return;
      } else {
        await new Promise((resolve) => this.#readers.add(() => resolve(undefined)));
      }
    }
  }
}

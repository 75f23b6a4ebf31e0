import { fromClose, InnerWorldError, notUnderstood, unreachable } from "./errors.js";

const SUBPROTOCOL = "innerworld.v1";
/** Every frame of either side is shorter. */
export const FRAME_BYTES = 32_768;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 30_000;
/** Connecting is given up after so many attempts in a row, about five minutes. */
const MAX_ATTEMPTS = 16;
/** From the first request of an attempt to `welcome`. */
const OPEN_MS = 15_000;
/** A connection that lived shorter was none: the pauses go on growing. */
const STABLE_MS = 10_000;
const PONG_MS = 10_000;
/** An answer to a ping that was sent on suspicion. */
const SUSPICION_MS = 5_000;
/** So much may wait for a network that takes nothing. */
const MAX_UNSENT_BYTES = 8 * FRAME_BYTES;
/** The longest pause that a server is believed. */
const MAX_PAUSE_MS = 600_000;

/**
 * @typedef {object} Tasks
 * @property {(signal: AbortSignal) => Promise<string>} address where to connect, with a ticket
 * @property {(signal: AbortSignal) => Promise<void>} why after a refused upgrade: fails with the reason
 * @property {() => Promise<void>} renew a fresh token
 * @property {() => void} opened says `hello`
 * @property {(frame: any) => void} frame
 * @property {(state: import("./types.js").ConnectionState, error?: InnerWorldError) => void} state
 * @property {() => number} beat what is due at every heartbeat; milliseconds to the next
 */

/** Full jitter, so that a restarted server is not met by everybody at once. */
export const backoff = (/** @type {number} */ attempt, /** @type {number} */ random) =>
  random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 10));

const noWebSocket = () =>
  new InnerWorldError(
    "no_websocket",
    "There is no WebSocket here. Node 20 has it with --experimental-websocket; or pass { WebSocket }.",
  );

/** One socket after the other, until `stop` or an error that would only come again. */
export class Link {
  /** @type {import("./types.js").ConnectionState} */
  state = "closed";
  #env;
  #tasks;
  /** @type {WebSocket | undefined} */
  #socket;
  #attempt = 0;
  #abort = new AbortController();
  #openedAt = Number.POSITIVE_INFINITY;
  #renewed = false;
  /** The server named the wait: nothing shortens it. */
  #patient = false;
  /** A pause that the server asked for. @type {number | undefined} */
  #pause;
  /** @type {import("./types.js").ErrorFrame | undefined} */
  #fatal;
  /** One timer of each kind. @type {Map<string, unknown>} */
  #timers = new Map();
  #wake = (/** @type {Event} */ event) => this.#noticed(event.type);

  /**
   * @param {import("./platform.js").Platform} env
   * @param {Tasks} tasks
   */
  constructor(env, tasks) {
    const { WebSocket } = env;
    if (!WebSocket) throw noWebSocket();
    this.#env = { ...env, WebSocket };
    this.#tasks = tasks;
  }

  start() {
    if (this.state !== "closed") return;
    this.#env.window?.addEventListener("online", this.#wake);
    this.#env.window?.addEventListener("offline", this.#wake);
    this.#env.document?.addEventListener("visibilitychange", this.#wake);
    this.#attempt = 0;
    this.#renewed = false;
    this.#connect();
  }

  /** @param {InnerWorldError} [error] why; none if it was asked for */
  stop(error) {
    if (this.state === "closed") return;
    this.#env.window?.removeEventListener("online", this.#wake);
    this.#env.window?.removeEventListener("offline", this.#wake);
    this.#env.document?.removeEventListener("visibilitychange", this.#wake);
    this.#leave();
    this.#set("closed", error);
  }

  /** Whether it was sent. A frame that is not sent is the caller's to send again. */
  send(/** @type {object} */ frame) {
    const socket = this.#socket;
    if (socket?.readyState !== 1) return false;
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
      this.#lost(unreachable());
      return false;
    }
    socket.send(JSON.stringify(frame));
    return true;
  }

  /** Gives this connection up and makes another. */
  cut(error = unreachable()) {
    if (this.#socket) this.#lost(error);
  }

  /** The session was joined. */
  joined() {
    this.#clear("open");
    this.#openedAt = this.#env.now();
    this.#renewed = false;
    this.#set("open");
    this.#plan();
  }

  /** @param {import("./types.js").ErrorFrame} frame the last word before a close */
  fatal(frame) {
    this.#fatal = frame;
    // A gateway cannot close with a code of its own, and may not close at all.
    this.#timer("leave", 2_000, () => this.#ended(1006));
  }

  /** @param {{ reason: string, after_ms: number, jitter_ms: number }} hint */
  goingAway({ reason, after_ms, jitter_ms }) {
    const pause = Math.min(after_ms + this.#env.random() * jitter_ms, MAX_PAUSE_MS);
    if (reason === "connection_age") {
      // Nobody closes it in time but this side.
      this.#timer("leave", pause, () => {
        this.#pause = 0;
        this.cut();
      });
    } else {
      // The server closes once the running answer ended.
      this.#pause = pause;
    }
  }

  /** @param {import("./types.js").ConnectionState} state @param {InnerWorldError} [error] */
  #set(state, error) {
    if (state === this.state && !error) return;
    this.state = state;
    this.#tasks.state(state, error);
  }

  /** @param {string} name @param {number} ms @param {() => void} run */
  #timer(name, ms, run) {
    this.#clear(name);
    const timer = this.#env.setTimeout(() => {
      this.#timers.delete(name);
      run();
    }, ms);
    this.#timers.set(name, timer);
  }

  /** @param {string} name */
  #clear(name) {
    this.#env.clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #leave() {
    for (const name of [...this.#timers.keys()]) this.#clear(name);
    this.#abort.abort();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#fatal = undefined;
    // What a socket says after it was left is not heard: closing may take it long.
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  async #connect() {
    this.#leave();
    this.#openedAt = Number.POSITIVE_INFINITY;
    this.#set("connecting");
    // A listener may have closed.
    if (this.state !== "connecting") return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#timer("open", OPEN_MS, () => this.#lost(unreachable()));
    try {
      const address = await this.#tasks.address(signal);
      if (!signal.aborted) this.#open(address, signal);
    } catch (error) {
      if (!signal.aborted) await this.#failed(error);
    }
  }

  /** @param {string} address @param {AbortSignal} signal */
  #open(address, signal) {
    const socket = new this.#env.WebSocket(address, SUBPROTOCOL);
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#tasks.opened();
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    let refused = false;
    const ended = async (/** @type {number} */ code) => {
      if (opened) return this.#ended(code);
      if (refused || signal.aborted) return undefined;
      refused = true;
      try {
        // Why an upgrade was refused is not shown to a page.
        await this.#tasks.why(signal);
        if (!signal.aborted) this.#lost(unreachable());
      } catch (error) {
        if (!signal.aborted) await this.#failed(error);
      }
      return undefined;
    };
    socket.onclose = ({ code }) => ended(code);
    // Node 20 says an error where others close; after the opening a close follows everywhere.
    socket.onerror = () => void (opened || ended(1006));
  }

  /** @param {unknown} data */
  #receive(data) {
    let frame;
    try {
      // No frame that is shorter in bytes has more characters.
      if (typeof data === "string" && data.length < FRAME_BYTES) frame = JSON.parse(data);
    } catch {
      // As one that is too long.
    }
    if (!frame || typeof frame !== "object") return this.cut(notUnderstood());
    this.#clear("deadline");
    this.#tasks.frame(frame);
  }

  /** @param {number} code */
  #ended(code) {
    const fatal = this.#fatal;
    if (code === 1000 && !fatal) return this.stop();
    return this.#failed(fromClose(code, fatal));
  }

  /** @param {any} error */
  async #failed(error) {
    const wantsToken = /^token_/.test(error?.code);
    if (!wantsToken || this.#renewed) return this.#lost(error);
    // Once: a server that refuses a fresh token will not take the next one.
    this.#renewed = true;
    this.#leave();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#set("connecting");
    try {
      await this.#tasks.renew();
      if (!signal.aborted) this.#lost(unreachable(), 0);
    } catch (cause) {
      if (!signal.aborted) this.#lost(cause);
    }
  }

  /** @param {any} error @param {number} [soon] */
  #lost(error, soon) {
    if (this.#env.now() - this.#openedAt >= STABLE_MS) this.#attempt = 0;
    const asked = this.#pause ?? error?.retryAfterMs;
    this.#pause = undefined;
    this.#leave();
    if (!(error instanceof InnerWorldError) || !error.retryable || this.#attempt >= MAX_ATTEMPTS) {
      return this.stop(error instanceof InnerWorldError ? error : unreachable(error));
    }
    // Without a network an attempt would only be lost; `online` ends this wait. Some machines never
    // say that they are online: now and then it is tried all the same.
    const offline = this.#env.navigator?.onLine === false;
    const pause = offline ? BACKOFF_CAP_MS : (soon ?? backoff(this.#attempt, this.#env.random()));
    if (!offline) this.#attempt += 1;
    this.#patient = asked !== undefined;
    const wait = Math.min(asked ?? pause, MAX_PAUSE_MS);
    this.#timer("wait", wait, () => void this.#connect());
    this.#set(offline ? "offline" : "waiting", error);
    return undefined;
  }

  /** @param {string} type of an event of the browser */
  #noticed(type) {
    const hidden = this.#env.document?.visibilityState === "hidden";
    if (type === "visibilitychange" && hidden) return;
    // An open socket stays open when the network goes, and when it sleeps: only an answer tells.
    if (this.state === "open") this.#ping(SUSPICION_MS);
    else if (type === "offline") return;
    else if (this.state === "offline" || (this.state === "waiting" && !this.#patient)) {
      void this.#connect();
    }
  }

  /** @param {number} ms to wait for an answer */
  #ping(ms) {
    if (this.send({ type: "ping" })) this.#timer("deadline", ms, () => this.cut());
  }

  /** Sets the next heartbeat; again whenever it may be due earlier. */
  #plan() {
    this.#timer("beat", this.#tasks.beat(), () => {
      this.#ping(PONG_MS);
      if (this.#socket) this.#plan();
    });
  }

  /** The time to the next heartbeat became another. */
  hasten() {
    if (this.state === "open") this.#plan();
  }
}

import { closed, fromFrame, InnerWorldError } from "./errors.js";
import { Emitter, ulid } from "./platform.js";
import { FRAME_BYTES, Link } from "./reconnect.js";
import { Turn } from "./turn.js";
import { isKnown } from "./types.js";

export const VERSION = "0.1.0";

/** A repeated `hello` on one connection is refused more often than this. */
const RESYNC_MS = 5_000;
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;
const TYPING_MS = 2_000;
/** Pings go at least this often while help was not acknowledged (protocol 12). */
const SAFETY_BEAT_MS = 60_000;
/** Room left over for a token that is renewed at a heartbeat. */
const TOKEN_MARGIN_MS = 60_000;
/** So many messages wait for `accepted`. */
const MAX_PENDING = 8;
const MAX_TRIES = 30;
/** After so many answers whose length never fitted, the server is believed. */
const MAX_MISFITS = 3;
/** So many turns, and so many safety events, are remembered. */
const MAX_KEPT = 64;
const MAX_PAGES = 10;
/** What is retryable, but not today. */
const NOT_TODAY = new Set(["daily_limit", "spend_limit"]);

/**
 * @typedef {object} ConnectOptions
 * @property {string} [persona] whom to talk with
 * @property {string} [locale]
 * @property {string} [country] a setting, never guessed: it picks who can help
 * @property {number} [rollupMs] how often pieces of an answer may come, 0 to 500
 * @property {(disclosure: import("./types.js").Disclosure) => boolean | Promise<boolean>} [disclosure]
 *   shows the disclosure, where it must be accepted; whether it was
 * @property {{ name: string, version: string }} [client]
 *
 * @typedef {object} Connection what a session stands on
 * @property {import("./platform.js").Platform} env
 * @property {import("./auth.js").Auth} auth
 * @property {(method: string, path: string, more?: { signal?: AbortSignal }) => Promise<any>} api
 * @property {string} socketUrl
 *
 * @typedef {{ turn: Turn, sent: boolean, tries: number }} Pending
 */

/**
 * A talk, over a socket that may break.
 *
 * @extends {Emitter<import("./types.js").SessionEvents>}
 */
export class Session extends Emitter {
  /** @type {string | undefined} */
  id;
  /** @type {string | undefined} Whom one talks with. */
  persona;
  /** @type {import("./types.js").Disclosure | undefined} */
  disclosure;
  /** @type {"disclosure" | "persona" | undefined} What must be done before messages are taken. */
  needs;
  /** @type {import("./types.js").SafetyFrame | undefined} The help that was shown last. */
  safety;
  /** @type {import("./types.js").Welcome | undefined} What the server said last of itself. */
  welcome;
  /** Seconds left today, when it was told last. */
  remainingS = 0;
  resetsAt = "";
  /** @type {import("./types.js").SessionEnded | undefined} */
  ended;

  #env;
  #auth;
  #api;
  #options;
  #link;
  #epoch = "";
  #seq = 0;
  /** @type {Map<string, Turn>} By turn, the newest last. */
  #turns = new Map();
  /** @type {Turn | undefined} */
  #open;
  /** @type {Map<string, Pending>} By message. */
  #pending = new Map();
  #misfits = 0;
  /** `hello` is on its way: what comes before the answer belongs to the old position. */
  #waiting = true;
  #helloAt = Number.NEGATIVE_INFINITY;
  /** Messages are kept back: a persona is being chosen, or a lost session looked through. */
  #held = 0;
  #joined = false;
  /** @type {string | undefined} The version of the disclosure that was accepted here. */
  #accepted;
  #asking = false;
  /** @type {string | undefined} */
  #wanted;
  /** @type {{ resolve: () => void, reject: (error: Error) => void } | undefined} */
  #choice;
  /** @type {Map<string, boolean>} Safety events; whether they were shown. */
  #events = new Map();
  /** @type {Map<string, import("./types.js").SafetyFrame>} Help that nobody has shown yet. */
  #unshown = new Map();
  /** @type {Map<string, string>} Answers to help that could not be sent. */
  #replies = new Map();
  #ending = false;
  /** @type {unknown} */
  #retry;
  #typedAt = Number.NEGATIVE_INFINITY;
  /** @type {{ resolve: (session: Session) => void, reject: (error: Error) => void } | undefined} */
  #opening;

  /**
   * @param {Connection} connection
   * @param {ConnectOptions} options
   */
  constructor({ env, auth, api, socketUrl }, options) {
    super(env.report);
    this.#env = env;
    this.#auth = auth;
    this.#api = api;
    this.#options = options;
    this.#wanted = options.persona;
    const ticket = async (/** @type {AbortSignal} */ signal) => {
      const answer = await api("POST", "/v1/tickets", { signal });
      return `${socketUrl}?ticket=${encodeURIComponent(String(answer?.ticket))}`;
    };
    this.#link = new Link(env, {
      address: ticket,
      why: async (signal) => {
        await ticket(signal);
        // A ticket says nothing of profile and consents: the account does.
        const { state } = (await api("GET", "/v1/me", { signal })) ?? {};
        if (state === "closed") throw new InnerWorldError("forbidden", "This account is closed.");
        if (state && state !== "active") {
          throw new InnerWorldError(state, "Please complete your profile and consents first.");
        }
      },
      renew: () => auth.refresh(),
      opened: () => this.#hello(),
      frame: (frame) => this.#frame(frame),
      state: (state, error) => this.#changed(state, error),
      beat: () => this.#beat(),
    });
  }

  /** @internal */
  open() {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#link.start();
    });
  }

  /** `connecting`, `open`, `waiting` for another try, `offline`, `closed`. */
  get state() {
    return this.#link.state;
  }

  /** The newest turns that are known here, oldest first. */
  get turns() {
    return [...this.#turns.values()];
  }

  /**
   * Listens; the answer ends that. Help that nobody has shown yet follows at once.
   *
   * @template {keyof import("./types.js").SessionEvents} Name
   * @param {Name} name
   * @param {(event: import("./types.js").SessionEvents[Name]) => unknown} listener
   */
  on(name, listener) {
    const off = super.on(name, listener);
    // After this returned: the listener may want to take itself away.
    if (name === "safety") {
      for (const frame of this.#unshown.values()) queueMicrotask(() => void this.#show(frame));
    }
    return off;
  }

  /**
   * Sends a message. It is sent again under its id until it was accepted, and never under another.
   *
   * @param {string} text
   * @param {{ id?: string }} [more] the id of a message that was given up, to try the same again
   */
  send(text, { id = ulid(this.#env) } = {}) {
    const said = clean(text);
    const turn = new Turn(id, said, (one) => this.#cancel(one));
    const bytes = new TextEncoder().encode(JSON.stringify(message(id, said))).length;
    if (this.state === "closed") turn.fail(closed());
    // A longer text than the server answers is sent all the same: it is looked at for safety.
    else if (bytes >= FRAME_BYTES) turn.fail(refused("message_too_long", "This is too long."));
    else if (this.#pending.has(id)) turn.fail(refused("id_conflict", "This id is in use."));
    else if (this.#pending.size >= MAX_PENDING)
      turn.fail(refused("turn_busy", "Please wait.", true));
    else {
      this.#pending.set(id, { turn, sent: false, tries: 0 });
      this.#flush();
    }
    return turn;
  }

  /** The disclosure was shown and accepted. */
  acceptDisclosure() {
    this.#accepted = this.disclosure?.version;
    this.#greet();
  }

  /**
   * Chooses a persona, between two turns.
   *
   * @param {string} persona
   * @returns {Promise<void>} once it was chosen
   */
  choose(persona) {
    this.#choice?.reject(closed());
    if (this.state === "closed") return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      if (!this.#choice) this.#held += 1;
      this.#choice = { resolve, reject };
      this.#wanted = persona;
      this.needs = undefined;
      if (this.#joined) this.#link.send({ type: "persona.choose", persona });
    });
  }

  /** The teen is typing: defers the idle end. */
  typing() {
    const now = this.#env.now();
    if (now - this.#typedAt < TYPING_MS) return;
    this.#typedAt = now;
    this.#link.send({ type: "typing" });
  }

  /**
   * Answers help with one of its choices.
   *
   * @param {string} event
   * @param {string} choice
   */
  reply(event, choice) {
    const sent = this.#joined && this.#link.send({ type: "safety.reply", event, choice });
    if (!sent) remember(this.#replies, event, choice);
  }

  /**
   * Ends the session. Fulfilled when it ended, with what it came to.
   *
   * @param {string} [reason] a word of the app's own
   * @returns {Promise<import("./types.js").SessionEnded>}
   */
  end(reason) {
    if (this.ended) return Promise.resolve(this.ended);
    if (this.state === "closed") return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const over = [
        this.on("ended", (frame) => {
          for (const off of over) off();
          resolve(frame);
        }),
        this.on("state", ({ state, error }) => {
          if (state !== "closed") return;
          for (const off of over) off();
          reject(error ?? closed());
        }),
      ];
      this.#ending = true;
      if (this.#joined) this.#link.send({ type: "session.end", reason });
    });
  }

  /** Leaves; the session itself goes on for a while, and `connect` joins it again. */
  close() {
    this.#link.stop();
  }

  /** Connects again after it was given up, or was taken over by another device or tab. */
  reconnect() {
    if (this.ended) return;
    this.#link.start();
  }

  // --- the connection

  /** @param {import("./types.js").ConnectionState} state @param {InnerWorldError} [error] */
  #changed(state, error) {
    if (state !== "open") this.#joined = false;
    for (const pending of this.#pending.values()) if (state !== "open") pending.sent = false;
    if (state === "closed") this.#over(error);
    else if (this.ended && state !== "open") return this.#link.stop();
    void this.emit("state", { state, error });
  }

  /** @param {InnerWorldError} [error] */
  #over(error) {
    this.#env.clearTimeout(this.#retry);
    const why = error ?? (this.ended ? refused("session_ended", "This talk has ended.") : closed());
    for (const { turn } of this.#pending.values()) turn.fail(why);
    for (const turn of this.#turns.values()) turn.fail(why);
    this.#pending.clear();
    this.#open = undefined;
    this.#chosen(why);
    this.#opening?.reject(why);
    this.#opening = undefined;
  }

  #hello() {
    const { locale = "en-US", country, rollupMs, client } = this.#options;
    this.#waiting = true;
    this.#helloAt = this.#env.now();
    this.#link.send({
      type: "hello",
      protocol: 1,
      client: client ?? { name: "innerworld-js", version: VERSION },
      session: this.id,
      last: this.#epoch
        ? { epoch: this.#epoch, seq: this.#seq, turn: this.#open?.turn, off: this.#open?.have }
        : undefined,
      rollup_ms: rollupMs,
      locale,
      country,
    });
  }

  /** The text has a hole: `hello` again here, or on a new connection if that is too soon. */
  #resync() {
    if (this.#env.now() - this.#helloAt < RESYNC_MS) this.#link.cut();
    else this.#hello();
  }

  #beat() {
    const beat = Math.min(Math.max(this.welcome?.heartbeat_ms ?? 0, 1_000), 600_000);
    if (this.#auth.endsWithin(beat + TOKEN_MARGIN_MS)) void this.#renew();
    return this.#unacknowledged ? Math.min(beat, SAFETY_BEAT_MS) : beat;
  }

  get #unacknowledged() {
    return [...this.#events.values()].includes(false);
  }

  /** Shows the server a fresh token before the old one ends. */
  async #renew() {
    try {
      await this.#auth.refresh();
      const token = await this.#auth.token();
      if (this.#joined) this.#link.send({ type: "auth", token });
    } catch (error) {
      // Signed out elsewhere. Everything else is tried again at the next heartbeat.
      if (error instanceof InnerWorldError && error.code === "signed_out") this.#link.stop(error);
    }
  }

  // --- frames

  /** @param {any} frame */
  #frame(frame) {
    if (frame.type !== "batch") {
      this.#one(frame);
      return;
    }
    if (!isKnown(frame)) return;
    for (const one of frame.frames.slice(0, 16)) if (one?.type !== "batch") this.#one(one);
  }

  /** @param {any} frame */
  #one(frame) {
    if (this.state === "closed") return;
    if (isKnown(frame)) this.#known(frame);
    void this.emit("frame", frame);
  }

  /** @param {any} frame */
  #known(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#join(frame);
      case "safety.crisis":
      case "safety.checkin":
        this.#seq = Math.max(this.#seq, frame.seq);
        return void this.#show(frame);
      case "error":
        return this.#error(frame);
      case "going_away":
        return this.#link.goingAway(frame);
    }
    if (this.#waiting) return undefined;
    switch (frame.type) {
      case "accepted":
        this.#seq = Math.max(this.#seq, frame.seq);
        return this.#taken(frame);
      case "turn.delta":
        return this.#delta(frame);
      case "turn.snapshot":
        return this.#turns.get(frame.turn)?.over
          ? undefined
          : this.#turn(frame).replace(frame.text);
      case "turn.status": {
        const turn = this.#turns.get(frame.turn);
        if (turn && !turn.over) turn.status = frame.status;
        return undefined;
      }
      case "auth.expiring":
        return void this.#renew();
    }
    if (frame.seq === undefined || frame.seq <= this.#seq) return undefined;
    if (frame.type === "turn.end") return this.#end(frame);
    this.#seq = frame.seq;
    return this.#numbered(frame);
  }

  /** @param {any} frame a sequenced one that was not seen before */
  #numbered(frame) {
    switch (frame.type) {
      case "disclosure":
        this.disclosure = frame;
        void this.emit("disclosure", frame);
        return this.#greet();
      case "persona.chosen":
        this.persona = frame.persona;
        this.needs = undefined;
        if (this.welcome?.state === "greeting") this.welcome.state = "active";
        void this.emit("persona", frame);
        this.#chosen();
        return this.#settle();
      case "turn.start": {
        const turn = this.#turn(frame);
        turn.id ??= frame.id ?? undefined;
        turn.persona = frame.persona;
        turn.origin = frame.origin;
        turn.aiGenerated = frame.ai_generated !== false;
        this.#open = turn;
        return undefined;
      }
      case "turn.reset":
        return this.#turn(frame).replace("");
      case "session.time":
        this.#time(frame);
        return void this.emit("time", frame);
      case "session.ended":
        this.ended = frame;
        this.remainingS = frame.remaining_s ?? this.remainingS;
        return void this.emit("ended", frame);
      case "notice":
        return void this.emit("notice", frame);
      case "memory.updated":
        return void this.emit("memory", frame);
      case "safety.state":
        return void this.emit("safetyState", frame);
    }
    return undefined;
  }

  /** @param {{ remaining_s: number, resets_at: string }} frame */
  #time(frame) {
    this.remainingS = frame.remaining_s;
    this.resetsAt = frame.resets_at;
  }

  /** @param {import("./types.js").Welcome} welcome */
  #join(welcome) {
    const before = this.id;
    this.#waiting = false;
    this.#joined = true;
    this.welcome = welcome;
    this.id = welcome.session;
    this.#epoch = welcome.epoch;
    this.persona = welcome.persona ?? this.persona;
    this.#time(welcome);
    /** @type {Turn[]} */
    let orphans = [];
    if (welcome.resumed === "snapshot") {
      this.#seq = welcome.seq;
      orphans = this.turns.filter((turn) => !turn.over && turn.turn !== welcome.open_turn);
      this.#open = welcome.open_turn ? this.#turn({ turn: welcome.open_turn }) : undefined;
    } else if (welcome.resumed !== "full") {
      this.#seq = 0;
      this.#open = undefined;
      if (welcome.resumed === "lost" && before) {
        orphans = [...this.turns, ...this.#waitingTurns()].filter((turn) => !turn.over);
        this.#turns.clear();
        this.#wanted = this.persona ?? this.#wanted;
        this.needs = undefined;
        void this.emit("lost", { session: before });
      }
    }
    if (before && orphans.length > 0) void this.#recover(before, orphans, welcome.resumed);
    this.#link.joined();
    for (const [event, choice] of this.#replies) {
      if (this.#link.send({ type: "safety.reply", event, choice })) this.#replies.delete(event);
    }
    if (this.#ending) this.#link.send({ type: "session.end" });
    if (welcome.state === "greeting") {
      // After a resume the disclosure does not come again: what followed from it may have been lost.
      if (welcome.resumed === "full") this.#greet();
      return;
    }
    this.needs = undefined;
    this.#chooseWanted(welcome);
    this.#settle();
    this.#flush();
  }

  /** A session that goes on with somebody else, or a choice that was lost on its way. */
  #chooseWanted(/** @type {import("./types.js").Welcome} */ welcome) {
    if (this.#choice && this.#wanted) {
      if (this.#wanted === welcome.persona) this.#chosen();
      else this.#link.send({ type: "persona.choose", persona: this.#wanted });
    } else if (this.#opening && this.#wanted && this.#wanted !== welcome.persona) {
      void this.choose(this.#wanted).catch((error) => this.emit("error", error));
    }
  }

  #waitingTurns() {
    return [...this.#pending.values()].map(({ turn }) => turn);
  }

  /** What a new session needs before messages: the disclosure accepted, a persona chosen. */
  #greet() {
    const { disclosure } = this;
    if (!disclosure || !this.#joined || this.welcome?.state !== "greeting" || this.#asking) return;
    if (disclosure.ack_required) {
      if (this.#accepted !== disclosure.version) return void this.#ask(disclosure);
      this.#link.send({ type: "disclosure.ack", version: disclosure.version });
    }
    if (this.#choice) this.#link.send({ type: "persona.choose", persona: this.#wanted });
    else if (this.#wanted) {
      this.choose(this.#wanted).catch((error) => {
        this.needs = "persona";
        if (this.#opening) this.#link.stop(error);
        else this.#flush();
      });
    } else this.#need("persona");
  }

  /** @param {import("./types.js").Disclosure} disclosure */
  async #ask(disclosure) {
    const show = this.#options.disclosure;
    if (!show) return this.#need("disclosure");
    this.#asking = true;
    let accepted = false;
    try {
      accepted = await show(disclosure);
    } finally {
      this.#asking = false;
      if (accepted) this.acceptDisclosure();
      else this.#link.stop(refused("disclosure_required", "The notice was not accepted."));
    }
  }

  /** @param {"disclosure" | "persona"} what */
  #need(what) {
    this.needs = what;
    this.#settle();
    this.#flush();
  }

  #settle() {
    this.#opening?.resolve(this);
    this.#opening = undefined;
  }

  /** @param {Error} [error] */
  #chosen(error) {
    const choice = this.#choice;
    this.#choice = undefined;
    if (!choice) return;
    this.#held -= 1;
    if (error) choice.reject(error);
    else choice.resolve();
    this.#flush();
  }

  // --- turns

  /** Sends what was not sent on this connection. */
  #flush() {
    if (!this.#joined || this.#held > 0) return;
    if (this.welcome?.state === "greeting" && !this.needs) return;
    for (const [id, pending] of this.#pending) {
      if (!pending.sent) pending.sent = this.#link.send(message(id, pending.turn.message));
    }
  }

  /** @param {{ id: string, turn: string }} frame */
  #taken({ id, turn }) {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    pending.turn.turn = turn;
    if (pending.turn.status === "sending") pending.turn.status = "accepted";
    this.#keep(turn, pending.turn);
  }

  /** @param {string} id @param {Turn} turn */
  #keep(id, turn) {
    this.#turns.set(id, turn);
    for (const [old, one] of this.#turns) {
      if (this.#turns.size <= MAX_KEPT) break;
      if (one.over || this.#turns.size > 2 * MAX_KEPT) this.#turns.delete(old);
    }
  }

  /** @param {{ turn: string, id?: string }} frame the turn it is about, which may be new here */
  #turn(frame) {
    if (frame.id) this.#taken({ id: frame.id, turn: frame.turn });
    let turn = this.#turns.get(frame.turn);
    if (!turn) {
      turn = new Turn(frame.id, undefined, (one) => this.#cancel(one));
      turn.turn = frame.turn;
      turn.status = "accepted";
      this.#keep(frame.turn, turn);
      void this.emit("turn", turn);
    }
    return turn;
  }

  /** @param {{ turn: string, off: number, d: string }} frame */
  #delta(frame) {
    const turn = this.#turn(frame);
    if (turn.over) return;
    this.#open = turn;
    if (!turn.add(frame.off, frame.d)) this.#resync();
  }

  /** @param {{ seq: number, turn: string, finish: import("./types.js").Finish, len: number, code?: string }} frame */
  #end(frame) {
    const turn = this.#turn(frame);
    if (!turn.over && turn.have !== frame.len && this.#misfits < MAX_MISFITS) {
      // The number is not taken over: a resume brings the end again, with its text.
      this.#misfits += 1;
      this.#open = turn;
      return this.#resync();
    }
    this.#misfits = 0;
    this.#seq = frame.seq;
    if (this.#open === turn) this.#open = undefined;
    turn.end(frame.finish, frame.code);
    // What was refused because of this turn may be taken now.
    return this.#flush();
  }

  /** @param {Turn} turn */
  #cancel(turn) {
    const pending = turn.id === undefined ? undefined : this.#pending.get(turn.id);
    if (turn.turn) this.#link.send({ type: "cancel", turn: turn.turn });
    else if (pending && !pending.sent) {
      this.#pending.delete(String(turn.id));
      turn.end("cancelled");
    }
  }

  /** @param {import("./types.js").ErrorFrame} frame */
  #error(frame) {
    const error = fromFrame(frame);
    if (frame.fatal) this.#link.fatal(frame);
    const pending = frame.ref ? this.#pending.get(frame.ref) : undefined;
    if (pending) this.#refused(String(frame.ref), pending, error);
    else if (!frame.fatal && !frame.ref) this.#chosen(error);
    void this.emit("error", error);
  }

  /** @param {string} id @param {Pending} pending @param {InnerWorldError} error */
  #refused(id, pending, error) {
    pending.tries += 1;
    if (error.retryable && !NOT_TODAY.has(error.code) && pending.tries < MAX_TRIES) {
      pending.sent = false;
      const wait = Math.min(error.retryAfterMs ?? RETRY_MS, MAX_RETRY_MS);
      this.#env.clearTimeout(this.#retry);
      this.#retry = this.#env.setTimeout(() => this.#flush(), wait);
    } else {
      this.#pending.delete(id);
      pending.turn.fail(error);
    }
  }

  /**
   * Reads over HTTP what became of turns that the log can tell no more, so that no message is sent
   * again that was taken.
   *
   * @param {string} session
   * @param {Turn[]} orphans
   * @param {string} resumed
   */
  async #recover(session, orphans, resumed) {
    this.#held += 1;
    try {
      let after = "";
      for (let page = 0; page < MAX_PAGES; page++) {
        const path = `/v1/sessions/${encodeURIComponent(session)}/turns${after}`;
        const { items = [], next } = (await this.#api("GET", path)) ?? {};
        for (const item of items) {
          const turn = orphans.find((one) => one.turn === item.id || one.id === item.message);
          if (!turn || turn.over || typeof item.finish !== "string") continue;
          turn.turn = item.id;
          turn.persona = item.persona;
          turn.origin = item.origin;
          turn.replace(String(item.answer ?? ""));
          turn.end(item.finish);
          if (turn.id) this.#pending.delete(turn.id);
        }
        if (typeof next !== "string" || this.state === "closed") break;
        after = `?after=${encodeURIComponent(next)}`;
      }
    } catch {
      // Nothing is known of them then, as if they were not kept.
    }
    this.#held -= 1;
    if (resumed === "lost") {
      const why = refused("session_ended", "This talk has ended before the answer.");
      for (const turn of orphans) if (turn.turn) turn.fail(why);
    }
    this.#flush();
  }

  // --- safety

  /**
   * Shows help, once, and acknowledges it when it was shown: until then the server sends it again.
   *
   * @param {import("./types.js").SafetyFrame} frame
   */
  async #show(frame) {
    const event = frame.event ?? "";
    const acknowledge = () => {
      this.#unshown.delete(event);
      if (event) this.#events.set(event, true);
      if (event && frame.intensity !== "soft") this.#link.send({ type: "safety.ack", event });
      this.#link.hasten();
    };
    if (event && this.#events.get(event)) return acknowledge();
    if (event && this.#showing.has(event)) return undefined;
    this.safety = frame;
    if (event) {
      remember(this.#events, event, false);
      remember(this.#unshown, event, frame);
    }
    this.#showing.add(event);
    const taken = await this.emit("safety", frame);
    this.#showing.delete(event);
    if (taken) acknowledge();
    else this.#link.hasten();
    return undefined;
  }

  /** @type {Set<string>} */
  #showing = new Set();
}

/**
 * @template Value
 * @param {Map<string, Value>} map
 * @param {string} key
 * @param {Value} value
 */
function remember(map, key, value) {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) break;
    map.delete(oldest);
  }
}

/** @param {string} id @param {string | undefined} text */
const message = (id, text) => ({ type: "message", id, text });

/** @param {string} code @param {string} sentence */
const refused = (code, sentence, retryable = false) =>
  new InnerWorldError(code, sentence, { retryable });

/**
 * What the server would remove is removed here, so that JSON at most doubles a text; halves of
 * surrogate pairs are no text.
 *
 * @param {string} text
 */
function clean(text) {
  const bytes = new TextEncoder().encode(text);
  const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what goes
  return whole.replace(/[\0-\x08\x0b-\x1f\x7f]/g, "");
}

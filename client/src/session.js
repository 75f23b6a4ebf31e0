import { closed, fromFrame, InnerWorldError } from "./errors.js";
import { Help } from "./help.js";
import { MAX_KEPT } from "./kept.js";
import { clean, Outbox, refused } from "./outbox.js";
import { Emitter, ulid } from "./platform.js";
import { Link } from "./reconnect.js";
import { recover } from "./recover.js";
import { Turn } from "./turn.js";
import { isKnown } from "./types.js";

export const VERSION = "0.1.0";

/** A repeated `hello` on one connection is refused more often than this. */
const RESYNC_MS = 5_000;
const TYPING_MS = 2_000;
/** Pings go at least this often while help was not acknowledged (protocol 12). */
const SAFETY_BEAT_MS = 60_000;
/** Room left over for a token that is renewed at a heartbeat. */
const TOKEN_MARGIN_MS = 60_000;
/** After so many answers whose length never fitted, the server is believed. */
const MAX_MISFITS = 3;

/**
 * @typedef {object} ConnectOptions
 * @property {string} [persona] whom to talk with
 * @property {string} [locale]
 * @property {string} [country] a setting, never guessed: it picks who can help
 * @property {number} [rollupMs] how often pieces of an answer may come, 0 to 500
 * @property {(disclosure: import("./types.js").Disclosure) => boolean | Promise<boolean>} [disclosure]
 *   shows the disclosure, where it must be accepted; whether it was
 * @property {{ [Name in keyof import("./types.js").SessionEvents]?:
 *   (event: import("./types.js").SessionEvents[Name]) => unknown }} [on] listeners from the start on,
 *   for what happens before `connect` is fulfilled
 * @property {{ name: string, version: string }} [client]
 *
 * @typedef {object} Connection what a session stands on
 * @property {import("./platform.js").Platform} env
 * @property {import("./auth.js").Auth} auth
 * @property {(method: string, path: string, more?: { signal?: AbortSignal }) => Promise<any>} api
 * @property {string} socketUrl
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
  #outbox;
  #help;
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
  #ending = false;
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
    for (const [name, listener] of Object.entries(options.on ?? {})) {
      this.on(/** @type {any} */ (name), listener);
    }
    this.#outbox = new Outbox(env, (frame) => this.#mayTalk() && this.#link.send(frame));
    this.#help = new Help({
      tell: (frame) => this.emit("safety", frame),
      send: (frame) => this.#joined && this.#link.send(frame),
      hasten: () => this.#link.hasten(),
    });
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

  /** The help that came last. */
  get safety() {
    return this.#help.last;
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
    if (name === "safety") queueMicrotask(() => this.#help.showAll());
    return off;
  }

  /**
   * Sends a message. It is sent again under its id until it was accepted, and never under another.
   *
   * @param {string} text
   * @param {{ id?: string }} [more] the id of a message that was given up, to try the same again
   */
  send(text, { id = ulid(this.#env) } = {}) {
    const turn = new Turn(id, clean(text), (one) => this.#cancel(one));
    if (this.state === "closed") turn.fail(closed());
    else this.#outbox.add(id, turn);
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
    this.#help.reply(event, choice);
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
    if (state !== "open") {
      this.#joined = false;
      this.#outbox.cut();
    }
    if (state === "closed") this.#over(error);
    else if (this.ended && state !== "open") return this.#link.stop();
    void this.emit("state", { state, error });
  }

  /** @param {InnerWorldError} [error] */
  #over(error) {
    const why = error ?? (this.ended ? refused("session_ended", "This talk has ended.") : closed());
    this.#outbox.close(why);
    for (const turn of this.#turns.values()) turn.fail(why);
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
    return this.#help.isDue ? Math.min(beat, SAFETY_BEAT_MS) : beat;
  }

  /** Shows the server a fresh token before the old one ends. */
  async #renew() {
    try {
      await this.#auth.refresh();
      const token = await this.#auth.token();
      if (this.#joined) this.#link.send({ type: "auth", token });
    } catch (error) {
      // Signed out elsewhere. Everything else is tried again at the next heartbeat, and without a
      // token for it the server says when it is over.
      if (error instanceof InnerWorldError && !this.#auth.signedIn) this.#link.stop(error);
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
        return void this.#help.show(frame);
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
        orphans = [...this.turns, ...this.#outbox.turns].filter((turn) => !turn.over);
        this.#turns.clear();
        this.#wanted = this.persona ?? this.#wanted;
        this.needs = undefined;
        void this.emit("lost", { session: before });
      }
    }
    if (before && orphans.length > 0) void this.#recover(before, orphans, welcome.resumed);
    this.#link.joined();
    this.#help.joined();
    if (this.#ending) this.#link.send({ type: "session.end" });
    if (welcome.state === "greeting") {
      // After a resume the disclosure does not come again: what followed from it may have been lost.
      if (welcome.resumed === "full") this.#greet();
      return;
    }
    this.needs = undefined;
    this.#chooseWanted(welcome);
    this.#settle();
    this.#outbox.flush();
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
        else this.#outbox.flush();
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
    this.#outbox.flush();
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
    this.#outbox.flush();
  }

  // --- turns

  /** Whether messages are for the server now: not while a persona is chosen for them. */
  #mayTalk() {
    return this.#joined && this.#held === 0 && (this.welcome?.state !== "greeting" || !!this.needs);
  }

  /** @param {{ id: string, turn: string }} frame */
  #taken({ id, turn }) {
    const message = this.#outbox.take(id);
    if (!message) return;
    message.turn = turn;
    if (message.status === "sending") message.status = "accepted";
    this.#keep(turn, message);
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
    return this.#outbox.flush();
  }

  /** @param {Turn} turn */
  #cancel(turn) {
    if (turn.turn) this.#link.send({ type: "cancel", turn: turn.turn });
    else if (this.#outbox.takeBack(turn.id)) turn.end("cancelled");
  }

  /** @param {import("./types.js").ErrorFrame} frame */
  #error(frame) {
    const error = fromFrame(frame);
    if (frame.fatal) this.#link.fatal(frame);
    if (!this.#outbox.refused(error) && !frame.fatal && !frame.ref) this.#chosen(error);
    void this.emit("error", error);
  }

  /**
   * Looks up what became of turns that the log can tell no more, so that no message is sent again
   * that was taken.
   *
   * @param {string} session
   * @param {Turn[]} orphans
   * @param {string} resumed
   */
  async #recover(session, orphans, resumed) {
    this.#held += 1;
    for (const turn of await recover(this.#api, session, orphans)) {
      if (turn.id) this.#outbox.take(turn.id);
    }
    this.#held -= 1;
    if (resumed === "lost") {
      const why = refused("session_ended", "This talk has ended before the answer.");
      for (const turn of orphans) if (turn.turn) turn.fail(why);
    }
    this.#outbox.flush();
  }
}

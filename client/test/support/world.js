// A server without a network and a clock without time: what the unit tests stand on. The server
// does nothing by itself but answer over HTTP; every frame is written by the test.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { createClient } from "../../src/client.js";

export const TURN = "01JD8Q2V7M3S9T0N5XKZ4B6CRE";
export const SESSION = "01JD8PZ0YQ8N4R2F6W1H3K5M7T";

/** Lets everything run that waits for nothing but its turn. */
export const settled = async () => {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
};

/** Time that passes when a test says so. */
export class Clock {
  time = Date.parse("2026-11-05T09:07:03Z");
  timers = new Map();
  #next = 1;

  setTimeout = (run, ms) => {
    this.timers.set(this.#next, { run, at: this.time + ms });
    return this.#next++;
  };
  clearTimeout = (id) => void this.timers.delete(id);

  /** Milliseconds to each timer that is set, the soonest first. */
  get waits() {
    return [...this.timers.values()].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  async pass(ms) {
    const end = this.time + ms;
    for (;;) {
      await settled();
      const due = [...this.timers].filter(([, { at }]) => at <= end);
      due.sort(([, a], [, b]) => a.at - b.at);
      if (due.length === 0) break;
      const [id, { run, at }] = due[0];
      this.timers.delete(id);
      this.time = Math.max(this.time, at);
      run();
    }
    this.time = end;
    await settled();
  }
}

const file = new URL("../../../docs/reference/protocol.schema.json", import.meta.url);
const { client_frame: schema } = JSON.parse(readFileSync(file, "utf8"));

/** What the schema asks for of every frame that any test sees the client send. */
function checkFrame(frame) {
  const one = schema.oneOf.find(({ properties }) => properties.type.const === frame.type);
  assert.ok(one, `no such frame: ${frame.type}`);
  const { properties = {}, required = [] } = one.$ref ? schema.$defs[one.$ref.slice(8)] : {};
  for (const name of required) assert.ok(name in frame, `${frame.type} without ${name}`);
  for (const name of Object.keys(frame)) {
    assert.ok(name === "type" || name in properties, `${frame.type} with ${name}`);
  }
}

/** One side of a socket; the test holds the other. */
class Socket {
  readyState = 0;
  bufferedAmount = 0;
  /** Frames of the client that no test has read yet. */
  sent = [];
  /** All of them. */
  all = [];
  #wake = () => {};

  constructor(world, url, protocol) {
    Object.assign(this, { url, protocol });
    world.sockets.push(this);
    queueMicrotask(() => world.upgrade(this));
  }

  accept() {
    this.readyState = 1;
    this.onopen?.({});
  }

  /** What a browser shows of a refused upgrade. */
  refuse() {
    this.readyState = 3;
    this.onerror?.({});
    this.onclose?.({ code: 1006 });
  }

  send(text) {
    checkFrame(JSON.parse(text));
    this.all.push(JSON.parse(text));
    this.sent.push(JSON.parse(text));
    this.#wake();
    if (this.lively && this.sent.at(-1)?.type === "ping") {
      queueMicrotask(() => this.push({ type: "pong", now: "2026-11-05T09:07:28Z" }));
    }
  }

  close() {
    this.left = true;
    this.readyState = 3;
  }

  /** The next frame of this type; those before it are skipped. */
  async next(type) {
    for (;;) {
      const at = this.sent.findIndex((frame) => frame.type === type);
      if (at >= 0) return this.sent.splice(0, at + 1).at(-1);
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Frames of the server, in order. */
  push(...frames) {
    for (const frame of frames) this.raw(JSON.stringify(frame));
  }

  raw(data) {
    this.onmessage?.({ data });
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const json = (body, status = 200, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers });

/** A refusal as `/v1` words it. */
export const refusal = (status, code, headers = {}) =>
  json({ error: { code, message: `${code}.`, request_id: "R" } }, status, headers);

/** Client and surroundings. */
export class World {
  clock = new Clock();
  sockets = [];
  requests = [];
  /** Answers over HTTP by `METHOD /path` or Cognito's operation, in place of the usual ones. */
  answers = new Map();
  /** What happens to an upgrade. */
  upgrade = (socket) => socket.accept();
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  navigator = { onLine: true };
  random = 0.5;
  /** What listeners threw. */
  reported = [];
  #seen = 0;

  get platform() {
    const world = this;
    return {
      fetch: (url, init) => world.fetch(url, init),
      WebSocket: class {
        constructor(url, protocol) {
          // biome-ignore lint/correctness/noConstructorReturn: the test needs to know its class
          return new Socket(world, url, protocol);
        }
      },
      setTimeout: this.clock.setTimeout,
      clearTimeout: this.clock.clearTimeout,
      now: () => this.clock.time,
      random: () => this.random,
      window: this.window,
      document: this.document,
      navigator: this.navigator,
      report: (error) => this.reported.push(error.message),
    };
  }

  async fetch(url, init) {
    const { pathname, search } = new URL(url);
    const target = init.headers["x-amz-target"]?.split(".")[1];
    const name = target ?? `${init.method} ${pathname}${search}`;
    const body = init.body && JSON.parse(init.body);
    this.requests.push({ name, body, headers: init.headers });
    init.signal.throwIfAborted();
    const answer = this.answers.get(name) ?? USUAL[name];
    if (!answer) return refusal(404, "not_found");
    return await answer({ body, init });
  }

  /** How often this was asked. */
  asked(name) {
    return this.requests.filter((request) => request.name === name).length;
  }

  /** The next socket that the client opens. */
  async socket() {
    while (this.sockets.length <= this.#seen) await settled();
    return this.sockets[this.#seen++];
  }

  /** A client that is signed in, with an hour left. */
  async client(options = {}) {
    const iw = await createClient({
      httpUrl: "http://server.test",
      platform: { ...this.platform, ...options.platform },
      ...options.more,
    });
    iw.auth.use({
      accessToken: "access-1",
      refreshToken: "refresh-1",
      expiresAt: this.clock.time + 3_600_000,
    });
    return iw;
  }

  /** A session in which one can talk: greeted, disclosure accepted, persona chosen, `seq` 3. */
  async talk(options = {}) {
    const iw = await this.client();
    const connecting = iw.connect({ persona: "courage", disclosure: () => true, ...options });
    const socket = await this.socket();
    await socket.next("hello");
    socket.push(welcome({ state: "greeting" }), disclosure());
    await socket.next("persona.choose");
    socket.push(chosen(3));
    return { iw, socket, session: await connecting };
  }

  /** The next socket, joined again. */
  async resumed(fields = {}) {
    const socket = await this.socket();
    const hello = await socket.next("hello");
    socket.push(welcome({ resumed: "full", ...fields }));
    return { socket, hello };
  }

  emit(type) {
    (type === "visibilitychange" ? this.document : this.window).dispatchEvent(new Event(type));
  }
}

let tickets = 0;
/** The usual answers. */
const USUAL = {
  "GET /v1/client": () =>
    json({
      cognito_url: "http://server.test/",
      user_pool_id: "zz-local-1_Qx7Tn2LpA",
      client_id: "app",
      ws_url: "ws://server.test/v1/ws",
      http_url: "http://server.test",
    }),
  "POST /v1/tickets": () => json({ ticket: `t${++tickets}`, expires_in_s: 30 }),
  "GET /v1/me": () => json({ teen: "t", state: "active", memory: "off" }),
  InitiateAuth: () => json({ AuthenticationResult: { AccessToken: "access-2", ExpiresIn: 3600 } }),
};

export const answer = json;

export const welcome = (fields = {}) => ({
  type: "welcome",
  session: SESSION,
  epoch: "e1",
  seq: 3,
  resumed: "new",
  state: "active",
  persona: null,
  heartbeat_ms: 25_000,
  rollup_ms: 40,
  remaining_s: 1_200,
  resets_at: "2026-11-24T05:00:00Z",
  limits: { frame_bytes: 32_768, message_bytes: 16_000, messages_burst: 5, queued_turns: 1 },
  resources_version: "1",
  request_id: "R",
  server: { version: "0", carrier: "socket" },
  ...fields,
});

export const disclosure = (fields = {}) => ({
  type: "disclosure",
  seq: 1,
  version: "d1",
  text: "An AI.",
  locale: "en",
  ack_required: true,
  unsuitable_notice: "",
  ...fields,
});

export const chosen = (seq, persona = "courage") => ({
  type: "persona.chosen",
  seq,
  persona,
  name: persona,
  version: "1",
});

export const accepted = (seq, id, turn = TURN) => ({ type: "accepted", seq, id, turn, dup: false });

export const start = (seq, id, turn = TURN) => ({
  type: "turn.start",
  seq,
  turn,
  id,
  persona: "courage",
  origin: "model",
  ai_generated: true,
});

export const delta = (off, d, turn = TURN) => ({ type: "turn.delta", turn, off, d });

export const end = (seq, len, turn = TURN, finish = "stop") => ({
  type: "turn.end",
  seq,
  turn,
  finish,
  len,
  ai_generated: true,
});

export const error = (code, fields = {}) => ({
  type: "error",
  code,
  message: `${code}.`,
  retryable: false,
  fatal: false,
  request_id: "R",
  ...fields,
});

export const crisis = (event, seq = 0, fields = {}) => ({
  type: "safety.crisis",
  seq,
  event,
  level: "danger",
  text: "You are not alone.",
  resources: [],
  choices: ["safe", "not_safe"],
  ...fields,
});

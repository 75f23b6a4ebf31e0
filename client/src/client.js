import { Auth, signedOut } from "./auth.js";
import { closed, InnerWorldError } from "./errors.js";
import { Http } from "./http.js";
import { platform, ulid } from "./platform.js";
import { Session, VERSION } from "./session.js";
import { Turn } from "./turn.js";

export { InnerWorldError, Session, Turn, VERSION };

/**
 * @typedef {import("./types.js").ClientInfo} ClientInfo
 * @typedef {import("./types.js").ConnectionState} ConnectionState
 * @typedef {import("./types.js").Disclosure} Disclosure
 * @typedef {import("./types.js").Finish} Finish
 * @typedef {import("./types.js").Resource} Resource
 * @typedef {import("./types.js").SafetyFrame} SafetyFrame
 * @typedef {import("./types.js").SessionEnded} SessionEnded
 * @typedef {import("./types.js").SessionEvents} SessionEvents
 * @typedef {import("./types.js").Tokens} Tokens
 * @typedef {import("./session.js").ConnectOptions} ConnectOptions
 *
 * @typedef {object} ClientOptions
 * @property {string} [httpUrl] the server; the rest is asked of it
 * @property {string} [socketUrl]
 * @property {import("./auth.js").Pool} [cognito]
 * @property {import("./auth.js").TokenStorage} [storage] keeps tokens, such as `sessionStorage`;
 *   without it they are forgotten with the page
 * @property {typeof WebSocket} [WebSocket] where there is none
 * @property {Partial<import("./platform.js").Platform>} [platform]
 */

/**
 * A client of one server. `httpUrl` alone is enough; with `socketUrl` and `cognito` nothing is asked
 * before signing in.
 *
 * @param {ClientOptions} options
 */
export async function createClient(options) {
  const env = platform(options.platform);
  if (options.WebSocket) env.WebSocket = options.WebSocket;
  const http = new Http(env);
  const { socketUrl, cognito } = options;
  const base = address(options.httpUrl ?? socketUrl?.replace(/^ws/, "http"), /^https?:$/);
  const httpUrl = options.httpUrl ? base.href.replace(/\/$/, "") : base.origin;
  /** @type {import("./types.js").ClientInfo | undefined} */
  const info = socketUrl && cognito ? undefined : await http.send("GET", `${httpUrl}/v1/client`);
  const pool = cognito ?? {
    url: address(info?.cognito_url, /^https?:$/).href,
    clientId: String(info?.client_id),
    userPoolId: String(info?.user_pool_id),
  };
  const socket = address(socketUrl ?? info?.ws_url, /^wss?:$/).href;
  const auth = new Auth(env, http, pool, options.storage);
  return new Client(env, http, auth, { httpUrl, socketUrl: socket, info });
}

/** @param {string | undefined} text @param {RegExp} protocol */
function address(text, protocol) {
  try {
    const url = new URL(String(text));
    if (protocol.test(url.protocol)) return url;
  } catch {
    // As one of another protocol.
  }
  throw new InnerWorldError("invalid", `This is not the address of a server: ${text}`);
}

/** Somebody at one server: signing up and in, the account over HTTP, sessions. */
export class Client {
  #env;
  #http;
  #socketUrl;
  /** @type {Set<Session>} */
  #sessions = new Set();
  #closed = false;

  /**
   * @internal
   * @param {import("./platform.js").Platform} env
   * @param {Http} http
   * @param {Auth} auth
   * @param {{ httpUrl: string, socketUrl: string, info?: import("./types.js").ClientInfo }} where
   */
  constructor(env, http, auth, { httpUrl, socketUrl, info }) {
    this.#env = env;
    this.#http = http;
    this.#socketUrl = socketUrl;
    /** Signing up and in. */
    this.auth = auth;
    this.httpUrl = httpUrl;
    /** What the server said of itself, if it was asked. */
    this.info = info;
  }

  get signedIn() {
    return this.auth.signedIn;
  }

  /** @param {{ email: string, password: string, birthDate?: string }} who */
  signUp(who) {
    return this.auth.signUp(who);
  }

  /** @param {{ email: string, code: string }} what */
  confirm(what) {
    return this.auth.confirm(what);
  }

  /** @param {{ email: string, password: string }} who */
  signIn(who) {
    return this.auth.signIn(who);
  }

  /**
   * One request to `/v1`, signed in where somebody is; the answer's JSON. The same `key` again is
   * the same request again.
   *
   * @param {string} method
   * @param {string} path `/v1/…`
   * @param {{ body?: unknown, key?: string, signal?: AbortSignal }} [more]
   * @returns {Promise<any>}
   */
  async request(method, path, { body, key = ulid(this.#env), signal } = {}) {
    const again = async () => {
      /** @type {Record<string, string>} */
      const headers = method === "GET" ? {} : { "idempotency-key": key };
      if (this.auth.signedIn) headers.authorization = `Bearer ${await this.auth.token()}`;
      return this.#http.send(method, this.httpUrl + path, { body, headers, signal });
    };
    try {
      return await again();
    } catch (error) {
      const refused = error instanceof InnerWorldError && error.status === 401;
      if (!refused || !this.auth.signedIn) throw error;
      await this.auth.refresh();
      return again();
    }
  }

  /** The account: state, settings. */
  me() {
    return this.request("GET", "/v1/me");
  }

  /**
   * Completes the profile, or changes settings.
   *
   * @param {{ birth_date?: string, age_band?: string, country?: string, region?: string,
   *   time_zone?: string, locale?: string, name?: string }} profile
   */
  setProfile(profile) {
    return this.request("PATCH", "/v1/me/profile", { body: profile });
  }

  /**
   * What may be agreed to, with texts and recipients.
   *
   * @param {string} [locale]
   */
  async consentTexts(locale) {
    const query = locale ? `?locale=${encodeURIComponent(locale)}` : "";
    return (await this.request("GET", `/v1/consents${query}`)).consents;
  }

  /**
   * Gives or takes back consents, all or none.
   *
   * @param {{ purpose: string, text_version: string, granted: boolean, recipient?: string,
   *   mode?: string, persona?: string }[]} consents
   */
  async setConsents(consents) {
    return (await this.request("PUT", "/v1/me/consents", { body: { consents } })).consents;
  }

  async personas() {
    return (await this.request("GET", "/v1/personas")).personas;
  }

  /**
   * Joins the live session, or begins one. Fulfilled when messages are taken, or when
   * `session.needs` says what is missing.
   *
   * @param {import("./session.js").ConnectOptions} [options]
   * @returns {Promise<Session>}
   */
  async connect(options = {}) {
    if (this.#closed) throw closed();
    if (!this.signedIn) throw signedOut();
    const session = new Session(
      {
        env: this.#env,
        auth: this.auth,
        api: (method, path, more) => this.request(method, path, more),
        socketUrl: this.#socketUrl,
      },
      options,
    );
    this.#sessions.add(session);
    session.on("state", ({ state }) => {
      if (state === "closed") this.#sessions.delete(session);
      else this.#sessions.add(session);
    });
    return session.open();
  }

  /**
   * Signs out: on every device, or on this one alone.
   *
   * @param {{ everywhere?: boolean }} [how]
   */
  async signOut({ everywhere = true } = {}) {
    if (everywhere) await this.request("POST", "/v1/me/sign-out");
    else await this.auth.revoke();
    this.#leave();
  }

  /** Erases the account and everything that is kept for it. */
  async erase() {
    await this.request("DELETE", "/v1/me");
    this.#leave();
  }

  #leave() {
    for (const session of this.#sessions) session.close();
    this.auth.forget();
  }

  /** Ends every session and request here; nothing is left running. */
  close() {
    this.#closed = true;
    for (const session of this.#sessions) session.close();
    this.#http.close();
  }
}

import { closed, InnerWorldError, notUnderstood, unreachable } from "./errors.js";

const TIMEOUT_MS = 15_000;
/** An export is the largest answer there is. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Requests over HTTP: bounded in time and size, ended by `close`. */
export class Http {
  #env;
  #running = new Set();
  #closed = false;

  /** @param {import("./platform.js").Platform} env */
  constructor(env) {
    this.#env = env;
  }

  /**
   * The JSON of an answer, `undefined` where it is empty; everything else is an `InnerWorldError`.
   *
   * @param {string} method
   * @param {string} url
   * @param {{ body?: unknown, headers?: Record<string, string>, signal?: AbortSignal }} [more]
   * @returns {Promise<any>}
   */
  async send(method, url, { body, headers = {}, signal } = {}) {
    if (this.#closed || signal?.aborted) throw closed();
    const abort = new AbortController();
    const stop = () => abort.abort();
    signal?.addEventListener("abort", stop);
    this.#running.add(stop);
    const timer = this.#env.setTimeout(stop, TIMEOUT_MS);
    try {
      const response = await this.#env.fetch(url, {
        method,
        headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: abort.signal,
        cache: "no-store",
        credentials: "omit",
        // It would carry the token to somebody else.
        redirect: "error",
      });
      const text = await read(response);
      if (!response.ok) throw refusal(response, text);
      return text ? parse(text) : undefined;
    } catch (error) {
      if (error instanceof InnerWorldError) throw error;
      throw this.#closed || signal?.aborted ? closed() : unreachable(error);
    } finally {
      this.#env.clearTimeout(timer);
      this.#running.delete(stop);
      signal?.removeEventListener("abort", stop);
    }
  }

  close() {
    this.#closed = true;
    for (const stop of this.#running) stop();
  }
}

/** @param {Response} response */
async function read(response) {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let [text, bytes] = ["", 0];
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) return text + decoder.decode();
    bytes += piece.value.length;
    if (bytes > MAX_ANSWER_BYTES) {
      await reader?.cancel();
      throw notUnderstood();
    }
    text += decoder.decode(piece.value, { stream: true });
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw notUnderstood();
  }
}

/**
 * Reads `{"error":{…}}` of this server and `{"__type", "message"}` of Cognito.
 *
 * @param {Response} response
 * @param {string} text
 */
function refusal(response, text) {
  const { status } = response;
  /** @type {any} */
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy in between says what it likes.
  }
  const error = body?.error ?? {};
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  // The name may come as `com.amazonaws…#NotAuthorizedException`.
  const name = String(body?.__type ?? "")
    .split("#")
    .pop();
  const code = String(error.code ?? (name || `http_${status}`));
  return new InnerWorldError(
    code,
    String(error.message ?? body?.message ?? "The server refused the request."),
    {
      status,
      retryable: status === 408 || status === 429 || status >= 500 || /^TooMany|^Limit/.test(code),
      retryAfterMs: seconds >= 0 ? seconds * 1000 : undefined,
      requestId: error.request_id,
    },
  );
}

/**
 * Everything that goes wrong: the protocol's `code`, Cognito's exception name, or one of this
 * client's own: `unreachable`, `not_understood`, `no_websocket`, `no_crypto`, `closed`, `signed_out`.
 */
export class InnerWorldError extends Error {
  /**
   * @param {string} code
   * @param {string} message a sentence for people
   * @param {{ retryable?: boolean, retryAfterMs?: number, status?: number, requestId?: string,
   *   ref?: string, cause?: unknown }} [more]
   */
  constructor(code, message, more = {}) {
    super(message, { cause: more.cause });
    this.name = "InnerWorldError";
    this.code = code;
    /** Whether the same may succeed later. */
    this.retryable = more.retryable ?? false;
    /** How long to wait, if the server said so. */
    this.retryAfterMs = more.retryAfterMs;
    /** HTTP status, if it was an answer over HTTP. */
    this.status = more.status;
    /** Names the request in the server's logs. */
    this.requestId = more.requestId;
    /** The message or turn it is about. */
    this.ref = more.ref;
  }
}

/**
 * No answer came, or the connection broke.
 *
 * @param {unknown} [cause]
 */
export const unreachable = (cause) =>
  new InnerWorldError("unreachable", "The server could not be reached.", {
    retryable: true,
    cause,
  });

/** The answer is not what the protocol says. */
export const notUnderstood = () =>
  new InnerWorldError("not_understood", "The server's answer was not understood.", {
    retryable: true,
  });

/** This side closed. */
export const closed = () => new InnerWorldError("closed", "This was closed.");

/**
 * @param {import("./types.js").ErrorFrame} frame
 */
export function fromFrame(frame) {
  const asked = Number(frame.retry_after_ms ?? -1);
  const wait = Number.isSafeInteger(asked) && asked >= 0 ? asked : undefined;
  return new InnerWorldError(frame.code, frame.message, {
    retryable: frame.retryable,
    retryAfterMs: wait,
    requestId: frame.request_id,
    ref: typeof frame.ref === "string" ? frame.ref : undefined,
  });
}

/** Close codes after which connecting again would end the same way (protocol 10). */
const FINAL = new Map([
  [1009, ["message_too_long", "This message is too long."]],
  [4400, ["bad_frame", "This message could not be read."]],
  [4403, ["forbidden", "This is not allowed."]],
  [4409, ["replaced", "You opened this conversation somewhere else."]],
  [4426, ["version", "Please update the app."]],
]);

/**
 * What a close means. A fatal `error` before it says more than the code, which a gateway may not
 * even pass on.
 *
 * @param {number} code
 * @param {import("./types.js").ErrorFrame} [fatal]
 */
export function fromClose(code, fatal) {
  const number = fatal?.close ?? code;
  const final = FINAL.get(number);
  if (fatal) {
    const error = fromFrame(fatal);
    error.retryable = !final;
    return error;
  }
  if (final) return new InnerWorldError(final[0], final[1]);
  if (number === 4401) return new InnerWorldError("token_expired", "Please sign in again.");
  return unreachable();
}

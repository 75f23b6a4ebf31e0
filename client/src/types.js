// The frames of protocol v1, as far as this client reads them.

/**
 * @typedef {"connecting" | "open" | "waiting" | "offline" | "closed"} ConnectionState
 * @typedef {"stop" | "length" | "cancelled" | "safety" | "error" | "timeout" | "interrupted"} Finish
 *
 * @typedef {object} ClientInfo `GET /v1/client`
 * @property {string} cognito_url
 * @property {string} user_pool_id
 * @property {string} client_id
 * @property {string} ws_url
 * @property {string} http_url
 * @property {string} [mode]
 * @property {string | null} [model]
 * @property {string | null} [company]
 * @property {number} [password_min_chars]
 * @property {boolean} [sign_in_with_apple]
 * @property {boolean} [dev_codes]
 *
 * @typedef {object} Welcome
 * @property {"welcome"} type
 * @property {string} session
 * @property {string} epoch
 * @property {number} seq
 * @property {"new" | "full" | "snapshot" | "lost"} resumed
 * @property {"greeting" | "active" | "ending" | "ended" | "remembered"} state
 * @property {string | null} [persona]
 * @property {string | null} [open_turn]
 * @property {number} heartbeat_ms
 * @property {number} remaining_s
 * @property {string} resets_at
 * @property {string} resources_version
 * @property {{ message_bytes: number, messages_burst: number, messages_per_min: number,
 *   queued_turns: number }} limits
 * @property {{ version: string, carrier: string }} server
 *
 * @typedef {object} Disclosure
 * @property {"disclosure"} type
 * @property {number} seq
 * @property {string} version
 * @property {string} text
 * @property {string} locale
 * @property {boolean} ack_required
 * @property {string} unsuitable_notice
 *
 * @typedef {{ type: "notice", seq: number, kind: string, text: string, version: string }} Notice
 * @typedef {{ type: "persona.chosen", seq: number, persona: string, name: string,
 *   version: string }} PersonaChosen
 * @typedef {{ type: "session.time", seq: number, remaining_s: number, resets_at: string }} SessionTime
 * @typedef {{ type: "session.ended", seq: number, reason: string, duration_s: number,
 *   turns: number, remaining_s: number, memory: "pending" | "off" }} SessionEnded
 * @typedef {{ type: "memory.updated", seq: number, added: number, changed: number,
 *   closed: number }} MemoryUpdated
 * @typedef {{ type: "safety.state", seq: number, state: string, until?: string | null }} SafetyState
 *
 * @typedef {object} Resource somebody who can help
 * @property {string} id
 * @property {string} name
 * @property {string | null} [call]
 * @property {string | { to: string, body?: string } | null} [sms]
 * @property {string | null} [chat]
 * @property {string | null} [web]
 * @property {string} [hours]
 * @property {string[]} [languages]
 *
 * @typedef {object} SafetyFrame
 * @property {"safety.crisis" | "safety.checkin"} type
 * @property {number} seq
 * @property {string | null} [event]
 * @property {string} [level]
 * @property {string | null} [intensity]
 * @property {string} [text]
 * @property {Resource[]} [resources]
 * @property {{ number: string, text: string } | null} [emergency_hint]
 * @property {string[]} [choices]
 *
 * @typedef {object} ErrorFrame
 * @property {"error"} type
 * @property {string} code
 * @property {string} message
 * @property {boolean} retryable
 * @property {boolean} fatal
 * @property {number | null} [retry_after_ms]
 * @property {string | null} [ref]
 * @property {number | null} [close]
 * @property {string} [request_id]
 *
 * @typedef {object} Tokens
 * @property {string} accessToken
 * @property {string} [refreshToken]
 * @property {number} expiresAt milliseconds of this machine's clock
 *
 * @typedef {object} SessionEvents
 * @property {{ state: ConnectionState, error?: import("./errors.js").InnerWorldError }} state
 * @property {import("./turn.js").Turn} turn an answer that was not asked for by `send` here: the
 *   opening line, or another device's
 * @property {SafetyFrame} safety help, to be shown before everything else
 * @property {SafetyState} safetyState
 * @property {Disclosure} disclosure
 * @property {Notice} notice
 * @property {PersonaChosen} persona
 * @property {SessionTime} time
 * @property {SessionEnded} ended
 * @property {MemoryUpdated} memory
 * @property {{ session: string }} lost this session was lost: forget what was shown of it
 * @property {import("./errors.js").InnerWorldError} error
 * @property {{ type: string, [field: string]: any }} frame every frame, as it came
 */

/** Fields without which a frame is not read: `s` text, `n` whole number, `b` truth, `l` list. */
const FORM = {
  welcome: "session:s epoch:s seq:n resumed:s state:s heartbeat_ms:n remaining_s:n resets_at:s",
  disclosure: "seq:n version:s text:s ack_required:b",
  notice: "seq:n kind:s text:s",
  "persona.chosen": "seq:n persona:s name:s",
  accepted: "seq:n id:s turn:s",
  "turn.start": "seq:n turn:s persona:s origin:s",
  "turn.status": "turn:s status:s",
  "turn.delta": "turn:s off:n d:s",
  "turn.snapshot": "turn:s text:s",
  "turn.reset": "seq:n turn:s reason:s",
  "turn.end": "seq:n turn:s finish:s len:n",
  "safety.crisis": "seq:n",
  "safety.checkin": "seq:n",
  "safety.state": "seq:n state:s",
  "session.time": "seq:n remaining_s:n resets_at:s",
  "session.ended": "seq:n reason:s memory:s",
  "memory.updated": "seq:n",
  "auth.expiring": "expires_in_s:n",
  going_away: "reason:s after_ms:n jitter_ms:n",
  error: "code:s message:s retryable:b fatal:b",
  pong: "",
  batch: "frames:l",
};

/** @type {Record<string, (value: unknown) => boolean>} */
const IS = {
  s: (value) => typeof value === "string",
  n: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  b: (value) => typeof value === "boolean",
  l: Array.isArray,
};

const FORMS = new Map(Object.entries(FORM));

/**
 * Whether this is a frame that this version knows, with all that it needs.
 *
 * @param {any} frame
 */
export function isKnown(frame) {
  const form = FORMS.get(frame?.type);
  if (form === undefined) return false;
  return form.split(" ").every((field) => {
    const [name, kind] = field.split(":");
    return !kind || IS[kind](frame[name]);
  });
}

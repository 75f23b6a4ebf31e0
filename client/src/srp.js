// SRP-6a in the group of 3072 bits, as Cognito's clients compute it: numbers are hashed without
// leading zeros but with a sign bit, and the key goes through an HKDF called "Caldera Derived Key".

const N = BigInt(
  `0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF`,
);
const G = 2n;
const TEXT = new TextEncoder();
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @param {bigint} number @returns {Bytes} */
function padded(number) {
  let hex = number.toString(16);
  if (hex.length % 2) hex = `0${hex}`;
  if (/^[89a-f]/.test(hex)) hex = `00${hex}`;
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** @param {Iterable<number>} bytes */
function toNumber(bytes) {
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  return number;
}

/** @param {string} text */
const fromBase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/** @param {ArrayBuffer} bytes */
const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** @param {bigint} base @param {bigint} exponent */
function power(base, exponent) {
  let result = 1n;
  for (let square = base % N; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/** @param {...Bytes} parts */
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** @param {Date} now `Thu Nov 5 09:07:03 UTC 2026` */
export function stamp(now) {
  const [weekday, day, month, year, time] = now.toUTCString().split(/,? /);
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}

/** The client's side of one sign-in. */
export class Srp {
  #secret;
  #crypto;

  /**
   * @param {Crypto} crypto
   * @param {Bytes} [secret] for vectors: a secret that is used twice is none
   */
  constructor(crypto, secret = crypto.getRandomValues(new Uint8Array(32))) {
    this.#crypto = crypto;
    this.#secret = toNumber(secret);
    this.public = power(G, this.#secret);
  }

  /** @param {...Bytes} parts */
  async #hash(...parts) {
    return new Uint8Array(await this.#crypto.subtle.digest("SHA-256", joined(...parts)));
  }

  /**
   * The proof that the password is known; `undefined` if the challenge is none.
   *
   * @param {{ poolId: string, user: string, password: string, salt: string, b: string,
   *   block: string, time: string }} challenge `salt` and `b` in hexadecimal, `block` in Base64
   */
  async prove({ poolId, user, password, salt, b, block, time }) {
    if (!/^[0-9a-f]+$/i.test(salt) || !/^[0-9a-f]{1,768}$/i.test(b)) return undefined;
    const server = BigInt(`0x${b}`);
    if (server % N === 0n) return undefined;
    const { subtle } = this.#crypto;
    const pool = TEXT.encode(poolId.slice(poolId.indexOf("_") + 1) + user);
    const inner = await this.#hash(pool, TEXT.encode(`:${password}`));
    const x = toNumber(await this.#hash(padded(BigInt(`0x${salt}`)), inner));
    const u = toNumber(await this.#hash(padded(this.public), padded(server)));
    const k = toNumber(await this.#hash(padded(N), padded(G)));
    const base = (((server - k * power(G, x)) % N) + N) % N;
    const shared = padded(power(base, this.#secret + u * x));
    const material = await subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
    const info = TEXT.encode("Caldera Derived Key");
    const hkdf = { name: "HKDF", hash: "SHA-256", salt: padded(u), info };
    const bits = await subtle.deriveBits(hkdf, material, 128);
    const key = await subtle.importKey("raw", bits, HMAC, false, ["sign"]);
    const said = joined(pool, fromBase64(block), TEXT.encode(time));
    return toBase64(await subtle.sign("HMAC", key, said));
  }
}

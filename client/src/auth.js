import { InnerWorldError, notUnderstood } from "./errors.js";
import { Srp, stamp } from "./srp.js";

/** A token that ends within this time is not used any more. */
const MARGIN_MS = 30_000;

/**
 * @typedef {object} Pool
 * @property {string} url
 * @property {string} clientId
 * @property {string} userPoolId
 *
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} TokenStorage
 */

export const signedOut = () => new InnerWorldError("signed_out", "Please sign in.");

/** Signing up and in by the Cognito user-pool API, and tokens that stay fresh. */
export class Auth {
  #env;
  #http;
  #pool;
  #storage;
  #key;
  /** @type {import("./types.js").Tokens | undefined} */
  #tokens;
  /** @type {Promise<void> | undefined} */
  #refreshing;

  /**
   * @param {import("./platform.js").Platform} env
   * @param {import("./http.js").Http} http
   * @param {Pool} pool
   * @param {TokenStorage} [storage]
   */
  constructor(env, http, pool, storage) {
    this.#env = env;
    this.#http = http;
    this.#pool = pool;
    this.#storage = storage;
    this.#key = `innerworld:${pool.clientId}`;
    try {
      const kept = JSON.parse(storage?.getItem(this.#key) ?? "null");
      if (typeof kept?.accessToken === "string" && kept.expiresAt > 0) this.#tokens = kept;
    } catch {
      // What somebody else wrote there is no sign-in.
    }
  }

  get signedIn() {
    return this.#tokens !== undefined;
  }

  /**
   * @param {string} operation
   * @param {object} body
   */
  #call(operation, body) {
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    };
    const whole = { ClientId: this.#pool.clientId, ...body };
    return this.#http.send("POST", this.#pool.url, { body: whole, headers });
  }

  /**
   * @param {{ email: string, password: string, birthDate?: string }} who a birth date only lets
   *   the server refuse early; it is not kept
   * @returns {Promise<{ sub: string }>}
   */
  async signUp({ email, password, birthDate }) {
    const answer = await this.#call("SignUp", {
      Username: email,
      Password: password,
      UserAttributes: [{ Name: "email", Value: email }],
      ValidationData: birthDate && [{ Name: "birthdate", Value: birthDate }],
    });
    return { sub: String(answer?.UserSub) };
  }

  /** @param {{ email: string, code: string }} what */
  async confirm({ email, code }) {
    await this.#call("ConfirmSignUp", { Username: email, ConfirmationCode: code });
  }

  /** @param {{ email: string }} who */
  async resendCode({ email }) {
    await this.#call("ResendConfirmationCode", { Username: email });
  }

  /** @param {{ email: string }} who gets a code by mail */
  async forgotPassword({ email }) {
    await this.#call("ForgotPassword", { Username: email });
  }

  /** @param {{ email: string, code: string, password: string }} what */
  async resetPassword({ email, code, password }) {
    const body = { Username: email, ConfirmationCode: code, Password: password };
    await this.#call("ConfirmForgotPassword", body);
  }

  /**
   * The password stays here: the server is shown that it is known.
   *
   * @param {{ email: string, password: string }} who
   */
  async signIn({ email, password }) {
    const { crypto } = this.#env;
    if (!crypto?.subtle) {
      // Browsers keep it from pages that came without TLS, but for loopback.
      const message = "Signing in needs WebCrypto: open this page over https.";
      throw new InnerWorldError("no_crypto", message);
    }
    const srp = new Srp(crypto);
    const asked = await this.#call("InitiateAuth", {
      AuthFlow: "USER_SRP_AUTH",
      AuthParameters: { USERNAME: email, SRP_A: srp.public.toString(16) },
    });
    if (asked?.ChallengeName !== "PASSWORD_VERIFIER") throw furtherStep(asked);
    const challenge = asked.ChallengeParameters ?? {};
    const time = stamp(new Date(this.#env.now()));
    const signature = await srp.prove({
      poolId: this.#pool.userPoolId,
      user: String(challenge.USER_ID_FOR_SRP),
      password,
      salt: String(challenge.SALT),
      b: String(challenge.SRP_B),
      block: String(challenge.SECRET_BLOCK),
      time,
    });
    if (!signature) throw notUnderstood();
    const answer = await this.#call("RespondToAuthChallenge", {
      ChallengeName: "PASSWORD_VERIFIER",
      ChallengeResponses: {
        USERNAME: challenge.USERNAME,
        TIMESTAMP: time,
        PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
        PASSWORD_CLAIM_SIGNATURE: signature,
      },
    });
    this.#take(answer);
  }

  /** @param {any} answer @param {string} [refreshToken] where the answer does not repeat it */
  #take(answer, refreshToken) {
    const result = answer?.AuthenticationResult;
    if (typeof result?.AccessToken !== "string") throw furtherStep(answer);
    this.use({
      accessToken: result.AccessToken,
      refreshToken: result.RefreshToken ?? refreshToken,
      // By this machine's clock: the server's may be another.
      expiresAt: this.#env.now() + Number(result.ExpiresIn || 0) * 1000,
    });
  }

  /** @param {import("./types.js").Tokens} tokens from a sign-in elsewhere, such as with Apple */
  use(tokens) {
    this.#tokens = tokens;
    this.#storage?.setItem(this.#key, JSON.stringify(tokens));
  }

  forget() {
    this.#tokens = undefined;
    this.#storage?.removeItem(this.#key);
  }

  /** @param {number} ms whether the token ends within this time */
  endsWithin(ms) {
    return !this.#tokens || this.#tokens.expiresAt - this.#env.now() < ms;
  }

  /** An access token that holds, fresh if need be. */
  async token(margin = MARGIN_MS) {
    if (this.endsWithin(margin) && (this.#tokens?.refreshToken || this.endsWithin(0))) {
      await this.refresh();
    }
    if (!this.#tokens) throw signedOut();
    return this.#tokens.accessToken;
  }

  /** A fresh access token now; whoever asks meanwhile waits for the same one. */
  refresh() {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh() {
    const before = this.#tokens;
    if (!before?.refreshToken) throw signedOut();
    try {
      const answer = await this.#call("InitiateAuth", {
        AuthFlow: "REFRESH_TOKEN_AUTH",
        AuthParameters: { REFRESH_TOKEN: before.refreshToken },
      });
      // Somebody may have signed out, or in as somebody else, meanwhile.
      if (this.#tokens === before) this.#take(answer, before.refreshToken);
    } catch (error) {
      if (error instanceof InnerWorldError && error.code === "NotAuthorizedException") {
        if (this.#tokens === before) this.forget();
        throw signedOut();
      }
      throw error;
    }
  }

  /** Ends the refresh token of this device. */
  async revoke() {
    const token = this.#tokens?.refreshToken;
    if (token) await this.#call("RevokeToken", { Token: token });
  }
}

/** @param {any} answer */
const furtherStep = (answer) =>
  new InnerWorldError(
    "ChallengeRequired",
    `This account needs a further step to sign in (${answer?.ChallengeName ?? "none named"}).`,
  );

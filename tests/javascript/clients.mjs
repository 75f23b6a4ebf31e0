// What the tests stand on: a running server and an unmodified client of it.
//
// `cargo xtask test --stage server` starts the server and names it in the environment. Without that,
// every test fails: nothing here may pass because something was not there.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
} = require("amazon-cognito-identity-js");

const server = JSON.parse(process.env.TEST_SERVER_READY);

export const PASSWORD = "river stone lantern";

/** An address that nobody signed up with. */
export const newAddress = () => `robin-${randomBytes(6).toString("hex")}@example.org`;

/** Storage of one device. */
class Storage {
  items = new Map();
  setItem(key, value) {
    this.items.set(key, value);
  }
  getItem(key) {
    return this.items.get(key);
  }
  removeItem(key) {
    this.items.delete(key);
  }
}

/** Calls a method of the client that reports to `(error, result)`. */
export const call = (object, method, ...parameters) =>
  new Promise((resolve, reject) =>
    object[method](...parameters, (error, result) => (error ? reject(error) : resolve(result))),
  );

/** Calls a method of the client that reports to an object of functions. */
export const told = (object, method, ...parameters) =>
  new Promise((resolve, reject) =>
    object[method](...parameters, { onSuccess: resolve, onFailure: reject }),
  );

/** The pool as an app would name it, on a device of its own. */
export const newPool = () =>
  new CognitoUserPool({
    UserPoolId: server.user_pool_id,
    ClientId: server.client_id,
    endpoint: server.cognito_url,
    Storage: new Storage(),
  });

/** Somebody on a device of their own; signing in is by SRP unless they say otherwise. */
export const newUser = (address, Pool = newPool()) =>
  new CognitoUser({ Username: address, Pool, Storage: Pool.storage });

/** Signs in; the session. */
export const signIn = (user, password) =>
  told(
    user,
    "authenticateUser",
    new AuthenticationDetails({ Username: user.getUsername(), Password: password }),
  );

/** The code mailed last. */
export function code(address) {
  const parameters = ["outbox", "--json", "--data-dir", server.data_dir, "--to", address];
  const printed = execFileSync(process.env.TEST_SERVER_PROGRAM, parameters, { encoding: "utf8" });
  return JSON.parse(printed.split("\n")[0]).code;
}

/** Makes an account that is not confirmed. */
export async function signUp(address, password = PASSWORD) {
  const attributes = [new CognitoUserAttribute({ Name: "email", Value: address })];
  const made = await call(newPool(), "signUp", address, password, attributes, []);
  return made.userSub;
}

/** A confirmed account; its subject. */
export async function newTeen(address) {
  const subject = await signUp(address);
  await call(newUser(address), "confirmRegistration", code(address), false);
  return subject;
}

/** The code and sentence of a refused call. */
export async function refusal(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return [error.code, error.message];
  }
  throw new Error(`it was not refused: ${typeof value}`);
}

// amazon-cognito-identity-js, unmodified, against the identity provider of one machine. Its own way
// to sign in is SRP.

import assert from "node:assert/strict";
import test from "node:test";

import {
  PASSWORD,
  call,
  code,
  newAddress,
  newPool,
  newTeen,
  newUser,
  refusal,
  signIn,
  signUp,
  told,
} from "./clients.mjs";

const OTHER = "Wiese, Wolke & Kompaß 河";
const WRONG = ["NotAuthorizedException", "Incorrect username or password."];

test("an account is made, confirmed and signed in to", async () => {
  const address = newAddress();
  const user = newUser(address);
  const subject = await signUp(address);
  assert.deepEqual(await refusal(signIn(user, PASSWORD)), [
    "UserNotConfirmedException",
    "User is not confirmed.",
  ]);
  await call(user, "resendConfirmationCode");
  await call(user, "confirmRegistration", code(address), false);
  const session = await signIn(user, PASSWORD);
  assert.ok(session.isValid());
  assert.equal(session.getIdToken().payload.email, address);
  assert.equal(session.getAccessToken().payload.sub, subject);
  assert.equal(user.getUsername(), subject);
  const attributes = await call(user, "getUserAttributes");
  const found = Object.fromEntries(attributes.map((one) => [one.getName(), one.getValue()]));
  assert.deepEqual(found, { sub: subject, email: address, email_verified: "true" });
});

test("a wrong password and an unknown address are refused alike", async () => {
  const address = newAddress();
  await newTeen(address);
  assert.deepEqual(await refusal(signIn(newUser(address), "not the password")), WRONG);
  assert.deepEqual(await refusal(signIn(newUser(newAddress()), PASSWORD)), WRONG);
  const unconfirmed = newAddress();
  await signUp(unconfirmed);
  assert.deepEqual(await refusal(signIn(newUser(unconfirmed), "not the password")), WRONG);
});

test("a password is changed", async () => {
  const address = newAddress();
  await newTeen(address);
  const user = newUser(address);
  await signIn(user, PASSWORD);
  assert.deepEqual(await refusal(call(user, "changePassword", "not it", OTHER)), WRONG);
  await call(user, "changePassword", PASSWORD, OTHER);
  assert.deepEqual(await refusal(signIn(newUser(address), PASSWORD)), WRONG);
  assert.ok((await signIn(newUser(address), OTHER)).isValid());
});

test("a forgotten password is replaced", async () => {
  const address = newAddress();
  await newTeen(address);
  const user = newUser(address);
  // After a failed sign-in the client names the teen by the subject that the challenge showed.
  await refusal(signIn(user, "not the password"));
  assert.notEqual(user.getUsername(), address);
  await new Promise((resolve, reject) =>
    user.forgotPassword({ inputVerificationCode: resolve, onFailure: reject }),
  );
  await told(user, "confirmPassword", code(address), OTHER);
  assert.ok((await signIn(newUser(address), OTHER)).isValid());
});

test("a session is kept, renewed, and ended on this device", async () => {
  const address = newAddress();
  const subject = await newTeen(address);
  const pool = newPool();
  const user = newUser(address, pool);
  const first = await signIn(user, PASSWORD);
  const kept = pool.getCurrentUser();
  assert.equal(kept.getUsername(), subject);
  assert.ok((await call(kept, "getSession")).isValid());
  const renewed = await call(kept, "refreshSession", first.getRefreshToken());
  assert.notEqual(renewed.getAccessToken().getJwtToken(), first.getAccessToken().getJwtToken());
  assert.equal(renewed.getAccessToken().payload.auth_time, first.getAccessToken().payload.auth_time);

  const ended = await new Promise((resolve) => user.signOut(resolve));
  assert.equal(ended, undefined);
  assert.equal(pool.getCurrentUser(), null);
  const refused = await refusal(call(newUser(address), "refreshSession", first.getRefreshToken()));
  assert.equal(refused[0], "NotAuthorizedException");
});

test("signing out everywhere ends every session", async () => {
  const address = newAddress();
  await newTeen(address);
  const [one, other] = [newUser(address), newUser(address)];
  await signIn(one, PASSWORD);
  await signIn(other, PASSWORD);
  await told(one, "globalSignOut");
  assert.equal((await refusal(call(other, "getUserAttributes")))[0], "NotAuthorizedException");
  assert.ok((await signIn(other, PASSWORD)).isValid());
});

test("the password may be sent as well", async () => {
  const address = newAddress();
  await newTeen(address);
  const user = newUser(address);
  user.setAuthenticationFlowType("USER_PASSWORD_AUTH");
  assert.ok((await signIn(user, PASSWORD)).isValid());
});

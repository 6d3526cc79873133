const test = require("node:test");
const assert = require("node:assert");
const view = require("../../assets/keys_view.js");

test("how long ago is told in words that need no ticking", () => {
  const minute = 60_000;
  assert.deepEqual([0, 61_000, 59 * minute, 3 * 60 * minute, 49 * 60 * minute].map(view.ago), ["just now", "1 min ago", "59 min ago", "3 h ago", "2 days ago"]);
});

test("what a client was answered is laid out to be read", () => {
  assert.deepEqual(view.trialText({ status: 200, body: '{"cash":"1"}' }), { said: "Tried it: a client that asks for /v2/account gets 200", body: '{\n  "cash": "1"\n}', isGood: true });
  const refused = view.trialText({ status: 401, body: "not JSON" });
  assert.equal(refused.isGood, false);
  assert.equal(refused.body, "not JSON");
});

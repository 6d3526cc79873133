const assert = require("node:assert");
const { test } = require("node:test");
const { makeQueue, patience } = require("../../assets/intents.js");

function setting() {
  const posted = [];
  const timers = [];
  let count = 0;
  const queue = makeQueue(
    (batch) => {
      posted.push(batch);
      return new Promise(() => {});
    },
    () => `i${++count}`,
    (fn, ms) => timers.push({ fn, ms }),
  );
  const tick = () => timers.splice(0).forEach(({ fn, ms }) => (ms === 0 ? fn() : timers.push({ fn, ms })));
  return { queue, posted, timers, tick };
}

test("intents of one moment go in one batch, each with its own receipt", async () => {
  const { queue, posted, tick } = setting();
  const first = queue.send({ do: "cancel", order_id: "a" });
  const second = queue.send({ do: "cancel", order_id: "b" });
  tick();
  assert.deepStrictEqual(posted, [[{ do: "cancel", order_id: "a", id: "i1" }, { do: "cancel", order_id: "b", id: "i2" }]]);
  queue.receive([{ id: "i2", ok: true }, { id: "i1", ok: false, message: "no" }]);
  assert.strictEqual((await first).message, "no");
  assert.strictEqual((await second).ok, true);
});

test("the next batch waits for the answer to the one before", async () => {
  const { queue, posted, tick } = setting();
  queue.send({ do: "play" });
  tick();
  queue.send({ do: "pause" });
  tick();
  assert.strictEqual(posted.length, 1);
  queue.receive([{ id: "i1", ok: true }]);
  assert.deepStrictEqual(posted[1], [{ do: "pause", id: "i2" }]);
});

test("no answer is an answer too: the person is told to look first", async () => {
  const { queue, timers, tick } = setting();
  const sent = queue.send({ do: "flatten" });
  tick();
  timers.find(({ ms }) => ms > 0).fn();
  const receipt = await sent;
  assert.deepStrictEqual([receipt.ok, receipt.code], [false, "timeout"]);
  assert.match(receipt.message, /look at the orders/);
});

test("a receipt that nobody waits for changes nothing", () => {
  const { queue, posted } = setting();
  queue.receive([{ id: "stranger", ok: true }]);
  queue.receive(null);
  assert.deepStrictEqual(posted, []);
});

test("orders are not waited for as long as a recording is", () => {
  assert.strictEqual(patience([{ do: "submit" }]), 9000);
  assert.strictEqual(patience([{ do: "open_replay" }]), 65000);
  assert.strictEqual(patience(Array(50).fill({ do: "cancel" })), 65000);
});

test("what cannot be sent is answered at once, and the next batch goes on", async () => {
  const sent = [];
  const queue = makeQueue((batch) => (sent.push(batch), sent.length === 1 ? Promise.reject(new Error("down")) : Promise.resolve(batch.map(({ id }) => ({ id, ok: true })))), () => `i${sent.length}${Math.random()}`, (fn, ms) => (ms === 0 ? queueMicrotask(fn) : 0));
  const lost = await queue.send({ do: "flatten" });
  assert.deepStrictEqual([lost.ok, lost.code], [false, "offline"]);
  assert.match(lost.message, /cannot be reached/);
  assert.strictEqual((await queue.send({ do: "play" })).ok, true);
});

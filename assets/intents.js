// Wishes of the person, from any gesture, to the server: one batch at a time, each with its receipt.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LONGEST_MS = 65000;
  const SLOW = new Set(["open_replay", "open_live", "open_simulated", "seek"]);

  const OF_NO_ACCOUNT = new Set(["play", "pause", "speed", "step", "seek", "open_replay", "open_live", "open_simulated", "halt", "resume", "use_account", "open_account"]);

  // Whose wish it is: of the account that it names, or of the chosen one.
  function owned(intent, account) {
    return intent.account !== undefined || !account || OF_NO_ACCOUNT.has(intent.do) ? intent : { ...intent, account };
  }

  // How long an answer may take: the desk gives each intent 5 s, reading a recording more.
  function patience(batch) {
    return batch.some(({ do: what }) => SLOW.has(what)) ? LONGEST_MS : Math.min(LONGEST_MS, 4000 + 5000 * batch.length);
  }

  // Batches go one after the other, so that wishes arrive in the order in which they were made. `post` sends a batch and
  // promises its receipts; when it cannot, nothing waits: the answer says so at once.
  function makeQueue(post, makeId, schedule) {
    const waiting = [];
    const asked = new Map();
    let inFlight = null;

    function flush() {
      if (inFlight || !waiting.length) return;
      const batch = waiting.splice(0, 50);
      inFlight = new Set(batch.map((intent) => intent.id));
      const timer = schedule(() => giveUp(batch), patience(batch));
      inFlight.timer = timer;
      Promise.resolve(post(batch)).then(receive, () => unsent(batch));
    }

    function unsent(batch) {
      const message = "The desk cannot be reached: look at the orders when it is back, before trying again.";
      receive(batch.map(({ id }) => ({ id, ok: false, code: "offline", message })));
    }

    function giveUp(batch) {
      receive(batch.map(({ id }) => ({ id, ok: false, code: "timeout", message: "No answer yet: look at the orders before trying again." })));
    }

    function receive(receipts) {
      for (const receipt of receipts || []) {
        const resolve = asked.get(receipt.id);
        if (!resolve) continue;
        asked.delete(receipt.id);
        resolve(receipt);
      }
      if (!inFlight || !(receipts || []).some((receipt) => inFlight.has(receipt.id))) return;
      if (inFlight.timer && root.clearTimeout) root.clearTimeout(inFlight.timer);
      inFlight = null;
      flush();
    }

    function send(intent) {
      const id = intent.id || makeId();
      return new Promise((resolve) => {
        asked.set(id, resolve);
        waiting.push({ ...intent, id });
        schedule(flush, 0);
      });
    }

    return { send, receive };
  }

  function newId() {
    if (root.crypto && root.crypto.randomUUID) return root.crypto.randomUUID();
    return "i" + Date.now().toString(36) + Math.random().toString(36).slice(2, 12);
  }

  async function posted(batch) {
    const answer = await root.fetch("/page/intents", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      credentials: "same-origin",
      body: JSON.stringify(batch),
    });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return answer.json();
  }

  const queue = makeQueue(
    posted,
    newId,
    (fn, ms) => root.setTimeout(fn, ms),
  );

  ts.intents = {
    // Resolves with {id, ok, message, code?, field?, order_id?, status?}; what was refused is told in a toast unless `quiet`.
    send(intent, options) {
      return queue.send(owned(intent, ts.page && ts.page.account)).then((receipt) => {
        const isTold = !(options && options.quiet);
        if (isTold && ts.page) ts.page.toast(receipt.ok ? "good" : "bad", receipt.message);
        return receipt;
      });
    },
  };

  if (typeof module !== "undefined") module.exports = { makeQueue, owned, patience };
})(typeof window === "undefined" ? globalThis : window);

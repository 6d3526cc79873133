// The browser's end of the stream: one socket, who wants which topics, who wants to hear of them.
// Every message is applied as it arrives, also in a hidden tab; drawing is the painter's.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const model = () => ts.liveState || require("./live_state.js");

  const MOST_TOPICS = 64;
  const TOPICS_A_MESSAGE = 32;
  const MOST_WATCHED = 100;
  const ALWAYS = ["status", "market", "desk", "risk"];

  const PING_MS = 5000;
  const SILENCE_MS = 12000;
  const DOUBT_MS = 3000;
  const QUIET_MS = 1000;
  const MUTE_MS = 2500;
  const STEADY_MS = 10000;
  const ASK_AGAIN_MS = 1000;
  const HIDE_MS = 1000;
  const SUMMARY_MS = 250;
  const ROUND_MS = 500;
  const BASE_DELAY_MS = 500;
  const LONGEST_DELAY_MS = 30000;
  const RTT_WEIGHT = 0.125;
  const OUR_FAULT = new Set([4400, 4409, 4429]);
  const HEARD = new Set(["connecting", "live"]);

  // ---- delays

  // Full jitter: uniform in [0, min(longest, base x 2^attempt)], ms. What was our own fault waits longest.
  function retryDelay(attempt, random, code) {
    if (OUR_FAULT.has(code)) return LONGEST_DELAY_MS;
    return random * Math.min(LONGEST_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(attempt, 16));
  }

  function smoothed(rtt, sample) {
    return rtt === null ? sample : rtt + RTT_WEIGHT * (sample - rtt);
  }

  function inParts(list, size) {
    const parts = [];
    for (let from = 0; from < list.length; from += size) parts.push(list.slice(from, from + size));
    return parts;
  }

  // ---- the connection

  // `world` is all that it knows of the browser, so that a test can be one: open(handlers) -> {send, close}, now() and
  // elapsed() in ms, later(fn, ms) -> cancel, random(), isHidden(), isOnline(), isLocal, complain(error),
  // publish(summary) -> whether somebody took it.
  function createLive(world) {
    const { apply, deskTopic, emptyDesk, emptyState, summaryOf, topicOf } = model();
    const state = emptyState();
    const connection = state.connection;
    const listeners = { status: [], market: [], feeds: [], book: [], tape: [], bars: [], desk: [], risk: [], connection: [] };
    const wants = new Map([["live", ALWAYS]]);
    const sequences = new Map();
    const awaited = new Map();
    const askedAt = new Map();
    let desk = deskTopic("");
    let subscribed = new Set();
    let watched = [];
    let socket = null;
    let epoch = null;
    let told = "";
    let attempt = 0;
    let isOpen = false;
    let isPaused = false;
    let isDoubted = false;
    let isReconciling = false;
    let heardAt = 0;
    let saidAt = 0;
    let pingedAt = 0;
    let liveAt = 0;
    let anchor = null;
    let cancelRetry = null;
    let cancelPause = null;
    let isSummaryDue = false;
    let summaryAt = -SUMMARY_MS;
    let lastSummary = "";

    function on(kind, fn) {
      if (!listeners[kind]) throw new Error(`wanted one of ${Object.keys(listeners).join(", ")}, found ${kind}`);
      listeners[kind] = [...listeners[kind], fn];
      return () => { listeners[kind] = listeners[kind].filter((each) => each !== fn); };
    }

    function tell(kind, key, message) {
      for (const fn of listeners[kind]) {
        try {
          fn(key, message);
        } catch (error) {
          world.complain(error);
        }
      }
      if (kind === "status" || kind === "desk" || kind === "connection") summarise();
    }

    function turn(name, changes = {}) {
      if (connection.state !== name) connection.since = world.now();
      Object.assign(connection, { state: name, attempt, retryAt: null }, changes);
      tell("connection", "", connection);
    }

    // ---- topics

    function want(owner, topics) {
      wants.set(owner, [...topics]);
      if (isReconciling) return;
      isReconciling = true;
      world.later(() => { isReconciling = false; reconcile(); }, 0);
    }

    // The symbols of the watchlist: a live market goes on listening to them, also while this tab is hidden.
    function watch(symbols) {
      watched = symbols.slice(0, MOST_WATCHED);
      tellWatched();
    }

    function tellWatched() {
      if (isOpen) send({ op: "watch", symbols: watched });
    }

    // From now on `state.desk` is this account's: who wants `desk` gets it. Nothing of another one is left there.
    function follow(account) {
      const topic = deskTopic(account);
      if (topic === desk) return;
      desk = topic;
      state.desk = emptyDesk();
      reconcile();
      tell("desk", account, { t: topic, k: "s", d: { ...emptyDesk(), orders: [] } });
    }

    function wanted() {
      const topics = [...wants.values()].flat().map((topic) => (topic === "desk" ? desk : topic));
      const union = [...new Set(topics)];
      if (union.length > MOST_TOPICS) {
        world.complain(new Error(`wanted at most ${MOST_TOPICS} topics, found ${union.length}`));
      }
      return union.slice(0, MOST_TOPICS);
    }

    function reconcile() {
      const now = new Set(wanted());
      for (const topic of [...sequences.keys(), ...awaited.keys()]) if (!now.has(topic)) forget(topic);
      if (!isOpen) return;
      const gone = [...subscribed].filter((topic) => !now.has(topic));
      const added = [...now].filter((topic) => !subscribed.has(topic));
      subscribed = now;
      for (const topics of inParts(gone, TOPICS_A_MESSAGE)) send({ op: "unsubscribe", topics });
      subscribe(added);
    }

    function subscribe(added) {
      for (const topics of inParts(added, TOPICS_A_MESSAGE)) {
        const known = topics.filter((topic) => sequences.has(topic));
        for (const topic of topics) if (!sequences.has(topic)) awaited.set(topic, world.elapsed());
        const seq = Object.fromEntries(known.map((topic) => [topic, sequences.get(topic)]));
        send(known.length ? { op: "subscribe", topics, resume: { epoch, seq } } : { op: "subscribe", topics });
      }
    }

    function forget(topic) {
      const { kind, key } = topicOf(topic);
      sequences.delete(topic);
      awaited.delete(topic);
      askedAt.delete(topic);
      if (key && kind !== "desk") delete state[kind][key];
    }

    // At most once a second for each topic: what still is not right then is asked for by the next round.
    function ask(topic) {
      const now = world.elapsed();
      const before = askedAt.get(topic);
      const isTooSoon = before !== undefined && now - before < ASK_AGAIN_MS;
      awaited.set(topic, isTooSoon ? before : now);
      if (isTooSoon) return;
      askedAt.set(topic, now);
      send({ op: "snapshot", topic });
    }

    function askAgain(now) {
      if (isPaused) return;
      for (const [topic, at] of awaited) if (now - at >= ASK_AGAIN_MS && subscribed.has(topic)) ask(topic);
    }

    // ---- messages

    function take(text) {
      heardAt = saidAt = world.elapsed();
      connection.heardAt = world.now();
      isDoubted = false;
      if (connection.state === "silent") turn("live");
      let messages;
      try {
        messages = JSON.parse(text);
      } catch (error) {
        connection.faults++;
        world.complain(error);
        return;
      }
      for (const message of messages) {
        if (CONTROL[message.t]) CONTROL[message.t](message.d);
        else if (subscribed.has(message.t)) takeTopic(message);
      }
    }

    function takeTopic(message) {
      const outcome = apply(state, sequences, awaited, message);
      if (outcome === "gap" || outcome === "checksum") {
        connection.faults++;
        ask(message.t);
      }
      if (outcome !== "applied" && outcome !== "checksum") return;
      const { kind, key } = topicOf(message.t);
      if (kind === "status") setClock(state.status.now);
      tell(kind, key, message);
    }

    const CONTROL = {
      welcome(data) {
        if (epoch !== data.epoch) {
          for (const topic of sequences.keys()) awaited.set(topic, world.elapsed());
          sequences.clear();
        }
        epoch = data.epoch;
        liveAt = world.elapsed();
        turn("live", { code: null, reason: "" });
      },
      hb: (data) => setClock(data.now),
      pong(data) {
        setClock(data.now);
        if (typeof data.echo !== "number") return;
        connection.rtt = smoothed(connection.rtt, Math.max(0, world.elapsed() - data.echo));
        tell("connection", "", connection);
      },
      error(data) {
        told = data.message;
      },
    };

    function setClock(now) {
      anchor = { now, at: world.elapsed() };
    }

    // Ms since the server said anything, as far as it should have: 0 while the line lives.
    function silence() {
      return HEARD.has(connection.state) ? 0 : world.elapsed() - saidAt;
    }

    // It stands where the line is mute: nobody knows how the market went on.
    function marketNow() {
      if (!anchor) return world.now();
      const { playing, ended, speed } = state.status;
      const passed = Math.max(0, world.elapsed() - silence() - anchor.at);
      return playing && !ended ? anchor.now + passed * (speed ?? 1) : anchor.now;
    }

    // ---- the socket

    function send(message) {
      if (socket) socket.send(JSON.stringify(message));
    }

    function ping() {
      pingedAt = world.elapsed();
      send({ op: "ping", echo: Math.round(pingedAt * 1000) / 1000 });
    }

    function connect() {
      stopRetrying();
      drop();
      told = "";
      heardAt = world.elapsed();
      if (connection.state !== "connecting") turn("reconnecting");
      let isOver = false;
      const handlers = {
        open: () => { if (!isOver) opened(); },
        message: (text) => { if (!isOver) take(text); },
        close: (code, reason) => { if (!isOver) lost(code, reason); },
      };
      try {
        const opening = world.open(handlers);
        socket = { send: opening.send, close: () => { isOver = true; opening.close(); } };
      } catch (error) {
        world.complain(error);
        lost(1006, "");
      }
    }

    function opened() {
      isOpen = true;
      isPaused = false;
      for (const topic of awaited.keys()) sequences.delete(topic);
      awaited.clear();
      askedAt.clear();
      subscribed = new Set(wanted());
      subscribe([...subscribed]);
      if (watched.length) tellWatched();
      ping();
      if (world.isHidden()) pause();
    }

    function drop() {
      if (socket) socket.close();
      socket = null;
      isOpen = false;
      isDoubted = false;
      subscribed = new Set();
    }

    function lost(code, reason) {
      drop();
      const isOffline = !world.isLocal && !world.isOnline();
      const wait = isOffline ? LONGEST_DELAY_MS : retryDelay(attempt, world.random(), code);
      attempt++;
      turn(isOffline ? "offline" : "reconnecting", {
        code,
        reason: told || reason,
        retryAt: world.now() + wait,
      });
      cancelRetry = world.later(connect, wait);
    }

    function stopRetrying() {
      if (cancelRetry) cancelRetry();
      cancelRetry = null;
    }

    function leave() {
      stopRetrying();
      drop();
    }

    function retryNow() {
      if (isOpen) return;
      attempt = 0;
      connect();
    }

    // Nothing came for a while, which may be the market's way: the other side is asked, once.
    function isQuiet(now) {
      return !isPaused && now - heardAt >= QUIET_MS && pingedAt <= heardAt;
    }

    // Asked, and no answer.
    function isMute(now) {
      return connection.state === "live" && !isPaused && pingedAt > heardAt && now - heardAt >= MUTE_MS && now - pingedAt >= MUTE_MS - QUIET_MS - ROUND_MS;
    }

    // Again and again: is the other side still there?
    function makeRound() {
      const now = world.elapsed();
      if (socket && now - heardAt > (isDoubted ? DOUBT_MS : SILENCE_MS)) {
        lost(1006, "nothing was heard for too long");
        return;
      }
      if (!isOpen) return;
      if (isMute(now)) turn("silent");
      if (now - pingedAt >= PING_MS || isQuiet(now)) ping();
      askAgain(now);
      if (attempt && connection.state === "live" && now - liveAt >= STEADY_MS) {
        attempt = 0;
        turn("live");
      }
    }

    // ---- what the browser tells

    function wentOffline() {
      if (world.isLocal) return;
      if (!isOpen) {
        turn("offline", { retryAt: connection.retryAt });
        return;
      }
      heardAt = world.elapsed();
      isDoubted = true;
      ping();
    }

    function cameOnline() {
      if (isOpen) ping();
      else retryNow();
    }

    function visibilityChanged() {
      if (cancelPause) cancelPause();
      cancelPause = null;
      if (world.isHidden()) {
        cancelPause = world.later(pause, HIDE_MS);
        return;
      }
      if (isPaused && isOpen) {
        isPaused = false;
        send({ op: "resume" });
      }
      if (!socket && !OUR_FAULT.has(connection.code)) retryNow();
      summarise();
    }

    function pause() {
      if (!isOpen || isPaused) return;
      isPaused = true;
      send({ op: "pause" });
    }

    // ---- the summary for Dash

    function summarise() {
      if (isSummaryDue) return;
      isSummaryDue = true;
      world.later(publish, Math.max(0, summaryAt + SUMMARY_MS - world.elapsed()));
    }

    function publish() {
      isSummaryDue = false;
      if (world.isHidden()) return;
      const text = JSON.stringify(summaryOf(state));
      if (text === lastSummary || !world.publish(JSON.parse(text))) return;
      lastSummary = text;
      summaryAt = world.elapsed();
    }

    function start() {
      connection.since = world.now();
      connect();
      const round = () => {
        makeRound();
        world.later(round, ROUND_MS);
      };
      world.later(round, ROUND_MS);
    }

    return {
      state,
      on,
      want,
      watch,
      follow,
      marketNow,
      silence,
      start,
      leave,
      retryNow,
      wentOffline,
      cameOnline,
      visibilityChanged,
      get topics() {
        return [...subscribed];
      },
    };
  }

  ts.liveConnection = { createLive, retryDelay, smoothed };
  if (typeof module !== "undefined") module.exports = ts.liveConnection;
})(typeof window === "undefined" ? globalThis : window);

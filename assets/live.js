// The browser's end of the stream (docs/stream.md): one socket, what came through it in `state`, who wants to hear of it.
// Every message is applied as it arrives, also in a hidden tab; drawing is the painter's.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const TAPE_LENGTH = 500;
  const BARS_LENGTH = 2000;
  const FILLS_LENGTH = 1000;
  const ORDERS_LENGTH = 1000;
  const CHECKED_LEVELS = 10;
  const MOST_TOPICS = 64;
  const TOPICS_A_MESSAGE = 32;
  const ALWAYS = ["status", "market", "desk", "risk"];
  const CLOSED = new Set(["filled", "canceled", "expired", "rejected"]);

  const PING_MS = 5000;
  const SILENCE_MS = 12000;
  const DOUBT_MS = 3000;
  const STEADY_MS = 10000;
  const ASK_AGAIN_MS = 1000;
  const HIDE_MS = 1000;
  const SUMMARY_MS = 250;
  const ROUND_MS = 1000;
  const BASE_DELAY_MS = 500;
  const LONGEST_DELAY_MS = 30000;
  const RTT_WEIGHT = 0.125;
  const OUR_FAULT = new Set([4400, 4409, 4429]);

  // ---- checksum

  const CRC_TABLE = new Uint32Array(256).map((_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });

  function crc32(text) {
    let crc = 0xffffffff;
    for (let place = 0; place < text.length; place++) {
      crc = CRC_TABLE[(crc ^ text.charCodeAt(place)) & 0xff] ^ (crc >>> 8);
    }
    return (crc ^ 0xffffffff) >>> 0;
  }

  function checksum(book) {
    const levels = [...book.b.slice(0, CHECKED_LEVELS), ...book.a.slice(0, CHECKED_LEVELS)];
    return crc32(levels.map((level) => `${level[0]}:${level[1]}`).join("|"));
  }

  // ---- what a message does to the state

  function emptyDesk() {
    return { account: {}, positions: [], orders: {}, fills: [], queue: {} };
  }

  function emptyState() {
    return {
      status: {},
      market: {},
      feeds: {},
      book: {},
      tape: {},
      bars: {},
      desk: emptyDesk(),
      risk: {},
      connection: {
        state: "connecting",
        attempt: 0,
        retryAt: null,
        rtt: null,
        since: 0,
        heardAt: 0,
        faults: 0,
        code: null,
        reason: "",
      },
    };
  }

  // The topic of an account's affairs; of the open market's own account without an id.
  function deskTopic(account) {
    return account ? `desk:${account}` : "desk";
  }

  function topicOf(name) {
    const colon = name.indexOf(":");
    return colon < 0 ? { kind: name, key: "" } : { kind: name.slice(0, colon), key: name.slice(colon + 1) };
  }

  // Sets one level in a side sorted best first; quantity 0 takes it out.
  function placeLevel(side, level, isBid) {
    let low = 0;
    let high = side.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const isBetter = isBid ? side[middle][0] > level[0] : side[middle][0] < level[0];
      if (isBetter) low = middle + 1;
      else high = middle;
    }
    const isThere = low < side.length && side[low][0] === level[0];
    if (level[1] !== 0) side.splice(low, isThere ? 1 : 0, level);
    else if (isThere) side.splice(low, 1);
  }

  function placeBar(bars, bar) {
    let place = bars.length;
    while (place > 0 && bars[place - 1][0] >= bar[0]) place--;
    bars.splice(place, place < bars.length && bars[place][0] === bar[0] ? 1 : 0, bar);
  }

  function keepLast(rows, most) {
    if (rows.length > most) rows.splice(0, rows.length - most);
  }

  function byId(orders) {
    return Object.fromEntries(orders.map((order) => [order.id, order]));
  }

  function forgetOldOrders(orders) {
    const surplus = Object.keys(orders).length - ORDERS_LENGTH;
    if (surplus <= 0) return;
    const closed = Object.values(orders).filter((order) => CLOSED.has(order.status));
    closed.sort((one, other) => one.updated - other.updated);
    for (const order of closed.slice(0, surplus)) delete orders[order.id];
  }

  const SNAPSHOT = {
    status: (state, _key, data) => { state.status = data; },
    market: (state, _key, data) => { state.market = data; },
    feeds: (state, _key, data) => { state.feeds = data; },
    book: (state, key, data) => { state.book[key] = data; },
    tape: (state, key, data) => { state.tape[key] = data; },
    bars: (state, key, data) => { state.bars[key] = data; },
    desk: (state, _key, data) => { state.desk = { ...data, orders: byId(data.orders) }; },
    risk: (state, _key, data) => { state.risk = data; },
  };

  const DELTA = {
    status: (state, _key, data) => { Object.assign(state.status, data); },
    market(state, _key, data) {
      for (const symbol of Object.keys(data)) {
        state.market[symbol] = Object.assign(state.market[symbol] || {}, data[symbol]);
      }
    },
    feeds(state, _key, data) {
      for (const symbol of Object.keys(data)) {
        state.feeds[symbol] = Object.assign(state.feeds[symbol] || {}, data[symbol]);
      }
    },
    book(state, key, data) {
      const book = state.book[key];
      for (const level of data.b) placeLevel(book.b, level, true);
      for (const level of data.a) placeLevel(book.a, level, false);
      book.crc = data.crc;
      book.ts = data.ts;
    },
    tape(state, key, data) {
      state.tape[key].push(...data);
      keepLast(state.tape[key], TAPE_LENGTH);
    },
    bars(state, key, data) {
      for (const bar of data) placeBar(state.bars[key], bar);
      keepLast(state.bars[key], BARS_LENGTH);
    },
    desk(state, _key, data) {
      const desk = state.desk;
      if (data.account) Object.assign(desk.account, data.account);
      if (data.positions) desk.positions = data.positions;
      if (data.queue) desk.queue = data.queue;
      if (data.fills) {
        desk.fills.push(...data.fills);
        keepLast(desk.fills, FILLS_LENGTH);
      }
      if (data.orders) {
        Object.assign(desk.orders, byId(data.orders));
        forgetOldOrders(desk.orders);
      }
    },
    risk(state, _key, data) {
      Object.assign(state.risk, data);
      for (const account of Object.keys(data)) if (data[account] === null) delete state.risk[account];
    },
  };

  function isTrue(state, kind, key) {
    return kind !== "book" || checksum(state.book[key]) === state.book[key].crc;
  }

  // Applies one message of a topic. `sequences` maps a topic to the last number applied, `awaited` holds the topics
  // whose snapshot is on its way. Answers "applied", "known" (had it already), "waiting", "gap" or "checksum".
  function apply(state, sequences, awaited, message) {
    const { kind, key } = topicOf(message.t);
    const last = sequences.get(message.t);
    if (message.k === "s") {
      if (last !== undefined && message.s < last) return "known";
      SNAPSHOT[kind](state, key, message.d);
      awaited.delete(message.t);
    } else {
      if (last !== undefined && message.s <= last) return "known";
      if (awaited.has(message.t)) return "waiting";
      if (last === undefined || message.s !== last + 1) return "gap";
      DELTA[kind](state, key, message.d);
    }
    sequences.set(message.t, message.s);
    return isTrue(state, kind, key) ? "applied" : "checksum";
  }

  // ---- delays and figures

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

  // What Dash callbacks may need of the live state; small, and the same while nothing of it changes.
  function summaryOf(state) {
    const { status, desk } = state;
    return {
      session: status.session ?? null,
      source: status.source ?? null,
      playing: status.playing ?? null,
      ended: status.ended ?? null,
      speed: status.speed ?? null,
      connection: state.connection.state,
      account: desk.account,
      positions: desk.positions.length,
      orders: Object.values(desk.orders).filter((order) => !CLOSED.has(order.status)).length,
      fill: desk.fills.length ? desk.fills[desk.fills.length - 1].id : null,
    };
  }

  // ---- the connection

  // `world` is all that it knows of the browser, so that a test can be one: open(handlers) -> {send, close}, now() and
  // elapsed() in ms, later(fn, ms) -> cancel, random(), isHidden(), isOnline(), isLocal, complain(error),
  // publish(summary) -> whether somebody took it.
  function createLive(world) {
    const state = emptyState();
    const connection = state.connection;
    const listeners = { status: [], market: [], feeds: [], book: [], tape: [], bars: [], desk: [], risk: [], connection: [] };
    const wants = new Map([["live", ALWAYS]]);
    const sequences = new Map();
    const awaited = new Map();
    const askedAt = new Map();
    let desk = deskTopic("");
    let subscribed = new Set();
    let socket = null;
    let epoch = null;
    let told = "";
    let attempt = 0;
    let isOpen = false;
    let isPaused = false;
    let isDoubted = false;
    let isReconciling = false;
    let heardAt = 0;
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
      heardAt = world.elapsed();
      connection.heardAt = world.now();
      isDoubted = false;
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

    function marketNow() {
      if (!anchor) return world.now();
      const { playing, ended, speed } = state.status;
      return playing && !ended ? anchor.now + (world.elapsed() - anchor.at) * (speed ?? 1) : anchor.now;
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

    // Once a second: is the other side still there?
    function makeRound() {
      const now = world.elapsed();
      if (socket && now - heardAt > (isDoubted ? DOUBT_MS : SILENCE_MS)) {
        lost(1006, "nothing was heard for too long");
        return;
      }
      if (!isOpen) return;
      if (now - pingedAt >= PING_MS) ping();
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
      follow,
      marketNow,
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

  // ---- the browser

  const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

  function browserWorld() {
    const { location, document, performance } = root;
    const url = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
    return {
      open(handlers) {
        const socket = new root.WebSocket(url);
        socket.onopen = handlers.open;
        socket.onmessage = (event) => handlers.message(event.data);
        socket.onclose = (event) => handlers.close(event.code, event.reason);
        return {
          send: (text) => { if (socket.readyState === 1) socket.send(text); },
          close: () => socket.close(1000),
        };
      },
      now: () => Date.now(),
      elapsed: () => performance.now(),
      later(fn, ms) {
        const timer = root.setTimeout(fn, ms);
        return () => root.clearTimeout(timer);
      },
      random: () => Math.random(),
      isHidden: () => document.hidden,
      isOnline: () => root.navigator.onLine !== false,
      isLocal: LOCAL_HOSTS.has(location.hostname),
      publish(summary) {
        if (!hasStore("summary")) return false;
        root.dash_clientside.set_props("summary", { data: summary });
        return true;
      },
      complain: (error) => root.console.error("live:", error),
    };
  }

  function hasStore(id) {
    try {
      return root.dash_component_api.getLayout(id) !== undefined;
    } catch {
      return false; // Dash has not rendered yet
    }
  }

  if (root.document && root.WebSocket) {
    const live = (ts.live = createLive(browserWorld()));
    root.addEventListener("offline", live.wentOffline);
    root.addEventListener("online", live.cameOnline);
    root.addEventListener("pagehide", live.leave);
    root.addEventListener("pageshow", (event) => { if (event.persisted) live.retryNow(); });
    root.document.addEventListener("visibilitychange", live.visibilityChanged);
    live.start();
  }

  if (typeof module !== "undefined") {
    module.exports = {
      apply, checksum, crc32, createLive, emptyState, placeBar, placeLevel, retryDelay, smoothed, summaryOf,
    };
  }
})(typeof window === "undefined" ? globalThis : window);

// What came through the stream, as one state: what each message of a topic does to it (docs/stream.md). Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const TAPE_LENGTH = 500;
  const BARS_LENGTH = 2000;
  const FILLS_LENGTH = 1000;
  const ORDERS_LENGTH = 1000;
  const CHECKED_LEVELS = 10;
  const CLOSED = new Set(["filled", "canceled", "expired", "rejected"]);

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

  ts.liveState = {
    apply, checksum, crc32, deskTopic, emptyDesk, emptyState, placeBar, placeLevel, summaryOf, topicOf,
  };
  if (typeof module !== "undefined") module.exports = ts.liveState;
})(typeof window === "undefined" ? globalThis : window);

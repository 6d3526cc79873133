// Where the chart's bars come from: asks the desk through Dash, follows the live topic, notices a hole and asks again.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const ANSWER_WITHIN_MS = 8000;

  // The latest ask counts; answers to earlier ones are dropped.
  function asks() {
    let latest = 0;
    let waiting = null;
    return {
      make(symbol, frame, session, before) {
        latest += 1;
        waiting = { ask: latest, symbol, timeframe: frame, session, before: before === undefined ? null : before };
        return waiting;
      },
      takes(answer) {
        if (!answer || !waiting || answer.ask !== waiting.ask) return false;
        waiting = null;
        return true;
      },
      isWaiting: () => waiting !== null,
      giveUp() {
        waiting = null;
      },
    };
  }

  // `heard` takes {onBars(answer), onLive(rows, isSnapshot), onSilence()}.
  function feed(heard) {
    const asked = asks();
    let timer = 0;
    let topic = null;

    function send(wanted) {
      root.clearTimeout(timer);
      timer = root.setTimeout(() => {
        asked.giveUp();
        heard.onSilence(wanted);
      }, ANSWER_WITHIN_MS);
      root.dash_clientside.set_props("chart-wanted", { data: wanted });
    }

    function follow(symbol, frame) {
      topic = `${symbol}:${frame}`;
      ts.live.want("chart", [`bars:${topic}`]);
    }

    ts.live.on("bars", (key, message) => {
      if (key !== topic && key !== `bars:${topic}`) return;
      const rows = message && Array.isArray(message.d) ? message.d : liveRows();
      heard.onLive(rows, !message || message.k !== "d");
    });

    function liveRows() {
      return ts.live.state.bars[topic] || [];
    }

    return {
      ask(symbol, frame) {
        follow(symbol, frame);
        send(asked.make(symbol, frame, ts.page.session));
      },
      askOlder(symbol, frame, beforeMs) {
        if (!asked.isWaiting()) send(asked.make(symbol, frame, ts.page.session, beforeMs));
      },
      take(answer) {
        if (!asked.takes(answer)) return;
        root.clearTimeout(timer);
        heard.onBars(answer);
      },
      liveRows,
      isWaiting: asked.isWaiting,
    };
  }

  const ns = { asks, feed };
  ts.chartFeed = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);

// The menu of the market's clock: stop, step and speed up the simulated market. The person's; programs have /sim/v1.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const SPEEDS = [0.5, 1, 2, 10, 60];
  const STEPS = [[1_000, "1 s"], [10_000, "10 s"], [60_000, "1 min"]];

  // What may be done with the clock of this market, in a sentence.
  function about({ source, playing }) {
    if (source === "replay") return "A replay's clock is the bar below the chart: play, step, speed and the line of the day.";
    if (source !== "simulated") return "A live market's clock is the world's: it can be neither stopped nor moved.";
    return playing ? "Stop it, and orders wait on their way until it runs again or is stepped." : "It stands: orders are taken and kept, and go on their way as it is stepped or runs.";
  }

  const words = { SPEEDS, about };
  if (typeof module !== "undefined") module.exports = words;
  ts.marketClock = words;
  if (typeof document === "undefined") return;

  const make = (...all) => ts.dom.element(...all);
  const status = () => ts.live.state.status;
  const byId = (id) => document.getElementById(id);
  const guard = (fn) => ts.boundary.guard("header", fn);

  async function wish(intent) {
    const receipt = await ts.intents.send(intent, { quiet: true });
    if (!receipt.ok) ts.page.toast("bad", receipt.message);
  }

  function speeds() {
    const option = (speed) => {
      const input = make("input", { type: "radio", name: "market-speed", value: String(speed), onchange: guard(() => wish({ do: "speed", speed })) });
      input.checked = speed === (status().speed || 1);
      return make("label", {}, input, `${speed}×`);
    };
    return make("fieldset", { class: "choice" }, make("legend", {}, "Speed"), make("div", { class: "segments" }, ...SPEEDS.map(option)));
  }

  function steps() {
    const step = ([ms, text]) => make("button", { type: "button", class: "quiet-button", "aria-label": `Step ${text}`, onclick: guard(() => wish({ do: "step", by_ms: ms })) }, `+${text}`);
    return make("div", { class: "clock-steps" }, make("span", { class: "clock-label" }, "Stop, and step"), make("div", { class: "popup-actions" }, ...STEPS.map(step)));
  }

  // Follows the clock while it is shown: somebody else, or a program, may stop it too.
  function toggle() {
    const icon = make("i", { class: "bi", "aria-hidden": "true" });
    const text = make("span", {});
    const button = make("button", { type: "button", class: "quiet-button clock-toggle", onclick: guard(() => wish({ do: status().playing ? "pause" : "play" })) }, icon, text);
    const said = make("p", { class: "clock-about", role: "status" });
    const follow = () => {
      if (button.parentNode && !button.isConnected) return off();
      const isOn = Boolean(status().playing);
      icon.className = `bi bi-${isOn ? "pause-fill" : "play-fill"}`;
      text.textContent = isOn ? "Stop the clock" : "Let it run";
      said.textContent = about(status());
      for (const input of document.querySelectorAll("[name=market-speed]")) input.checked = Number(input.value) === (status().speed || 1);
    };
    const off = ts.live.on("status", guard(follow)) || (() => {});
    follow();
    return [button, said];
  }

  // The parts of the menu; for the popup of the badge too, where a narrow screen has no room for the clock.
  function controls() {
    if (status().source !== "simulated") return [make("p", { class: "clock-about" }, about(status()))];
    const [button, said] = toggle();
    return [said, button, steps(), speeds()];
  }

  function open() {
    const { format } = ts;
    const now = ts.live.marketNow() || status().now;
    const head = make("h2", {}, "The market's clock");
    const date = make("p", { class: "clock-date" }, `${format.date(now)}, ${format.zoneName(now)}`);
    ts.header.openPopup(byId("header-clock"), "The market's clock", head, date, ...controls());
  }

  function start() {
    byId("header-clock").addEventListener("click", guard(open));
  }

  Object.assign(ts.marketClock, { controls });
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);

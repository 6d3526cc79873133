// What the Bots view says of a bot and of a program: data in, text out. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LARGEST = 512 * 1024;
  const STATES = { running: "running", ended: "ended", stopped: "stopped", timed_out: "time was up", desk_gone: "ended with the desk" };
  const STANDINGS = { halted: "Halted", reducing: "Only closing", throttled: "Told to wait" };

  // A bot that ended with an exit code other than 0 failed, whatever its state is called.
  function stateOf({ state, code }) {
    const isBad = state === "ended" && code !== 0 && code !== null;
    return { text: isBad ? "failed" : STATES[state] || state, tone: state === "running" ? "on" : isBad ? "bad" : "off" };
  }

  // 8 s, 4:05, 1:02:09, 2 d 3 h
  function span(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (value) => String(value).padStart(2, "0");
    const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
    if (days) return `${days} d ${hours} h`;
    if (hours) return `${hours}:${two(minutes)}:${two(whole % 60)}`;
    return minutes ? `${minutes}:${two(whole % 60)}` : `${whole} s`;
  }

  function left({ left_s: leftS, state }) {
    if (state !== "running") return "–";
    return leftS === null ? "no limit" : span(leftS);
  }

  const codeText = (code) => (code === null || code === undefined ? "–" : String(code));
  const rateText = (rate) => (rate >= 10 ? rate.toFixed(0) : rate.toFixed(1));

  function keyText({ key, source }) {
    if (key) return key;
    return source === "api" ? "/sim/v1, no key" : "a token";
  }

  const standingText = ({ standing }) => STANDINGS[standing] || "lets it through";

  // Why a dropped file cannot be a bot; empty when it can. The server looks again.
  function fileRefusal({ name, size }) {
    if (!/^[A-Za-z0-9_][\w.-]{0,60}\.py$/.test(name)) return `${name}: wanted a Python file such as my_bot.py`;
    if (!size || size > LARGEST) return `${name}: wanted up to ${LARGEST / 1024} KB of Python, was ${size.toLocaleString("en-US")} bytes`;
    return "";
  }

  const words = { stateOf, span, left, codeText, rateText, keyText, standingText, fileRefusal };
  ts.botsRows = words;
  if (typeof module !== "undefined") module.exports = words;
})(typeof window === "undefined" ? globalThis : window);

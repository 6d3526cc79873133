// Fingers that drag. A browser takes the end of a quick drag for a fling, also where nothing can be scrolled, and the next tap
// for the fling's stop: that tap would do nothing.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // Dragging `element` is the page's own, never a gesture of the browser; taps on it stay. Gives it back.
  function hold(element) {
    element.addEventListener("touchmove", (event) => event.cancelable && event.preventDefault(), { passive: false });
    return element;
  }

  ts.fingers = { hold };
  if (typeof module !== "undefined") module.exports = ts.fingers;
})(typeof window === "undefined" ? globalThis : window);

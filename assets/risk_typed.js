// Limits that were typed and not set yet: kept for this window until they are set or left, whatever view is open.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PREFIX = "tradesim:risk-typed:";

  // `store` is a Storage. What cannot be kept is not; it is there while the page is.
  function makeTyped(store) {
    const read = (whose) => {
      try {
        return JSON.parse(store.getItem(PREFIX + whose) || "{}");
      } catch {
        return {};
      }
    };
    function write(whose, typed) {
      try {
        if (Object.keys(typed).length) store.setItem(PREFIX + whose, JSON.stringify(typed));
        else store.removeItem(PREFIX + whose);
      } catch {
        return;
      }
    }
    return {
      of: read,
      put: (whose, name, text) => write(whose, { ...read(whose), [name]: text }),
      drop(whose, name) {
        const { [name]: _gone, ...rest } = read(whose);
        write(whose, rest);
      },
      clear: (whose) => write(whose, {}),
    };
  }

  const counted = (count) => ts.format.counted(count, "limit");

  // Said once when the view is left; empty when nothing waits.
  const leaving = (count, whose) => (count ? `${counted(count)} of ${whose} typed, not set yet: what you typed waits in Risk.` : "");

  ts.riskTyped = { makeTyped, counted, leaving };
  if (typeof module !== "undefined") module.exports = ts.riskTyped;
})(typeof window === "undefined" ? globalThis : window);

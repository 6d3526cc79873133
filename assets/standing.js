// Whether the account may trade, in words: for the header's strip, the kill switch, the ticket and the Risk view.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const WORDS = { active: "Active", reducing: "Reducing", halted: "Halted" };
  const KINDS = { active: "good", reducing: "warn", halted: "bad" };
  const USUAL_REASON = "the kill switch was pulled";
  const LIMIT_FIRST = "The limit is still passed: raise it or put it right, then reactivate.";
  const TAKEN = { reducing: "Only what makes a position smaller is taken.", halted: "Nothing but cancels is taken." };

  function who(by) {
    return { person: "by you", limit: "by a limit", guard: "by the runaway guard", "": "" }[by] ?? `by ${by}`;
  }

  // "HALTED by you, 14:03: lunch. Nothing but cancels is taken."; null while orders are taken. `when` writes a time.
  function sentence(view, when) {
    if (!view || view.state === "active" || !WORDS[view.state]) return null;
    const reason = view.message && view.message !== USUAL_REASON ? `: ${view.message}` : "";
    return `${brief(view, when)}${reason}${/[.!?]$/.test(reason) ? "" : "."} ${TAKEN[view.state]}`;
  }

  // "HALTED by you, 14:03", of an account that is not active.
  function brief(view, when) {
    const subject = view.is_desks ? "The whole desk is " : "";
    const said = [subject + WORDS[view.state].toUpperCase(), who(view.by)].filter(Boolean).join(" ");
    return `${said}, ${when(view.since)}`;
  }

  // What ticket and ladder say instead of an order that would go by prices which stand still; null while the page is told.
  const AWAY = new Set(["reconnecting", "offline"]);
  const blind = ({ state }) => (AWAY.has(state) ? "Not connected: these prices are old. Orders wait for the connection" : null);

  // What they say instead of an order that would be refused; `held` is the signed position, `halted` the
  // symbol when its own trading stands still.
  function deed(view, side, held, halted = "") {
    if (view && view.state === "halted") return `${view.is_desks ? "The whole desk is halted" : "Halted"}: only cancels are taken. Reactivate in Risk`;
    if (halted) return `Trading in ${halted} is halted: only cancels are taken`;
    if (!view || view.state === "active") return null;
    const isClosing = side === "sell" ? held > 0 : held < 0;
    return isClosing ? null : "Reducing: only what closes is taken. See Risk";
  }

  // Why the account cannot be reactivated yet, or empty. `desk` is the desk's own view, which counts where the state is its.
  function heldBack(view, desk) {
    const holder = view && view.is_desks ? desk : view;
    const passed = holder && holder.state !== "active" ? holder.still_passed : "";
    return passed ? `${passed[0].toUpperCase()}${passed.slice(1)}: raise the limit first, or put it right.` : "";
  }

  // Lines for the strip below the header, the worst first; `isHeld` when a limit forbids to reactivate.
  function notices(view, account, when, isHeld = false) {
    const found = [];
    if (account && account.margin_call) found.push({ kind: "bad", brief: "Margin call", text: `Margin call: ${account.margin_call.replace(/\.$/, "")}. Open orders are cancelled and positions closed on the next full minute.`, act: "risk" });
    const text = sentence(view, when);
    if (text) found.push({ kind: KINDS[view.state], brief: brief(view, when), text: isHeld ? `${text} ${LIMIT_FIRST}` : text, act: "reactivate", held: isHeld ? LIMIT_FIRST : "" });
    return found;
  }

  const MODES = {
    cancel: { title: "Cancel all", about: "Every open order is cancelled, stops and exits too. Positions stay, and nothing protects them." },
    flatten: { title: "Flatten", about: "Every open order is cancelled and every position closed at the market, at whatever price that takes, until all is flat." },
    freeze: { title: "Freeze", about: "Open orders stay as they are and may still fill, stops and exits too." },
  };
  const AFTERWARDS = "No new order is taken, from here or from programs, until you reactivate.";
  const choiceOf = (mode) => `${MODES[mode].title} and halt`;

  // The question before the switch is pulled: what it does to how much.
  function question(mode, name, orders, positions) {
    const { counted } = ts.format;
    const there = `${counted(orders, "order is", "orders are")} open, ${counted(positions, "position is", "positions are")} held.`;
    return { title: `${MODES[mode].title} in ${name}, and halt?`, detail: `${there} ${MODES[mode].about} ${AFTERWARDS}`, yes: choiceOf(mode) };
  }

  if (typeof module !== "undefined") module.exports = { who, sentence, blind, deed, heldBack, notices, question, choiceOf, MODES };
  ts.standing = { WORDS, KINDS, MODES, AFTERWARDS, LIMIT_FIRST, who, sentence, notices, question, choiceOf };
  if (typeof document === "undefined") return;

  const live = () => ts.live.state;

  Object.assign(ts.standing, {
    // Of the chosen account: what the stream's `risk` topic says of it.
    view: () => live().risk[ts.page.account || live().status.account] || null,
    // Why it, or the one whose view is given, cannot be reactivated yet.
    heldBack: (view = ts.standing.view()) => heldBack(view, live().risk[""] || null),
    // "14:03", with the day when it was another.
    when(ms) {
      const { date, time } = ts.format;
      const day = date(ms) === date(ts.live.marketNow()) ? "" : `${date(ms)} `;
      return day + time(ms).slice(0, 5);
    },
    // The sentence, or null when the order would be taken.
    deed(symbol, side) {
      const held = (live().desk.positions || []).find((position) => position.symbol === symbol);
      const market = live().market[symbol];
      return blind(live().connection) || deed(ts.standing.view(), side, held ? Number(held.qty) : 0, market && market.ht ? symbol : "");
    },
    // The button that lets trading go on; while a limit forbids it, it says so.
    reactivation(text, act, held) {
      return ts.dom.element("button", { type: "button", class: "quiet-button", disabled: Boolean(held), title: held || null, onclick: act }, text);
    },
    async reactivate(isDesks, account = ts.page.account) {
      const wish = isDesks ? { do: "reactivate", scope: "desk" } : { do: "reactivate", ...(account ? { account } : {}) };
      const receipt = await ts.intents.send(wish, { quiet: true });
      ts.page.toast(receipt.ok ? "good" : "bad", receipt.ok ? "Reactivated: orders are taken again." : receipt.message);
      return receipt;
    },
  });
})(typeof window === "undefined" ? globalThis : window);

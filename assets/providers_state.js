// The providers pane of the dialog: how each of them is, what each says, who served what; tests and recordings.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const DISPUTED = 0.005;

  function state(dialog) {
    const { view, $, make, words, set, guard } = dialog;

    function paint(data) {
      const { facts, ordered } = words();
      const at = $("state");
      if (!at.firstChild) at.append(make("div", { id: "providers-words" }), make("div", { id: "providers-switches" }), make("div", { id: "providers-list", class: "providers-list" }));
      paintWords(data);
      const rows = ordered(data.providers);
      const list = $("list");
      if (list.dataset.order !== rows.map((row) => row.id).join()) {
        list.dataset.order = rows.map((row) => row.id).join();
        list.replaceChildren(...rows.map(skeleton));
      }
      rows.forEach((row) => fill(row, facts(row, data.now), data.now));
      paintSwitches(data.switches);
    }

    function skeleton(row) {
      const test = make("button", { type: "button", class: "quiet-button", "data-part": "test", onclick: guard(() => tryOut(row.id)) }, "Test");
      const record = make("button", { type: "button", class: "quiet-button", "data-part": "record", title: "Write down all that it says, to be replayed later. Its line is opened anew, so that the file begins with whole books.", onclick: guard(() => tape(row.id)) }, "Record");
      const head = make("div", { class: "providers-head" }, make("span", { class: "providers-dot", "aria-hidden": "true" }), make("h3", {}, row.title), make("span", { class: "providers-mark", "data-part": "role" }), make("span", { "data-part": "state", class: "muted" }), make("span", { class: "providers-actions" }, record, test));
      return make("section", { class: "providers-row", "data-provider": row.id, "aria-label": row.title }, head, make("dl", { "data-part": "facts" }), make("p", { "data-part": "error", class: "providers-error" }), make("p", { "data-part": "said", role: "status" }), make("p", { "data-part": "recording", class: "providers-recording" }), make("details", { "data-part": "cannot" }, make("summary", {}, "What it does not give"), make("ul", {})));
    }

    function fill(row, facts, now) {
      const at = $("list").querySelector(`[data-provider="${row.id}"]`);
      const part = (name) => at.querySelector(`[data-part="${name}"]`);
      at.dataset.tone = words().needsKey(row) ? "off" : words().TONES[row.state] || "off";
      put(part("state"), words().stateText(row, now));
      part("role").hidden = !row.role;
      put(part("role"), row.role);
      part("role").classList.toggle("is-now", row.role === "serves");
      put(part("error"), row.error || "");
      part("error").hidden = !row.error;
      putFacts(part("facts"), facts);
      putLines(part("cannot"), words().withheld(row.cannot));
      const said = view.said.get(row.id);
      put(part("said"), said ? said.message : "");
      part("said").hidden = !said;
      part("said").className = said && !said.ok ? "providers-error" : "providers-good";
      part("test").disabled = view.testing.has(row.id);
      const { recording } = row;
      const isOn = Boolean(recording && recording.is_on);
      part("record").hidden = !row.is_open && !isOn;
      put(part("record"), isOn ? "Stop recording" : "Record");
      part("record").setAttribute("aria-pressed", String(isOn));
      view.taping[isOn ? "add" : "delete"](row.id);
      put(part("recording"), words().recordingText(recording));
      part("recording").hidden = !recording;
      part("recording").classList.toggle("is-on", isOn);
    }

    function put(element, text) {
      if (element.textContent !== text) element.textContent = text;
    }

    function putFacts(list, facts) {
      if (!list.children.length) list.append(...facts.flatMap(([name]) => [make("dt", {}, name), make("dd", {})]));
      facts.forEach(([, value], index) => put(list.querySelectorAll("dd")[index], value));
    }

    function putLines(details, lines) {
      details.hidden = !lines.length;
      const list = details.lastElementChild;
      if (list.dataset.lines === lines.join("\n")) return;
      list.dataset.lines = lines.join("\n");
      list.replaceChildren(...lines.map((line) => make("li", {}, line)));
    }

    function paintWords({ symbol, words: said, now }) {
      const at = $("words");
      at.hidden = said.length === 0;
      if (!said.length) return;
      const off = words().differences(said);
      const rows = said.map((each, at) => make("tr", {}, make("th", { scope: "row" }, each.provider), ...[each.last, each.bid, each.ask].map((price) => make("td", {}, price || "–")), offCell(off[at]), make("td", {}, each.said ? words().span(now - each.said) : "never")));
      const head = make("tr", {}, ...["What each says", "Last", "Bid", "Ask", "Off", "Age"].map((text) => make("th", { scope: "col" }, text)));
      at.replaceChildren(make("table", { class: "providers-words" }, make("caption", {}, symbol), make("thead", {}, head), make("tbody", {}, ...rows)));
    }

    function offCell(share) {
      const cell = make("td", {}, share === null ? "–" : ts.format.percent(share * 100));
      cell.classList.toggle("is-off", Math.abs(share || 0) >= DISPUTED);
      return cell;
    }

    function paintSwitches(switches) {
      const at = $("switches");
      const key = switches.map((each) => each.at + each.kind).join();
      if (at.dataset.key === key) return;
      at.dataset.key = key;
      const lines = switches.map((each) => make("li", {}, make("time", {}, ts.format.time(each.at)), " ", words().switchText(each)));
      at.replaceChildren(...(lines.length ? [make("h3", {}, "Who served what"), make("ol", { class: "providers-switches" }, ...lines)] : []));
    }

    function tryOut(provider) {
      view.testing.set(provider, Date.now());
      view.said.set(provider, { ok: true, message: "Asking…" });
      set("test", { n: (view.n += 1), provider });
    }

    function tape(provider) {
      set("record", { n: (view.n += 1), provider, on: !view.taping.has(provider) });
    }

    function onRecorded({ provider, ok, message }) {
      if (message) view.said.set(provider, { ok, message });
      if (view.pane === "state") dialog.ask("state");
    }

    function onTested(said) {
      view.testing.delete(said.provider);
      view.said.set(said.provider, said);
      if (view.pane === "state") dialog.ask("state");
    }

    return { paint, onTested, onRecorded };
  }

  ts.providersPanes = { ...ts.providersPanes, state };
})(typeof window === "undefined" ? globalThis : window);

// What is said of a trip: setup, tags and note. Kept in this browser until the desk has it, so nothing typed is lost.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "journal";
  const KEPT = "journal-drafts";
  const PAUSE_MS = 1200;
  const AGAIN_MS = 5000;

  // What was typed and is not yet on the desk: {`account:trip`: {note, tags}}. `load` and `store` keep it.
  function makeDrafts(load, store) {
    const all = { ...load() };
    const keep = () => store(Object.keys(all).length ? all : null);
    return {
      of: (key) => all[key] || null,
      keys: () => Object.keys(all),
      set(key, words) {
        all[key] = words;
        keep();
      },
      drop(key) {
        delete all[key];
        keep();
      },
      // The desk has `words` now; what was typed since stays.
      saved(key, words) {
        if (all[key] && ts.journalRows.isSameWords(all[key], words)) this.drop(key);
      },
    };
  }

  const keyOf = (account, trip) => `${account}:${trip}`;

  function partsOf(key) {
    const at = key.indexOf(":");
    return { account: key.slice(0, at), trip: key.slice(at + 1) };
  }

  if (typeof module !== "undefined") module.exports = { makeDrafts, keyOf, partsOf };
  ts.journalNote = { show() {}, hide() {}, offer() {} };
  if (typeof document === "undefined") return;

  const byId = (id) => document.getElementById(id);
  const state = { key: null, words: null, base: null, pause: 0, again: 0, sending: new Set() };
  let drafts = null;

  // ---- what is shown

  function show(account, row) {
    const key = keyOf(account, row.id);
    const base = { note: row.note, tags: row.tags };
    const draft = drafts.of(key);
    if (draft && ts.journalRows.isSameWords(draft, base)) drafts.drop(key);
    if (key === state.key && (drafts.of(key) || ts.journalRows.isSameWords(base, state.base))) return;
    if (key !== state.key) {
      flush();
      say("");
    }
    Object.assign(state, { key, base, words: { ...base, ...drafts.of(key) } });
    if (drafts.of(key)) say("Not saved yet");
    write(row);
  }

  function hide() {
    flush();
    state.key = null;
  }

  function write(row) {
    const { setup } = ts.journalRows.apart(state.words.tags);
    put(byId("journal-note"), state.words.note);
    put(byId("journal-setup"), setup);
    byId("journal-setup").placeholder = !setup && row.setup ? `${row.setup} (from the order)` : byId("journal-setup").dataset.hint;
    drawChips(row);
  }

  function put(field, text) {
    if (field.value !== text) field.value = text;
  }

  function drawChips(row) {
    const { tags } = ts.journalRows.apart(state.words.tags);
    const own = row && row.tag && !row.tag.startsWith(ts.journalRows.SETUP) && !tags.includes(row.tag) ? [ownChip(row.tag)] : [...byId("journal-tags").querySelectorAll(".is-own")].filter(() => !row);
    byId("journal-tags").replaceChildren(...own, ...tags.map(chip));
  }

  const ownChip = (tag) => ts.dom.element("span", { class: "journal-chip is-own", role: "listitem", title: "The order's own tag" }, tag);

  function chip(tag) {
    const remove = ts.dom.element("button", { type: "button", "aria-label": `Remove ${tag}`, title: "Remove", onclick: ts.boundary.guard(PANEL, () => removeTag(tag)) }, "×");
    return ts.dom.element("span", { class: "journal-chip", role: "listitem" }, tag, remove);
  }

  function say(text, kind = "muted") {
    const at = byId("journal-state");
    at.textContent = text;
    at.className = kind;
  }

  // ---- what is typed

  function change(changed) {
    if (!state.key) return;
    const now = { ...ts.journalRows.apart(state.words.tags), ...changed };
    state.words = { note: changed.note === undefined ? state.words.note : changed.note, tags: ts.journalRows.together(now) };
    drafts.set(state.key, state.words);
    say("Not saved yet");
    drawChips(null);
    root.clearTimeout(state.pause);
    state.pause = root.setTimeout(ts.boundary.guard(PANEL, flush), PAUSE_MS);
  }

  function addTag() {
    const field = byId("journal-tag-new");
    const { tags } = ts.journalRows.apart(state.words.tags);
    const more = ts.journalRows.withTag(tags, field.value);
    field.value = "";
    if (more !== tags) {
      change({ tags: more });
      flush();
    }
  }

  function removeTag(tag) {
    change({ tags: ts.journalRows.apart(state.words.tags).tags.filter((each) => each !== tag) });
    flush();
    byId("journal-tag-new").focus();
  }

  // ---- what is saved

  function flush() {
    root.clearTimeout(state.pause);
    state.pause = 0;
    return state.key && drafts.of(state.key) ? save(state.key) : undefined;
  }

  async function save(key) {
    const words = drafts.of(key);
    if (!words || state.sending.has(key)) return;
    state.sending.add(key);
    const tell = (text, kind) => key === state.key && say(text, kind);
    tell("Saving…");
    const { account, trip } = partsOf(key);
    const receipt = await ts.intents.send({ do: "annotate", account, trip_id: trip, note: words.note, tags: words.tags }, { quiet: true });
    state.sending.delete(key);
    if (!receipt.ok) return unsaved(key, receipt, tell);
    drafts.saved(key, words);
    ts.journal.noted(trip, words);
    if (drafts.of(key)) save(key);
    else tell("Saved");
  }

  // The desk does not answer: tried again. It refused: the person must change something.
  function unsaved(key, receipt, tell) {
    if (receipt.code !== "offline" && receipt.code !== "timeout") return tell(receipt.message, "down");
    tell("The desk cannot be reached: kept in this browser, and saved when it is back.", "warn");
    root.clearTimeout(state.again);
    state.again = root.setTimeout(ts.boundary.guard(PANEL, saveAll), AGAIN_MS);
  }

  function saveAll() {
    for (const key of drafts.keys()) save(key);
  }

  function offer(found) {
    const options = (words) => words.map((word) => ts.dom.element("option", { value: word }));
    byId("journal-tags-known").replaceChildren(...options(found.tags));
    byId("journal-setups-known").replaceChildren(...options(found.setups));
  }

  Object.assign(ts.journalNote, {
    // Called by the journal when its fields are there.
    start() {
      drafts = makeDrafts(() => ts.page.stored(KEPT, {}), (all) => ts.page.store(KEPT, all));
      const guard = (fn) => ts.boundary.guard(PANEL, fn);
      byId("journal-note").addEventListener("input", guard(() => change({ note: byId("journal-note").value })));
      byId("journal-setup").addEventListener("input", guard(() => change({ setup: byId("journal-setup").value })));
      for (const id of ["journal-note", "journal-setup"]) byId(id).addEventListener("change", guard(flush));
      byId("journal-tag-new").addEventListener("keydown", guard((event) => {
        if (event.key !== "Enter" && event.key !== ",") return;
        event.preventDefault();
        addTag();
      }));
      byId("journal-tag-new").addEventListener("change", guard(addTag));
      byId("journal-save").addEventListener("click", guard(() => (drafts.of(state.key) ? flush() : say(state.key ? "Saved" : ""))));
      byId("journal-words").addEventListener("keydown", guard((event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        flush();
      }));
      root.addEventListener("pagehide", () => state.key && drafts.of(state.key) && save(state.key));
      if (drafts.keys().length) saveAll();
    },
    show,
    hide,
    offer,
  });
})(typeof window === "undefined" ? globalThis : window);

// All of one row of the blotter where its grid shows only what matters, with what can be done about it.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const OF_ROW = new Set(["symbol", "side"]);
  const EDITABLE = [["qty", "Quantity"], ["limit", "Limit price"], ["stop", "Trigger"], ["trail", "Trail"]];

  // The fields of an order that may be changed, as `[field, label]`.
  function editable(row, canEdit) {
    return row.open ? EDITABLE.filter(([field]) => canEdit(row, field)) : [];
  }

  const numberOf = (text) => Number((ts.format || require("./format.js")).digitsOf(text) ?? NaN);

  // What was typed anew: `{field: text}` of the fields that say another number than the one `written` into them.
  function changesOf(written, typed) {
    return Object.fromEntries(Object.entries(typed).filter(([field, text]) => text.trim() !== "" && numberOf(text) !== numberOf(written[field])));
  }

  // Does `deed` with the row as its grid has it now, which may be another one than when it was shown.
  function withRow(api, id, deed) {
    const node = api.getRowNode(id);
    return node && node.data ? deed(node.data) : ts.page.toast("info", "It is gone meanwhile: nothing was done.");
  }

  const ns = { editable, changesOf, withRow };
  ts.blotterDetail = ns;
  if (typeof module !== "undefined") module.exports = ns;
  if (typeof document === "undefined") return;

  let open = null;
  const element = (...all) => ts.dom.element(...all);

  // Every column that says something of this row, as its grid would write it.
  function pairs() {
    const { api, id } = open;
    const node = api.getRowNode(id);
    if (!node) return null;
    const told = api.getColumns().filter((column) => column.getColDef().field && !OF_ROW.has(column.getColId()));
    const values = told.map((column) => [column.getColDef().headerName, String(api.getCellValue({ rowNode: node, colKey: column, useFormatter: true }) ?? "")]);
    return values.filter(([, value]) => value !== "" && value !== ts.format.NONE);
  }

  function paint() {
    if (!open) return;
    const now = pairs();
    if (!now) return open.box.close();
    const written = JSON.stringify(now);
    if (written === open.written) return;
    open.written = written;
    open.list.replaceChildren(...now.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  }

  function button(text, onclick, kind = "quiet-button") {
    return element("button", { type: "button", class: kind, onclick: ts.boundary.guard("blotter", () => (open.box.close(), onclick())) }, text);
  }

  function actWord(row) {
    if (row.act === "Cancel") return "Cancel";
    return row.isLot ? `${row.act} this lot…` : "Close…";
  }

  function buttons(tab, row, acts) {
    return [
      tab === "orders" || tab === "fills" ? button("Why", acts.why) : null,
      acts.prefill && button("Into the ticket", acts.prefill),
      row.act ? button(actWord(row), acts.act, "main-button is-danger") : null,
    ].filter(Boolean);
  }

  function form(fields, change) {
    const written = Object.fromEntries(fields.map(([field]) => [field, plain(field)]));
    const inputs = fields.map(([field, label]) => {
      const input = element("input", { name: field, inputmode: "decimal", autocomplete: "off", class: "field num", value: written[field] });
      return element("label", { class: "form-row" }, element("span", {}, label), input);
    });
    const onsubmit = ts.boundary.guard("blotter", (event) => {
      event.preventDefault();
      const changes = changesOf(written, Object.fromEntries(new FormData(event.target)));
      if (!Object.keys(changes).length) return ts.page.toast("info", "Nothing to change: type another number first.");
      open.box.close();
      return change(changes);
    });
    return element("form", { class: "form blotter-change", onsubmit }, ...inputs, element("button", { class: "quiet-button" }, "Change order"));
  }

  // As its column writes it, without what is not typed.
  function plain(field) {
    const { api, id } = open;
    return String(api.getCellValue({ rowNode: api.getRowNode(id), colKey: field, useFormatter: true })).replace(/[^0-9.]/g, "");
  }

  // `acts` are {act, why, prefill, change}; `fields` from editable().
  ns.show = ({ api, tab, row, title, fields, acts }) => {
    open = { api, id: row.id, list: element("dl", { class: "blotter-pairs" }), written: "" };
    const { list } = open;
    const actions = element("div", { class: "dialog-actions blotter-deeds" }, ...buttons(tab, row, acts));
    const parts = fields.length ? [list, form(fields, acts.change), actions] : [list, actions];
    const box = ts.page.dialog(title, false, ...parts);
    box.addEventListener("close", () => (open = null));
    open.box = box;
    paint();
  };
  ns.paint = paint;
})(typeof window === "undefined" ? globalThis : window);

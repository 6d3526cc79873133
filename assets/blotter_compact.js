// The blotter's rows where it is narrow: two lines on the left, two on the right, and a button as large as a finger.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const functions = (root.dashAgGridFunctions = root.dashAgGridFunctions || {});
  const components = (root.dashAgGridComponentFunctions = root.dashAgGridComponentFunctions || {});
  const NARROW = 760;
  const LINES = ["what", "so"];
  const BUTTON = "touch_act";
  const WIDE_BUTTON = "act";

  const text = (name, data, value) => functions[name]({ data, value });
  const price = (data, value) => text("blotterPrice", data, value);
  const average = (data, value) => text("blotterAverage", data, value);
  const qty = (data, value) => text("blotterQty", data, value);
  const side = (data) => text("blotterSide", data, data.side);
  const signed = (value) => functions.blotterSigned({ value });
  const joined = (...parts) => parts.filter(Boolean).join(" · ");

  // What an order asks for: "limit 229.50", "trigger 231.40".
  function asked(row) {
    return joined(row.stop !== null && `at ${price(row, row.stop)}`, row.limit !== null && `${row.stop !== null ? "limit" : "at"} ${price(row, row.limit)}`);
  }

  // Where it stands: its place in the queue while it works, what it got when it is over.
  function standing(row) {
    const part = row.filled > 0 && row.filled < row.qty ? `${qty(row, row.filled)} filled` : "";
    const got = row.avg !== null ? `at ${average(row, row.avg)}` : "";
    const ahead = row.open && !row.waits && row.ahead !== null ? `${qty(row, row.ahead)} ahead` : "";
    return joined(part, got, ahead) || functions.blotterTime({ value: row.time }).slice(0, 8);
  }

  function orderStatus(row) {
    return functions.blotterStatus({ data: { ...row, reason: "" }, value: row.status });
  }

  const marked = (row) => `${row.isStale ? "stale" : "mark"} ${price(row, row.mark)}`;

  // What is told of the day alone: a position that was closed in it, or a sum.
  function dayForm(row) {
    const below = row.rpl === null ? "" : joined(`realised ${signed(row.rpl)}`, row.isSum && `open ${signed(row.upl)}`);
    return { name: row.symbol, deed: row.side, below, so: signed(row.day), under: "today", number: row.day };
  }

  // Each `{name, deed, below, so, under, number}`: what it is in two lines, how it is in two, and whose sign colours it.
  const FORMS = {
    orders: (row) => ({
      name: text("blotterSymbol", row, row.symbol),
      deed: `${side(row)} ${qty(row, row.qty)}`,
      below: joined(row.type, asked(row)),
      so: orderStatus(row),
      under: standing(row),
    }),
    positions: (row) => (row.isSum || row.open === false ? dayForm(row) : {
      name: row.symbol,
      deed: `${row.side} ${qty(row, row.qty)}`,
      below: joined(`at ${average(row, row.avg)}`, marked(row)),
      so: signed(row.upl),
      under: `${functions.blotterPercent({ value: row.uplPercent })} %`,
      number: row.upl,
    }),
    fills: (row) => ({
      name: row.symbol,
      deed: `${side(row)} ${qty(row, row.qty)}`,
      below: joined(functions.blotterTime({ value: row.time }), text("blotterLiquidity", row, row.liquidity)),
      so: `at ${price(row, row.price)}`,
      under: row.fee ? `fee ${functions.blotterMoney({ value: row.fee })}` : functions.blotterMoney({ value: row.value }),
    }),
    lots: (row) => ({
      name: row.symbol,
      deed: `${row.side} ${qty(row, row.qty)}`,
      below: joined(`at ${average(row, row.price)}`, row.isLot ? marked(row) : `closed at ${average(row, row.exit)}`),
      so: signed(row.isLot ? row.upl : row.rpl),
      under: joined(row.term, `${functions.blotterDays({ value: row.days })} d`),
      number: row.isLot ? row.upl : row.rpl,
    }),
    ledger: (row) => ({
      name: row.memo || row.kind,
      deed: "",
      below: joined(`No. ${row.seq}`, row.book, functions.blotterTime({ value: row.time }).slice(0, 8)),
      so: functions.blotterAmount({ data: row, value: row.amount }),
      under: row.unit,
      number: row.amount,
    }),
  };

  const formOf = (tab, row) => FORMS[tab](row);

  // Which columns stand: `columns` are all of a grid's, `wide` those that it shows where it has the room; `form` is compact,
  // touch or fine.
  function columnsFor(columns, wide, form) {
    const ofTouch = (column) => (column === WIDE_BUTTON ? BUTTON : column);
    const shown = form === "fine" ? wide : form === "touch" ? wide.map(ofTouch) : [...LINES, ...wide.filter((column) => column === WIDE_BUTTON).map(ofTouch)];
    return { shown: shown.filter((column) => columns.includes(column)), hidden: columns.filter((column) => !shown.includes(column)) };
  }

  // As text, so that a grid sees at once whether anything of it changed.
  functions.blotterWhat = ({ data }, tab) => (data ? whatOf(formOf(tab, data)).join("\n") : "");
  functions.blotterSo = ({ data }, tab) => (data ? soOf(formOf(tab, data)).join("\n") : "");

  const whatOf = ({ name, deed, below }) => [name, deed, below];
  const soOf = ({ so, under }) => [so, under];
  const make = (...all) => root.React.createElement(...all);
  const sideTone = (data) => (data.side ? functions.blotterSideClass({ value: data.side }) : "");

  components.BlotterWhat = function BlotterWhat({ data, value }) {
    if (!data) return null;
    const [name, deed, below] = value.split("\n");
    const first = make("div", { className: "compact-first" }, make("b", null, name), deed && make("span", { className: sideTone(data) }, deed));
    return make("div", { className: "compact-cell" }, first, make("div", { className: "compact-second" }, below));
  };

  components.BlotterSo = function BlotterSo({ data, value, tab }) {
    if (!data) return null;
    const [so, under] = value.split("\n");
    const { number } = formOf(tab, data);
    const tone = number === undefined ? functions.blotterStatusClass({ value: data.status }) : ts.format.tone(number);
    return make("div", { className: "compact-cell is-so" }, make("div", { className: `compact-first ${tone}` }, so), make("div", { className: "compact-second" }, under));
  };

  const isLine = (column) => LINES.includes(column);
  const isOwn = (column) => column === BUTTON || isLine(column);

  ts.blotterCompact = { NARROW, formOf, columnsFor, isLine, isOwn };
  if (typeof module !== "undefined") module.exports = ts.blotterCompact;
})(typeof window === "undefined" ? globalThis : window);

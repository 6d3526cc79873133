// How the journal's table writes its values; numbers as the blotter does.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const functions = (root.dashAgGridFunctions = root.dashAgGridFunctions || {});

  const day = (ms) => ts.format.date(ms).slice(5);

  functions.journalMoment = ({ value }) => (value ? `${day(value)} ${ts.format.time(value).slice(0, 5)}` : "Open");
  functions.journalClosedClass = ({ value }) => ["ag-right-aligned-cell", value ? "" : "blotter-strong"].filter(Boolean);
  functions.journalOpenFirst = (one, other) => ts.journalRows.openFirst(one, other);
  // What is open has its mark where others have their exit: "mark 188.20", as a broker lists a position.
  const isHeld = (data) => Boolean(data && ts.journalRows.isOpen(data));
  functions.journalOpenQty = ({ data }) => (isHeld(data) ? Math.abs(data.left) : data && data.qty);
  functions.journalQty = (params) => {
    const { data, value } = params;
    const qty = (text) => root.dashAgGridFunctions.blotterQty({ ...params, value: text });
    return isHeld(data) && value !== data.qty ? `${qty(value)} of ${qty(data.qty)}` : qty(value);
  };
  functions.journalExitOrMark = ({ data }) => (isHeld(data) ? data.mark ?? null : data && data.exit);
  functions.journalExit = (params) => {
    const text = root.dashAgGridFunctions.blotterAverage(params);
    return isHeld(params.data) && params.value !== null ? `mark ${text}` : text;
  };
  functions.journalExitClass = ({ data }) => ["ag-right-aligned-cell", isHeld(data) ? "muted" : ""].filter(Boolean);
  functions.journalHold = ({ value }) => ts.journalRows.held(value);
  functions.journalTags = ({ data }) => (data ? ts.journalRows.words(data).join(", ") : "");
  functions.journalIsChosen = ({ data }) => Boolean(data && ts.journal && ts.journal.isChosen(data.id));
})(typeof window === "undefined" ? globalThis : window);

// How the journal's table writes its values; numbers as the blotter does.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const functions = (root.dashAgGridFunctions = root.dashAgGridFunctions || {});

  const day = (ms) => ts.format.date(ms).slice(5);

  functions.journalMoment = ({ value }) => (value ? `${day(value)} ${ts.format.time(value).slice(0, 5)}` : "Open");
  functions.journalClosedClass = ({ value }) => ["ag-right-aligned-cell", value ? "" : "blotter-strong"].filter(Boolean);
  functions.journalOpenFirst = (one, other) => ts.journalRows.openFirst(one, other);
  functions.journalHold = ({ value }) => ts.journalRows.held(value);
  functions.journalTags = ({ data }) => (data ? ts.journalRows.words(data).join(", ") : "");
  functions.journalIsChosen = ({ data }) => Boolean(data && ts.journal && ts.journal.isChosen(data.id));
})(typeof window === "undefined" ? globalThis : window);

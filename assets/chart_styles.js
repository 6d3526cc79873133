// How a drawing looks: its colour, stroke and width, by name; what is not named is as usual. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  // Each is a token of chart.css: --chart-ink-<name>.
  const COLORS = { violet: "Violet", blue: "Blue", green: "Green", amber: "Amber", red: "Red", grey: "Grey" };
  const STROKES = { solid: { title: "Solid", dash: [] }, dashed: { title: "Dashed", dash: [7, 5] }, dotted: { title: "Dotted", dash: [1, 4] } };
  const WIDTHS = { thin: { title: "Thin", px: 1.25 }, medium: { title: "Medium", px: 2.25 }, thick: { title: "Thick", px: 3.5 } };
  const USUAL = { color: "violet", stroke: "solid", width: "thin" };
  const CHOICES = { color: COLORS, stroke: STROKES, width: WIDTHS };

  // What of a drawing's look can be chosen: a note has no line.
  const takes = (kind) => (kind === "note" ? ["color"] : ["color", "stroke", "width"]);

  // What differs from the usual look, and nothing else; null when nothing does.
  function sound(raw, kind) {
    const given = raw && typeof raw === "object" ? raw : {};
    const kept = takes(kind).filter((part) => given[part] !== USUAL[part] && Object.hasOwn(CHOICES[part], given[part]));
    return kept.length ? Object.fromEntries(kept.map((part) => [part, given[part]])) : null;
  }

  const styleOf = ({ style }) => ({ ...USUAL, ...style });

  function styled({ style: before, ...plain }, changes) {
    const style = sound({ ...before, ...changes }, plain.kind);
    return style ? { ...plain, style } : plain;
  }

  // "Blue, dashed, thick".
  function told(drawing) {
    const { color, stroke, width } = styleOf(drawing);
    const line = takes(drawing.kind).length > 1 ? [STROKES[stroke].title, WIDTHS[width].title] : [];
    return [COLORS[color], ...line.map((word) => word.toLowerCase())].join(", ");
  }

  ts.chartStyles = { COLORS, STROKES, WIDTHS, USUAL, takes, sound, styleOf, styled, told };
  if (typeof module !== "undefined") module.exports = ts.chartStyles;
})(typeof window === "undefined" ? globalThis : window);

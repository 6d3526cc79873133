// Plain elements that Dash draws once (ui/skeleton.py): what is in them is filled by the panels' scripts.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // {type, props, children} down to text, by `element(type, props, ...children)`.
  function built(node, element) {
    if (node === null || typeof node !== "object") return node;
    return element(node.type, node.props, ...node.children.map((child) => built(child, element)));
  }

  ts.Skeleton = function Skeleton({ tree }) {
    return root.React.useMemo(() => built(tree, root.React.createElement), []);
  };

  if (typeof module !== "undefined") module.exports = { built };
})(typeof window === "undefined" ? globalThis : window);

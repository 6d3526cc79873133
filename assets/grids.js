// Tables: their code, which is large and comes when the page stands, once; and a table's own interface when Dash has made it.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const CODE = "_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js";
  const LOOK_AGAIN_MS = 30;
  let code = null;

  function pathPrefix() {
    const config = document.getElementById("_dash-config");
    return (config && JSON.parse(config.textContent).requests_pathname_prefix) || "/";
  }

  function fetched() {
    return new Promise((resolve, reject) => {
      const script = ts.dom.element("script", { src: pathPrefix() + CODE });
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => {
        code = null;
        reject(new Error("the table's code could not be loaded"));
      });
      document.head.append(script);
    });
  }

  // The library throws while a grid is in the document but not ready.
  function apiOf(id) {
    try {
      return root.dash_ag_grid && document.getElementById(id) && root.dash_ag_grid.getApi(id);
    } catch {
      return null;
    }
  }

  ts.grids = {
    load() {
      if (root.dash_ag_grid && !code) return Promise.resolve();
      code = code || new Promise(ts.page.later).then(fetched);
      return code;
    },
    // Dash renders when it is ready to: asked for until the grid is there.
    made(id) {
      return new Promise((resolve) => {
        (function look() {
          const api = apiOf(id);
          if (api) resolve(api);
          else root.setTimeout(look, LOOK_AGAIN_MS);
        })();
      });
    },
  };
})(typeof window === "undefined" ? globalThis : window);

// The browser, as the connection needs it; read last of the three, it begins to listen at once.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

  function browserWorld() {
    const { location, document, performance } = root;
    const url = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
    return {
      open(handlers) {
        const socket = new root.WebSocket(url);
        socket.onopen = handlers.open;
        socket.onmessage = (event) => handlers.message(event.data);
        socket.onclose = (event) => handlers.close(event.code, event.reason);
        return {
          send: (text) => { if (socket.readyState === 1) socket.send(text); },
          close: () => socket.close(1000),
        };
      },
      now: () => Date.now(),
      elapsed: () => performance.now(),
      later(fn, ms) {
        const timer = root.setTimeout(fn, ms);
        return () => root.clearTimeout(timer);
      },
      random: () => Math.random(),
      isHidden: () => document.hidden,
      isOnline: () => root.navigator.onLine !== false,
      isLocal: LOCAL_HOSTS.has(location.hostname),
      publish(summary) {
        if (!hasStore("summary")) return false;
        root.dash_clientside.set_props("summary", { data: summary });
        return true;
      },
      complain: (error) => root.console.error("live:", error),
    };
  }

  function hasStore(id) {
    try {
      return root.dash_component_api.getLayout(id) !== undefined;
    } catch {
      return false; // Dash has not rendered yet
    }
  }

  if (root.document && root.WebSocket) {
    const live = (ts.live = ts.liveConnection.createLive(browserWorld()));
    root.addEventListener("offline", live.wentOffline);
    root.addEventListener("online", live.cameOnline);
    root.addEventListener("pagehide", live.leave);
    root.addEventListener("pageshow", (event) => { if (event.persisted) live.retryNow(); });
    root.document.addEventListener("visibilitychange", live.visibilityChanged);
    live.start();
  }
})(typeof window === "undefined" ? globalThis : window);

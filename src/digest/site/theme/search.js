// The theme reads the whole search index on every page, and most pages are only read: here it waits for a search.
(() => {
  const { open, send } = XMLHttpRequest.prototype;
  const searching = new Promise((resolve) => {
    if (new URLSearchParams(location.search).has("h")) resolve(); // words to highlight are split as the index says
    document.addEventListener("focusin", (event) => event.target.closest("[data-md-component=search]") && resolve());
  });
  const waiting = new WeakSet();
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    if (String(address).endsWith("/search/search_index.json")) waiting.add(this);
    return open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (waiting.has(this)) searching.then(() => send.call(this, body));
    else send.call(this, body);
  };
})();

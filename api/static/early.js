// Before and beside everything else on a person's page, in words that engines of 2015 read: leaving at once, no trail
// of our pages in Back, and plain words where the rest does not start. No module, no text of its own.
(function () {
  "use strict";
  var QUICK = 2000; // milliseconds for the three presses
  var LONGEST = 4500; // milliseconds until whoever waits is told
  var leave = document.getElementById("leave");
  var fallback = document.getElementById("fallback");
  var presses = [];
  var gone = false;

  // Whoever leaves quickly is asked nothing: this comes before every other listener.
  window.addEventListener("beforeunload", function (event) {
    if (gone) event.stopImmediatePropagation();
  }, true);

  // What was still at work finds an empty page: no fault, and nothing of it stands in the browser's console.
  function hush(event) {
    if (gone) event.preventDefault();
  }
  window.addEventListener("error", hush);
  window.addEventListener("unhandledrejection", hush);

  // What is open in another tab of this browser goes as well.
  var others = "BroadcastChannel" in window ? new BroadcastChannel("pages") : null;
  if (others) {
    others.onmessage = function (event) {
      if (event.data === "go") go(true);
    };
  }

  // The page is blank before anything else happens, for whoever looks now.
  function go(told) {
    if (gone) return;
    gone = true;
    if (others && told !== true) others.postMessage("go");
    var href = leave.href;
    document.body.textContent = "";
    document.title = " ";
    try {
      // What this visit left with the browser is taken away while the other page loads already.
      if (navigator.sendBeacon) navigator.sendBeacon("/leave");
    } catch (ignored) {
      // Leaving goes on.
    }
    location.replace(href); // takes this page's place in the history
  }

  leave.addEventListener("click", function (event) {
    event.preventDefault();
    go();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Shift") {
      presses = [];
      return;
    }
    if (event.repeat) return;
    var now = Date.now();
    presses = presses.filter(function (at) {
      return now - at < QUICK;
    });
    presses.push(now);
    if (presses.length === 3) go();
  });

  // One entry in the history for all of our pages, so that leaving replaces the only one and Back leads to none of them.
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[href]") : null;
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.hasAttribute("download") || link.target || link.origin !== location.origin) return;
    if (link.hash && link.pathname === location.pathname && link.search === location.search) {
      // A place on this page: go there without an entry in the history.
      var place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!place) return;
      event.preventDefault();
      place.scrollIntoView();
      if (place.tabIndex < 0 && !place.hasAttribute("tabindex")) place.setAttribute("tabindex", "-1");
      place.focus({ preventScroll: true });
      return;
    }
    event.preventDefault();
    location.replace(link.href);
  });
  // What a form would send, in the words of a form.
  function valuesOf(form) {
    var pairs = [];
    Array.prototype.forEach.call(form.elements, function (field) {
      var choice = field.type === "checkbox" || field.type === "radio";
      if (!field.name || field.disabled || (choice && !field.checked) || /^(submit|button|file|reset|image)$/.test(field.type)) return;
      pairs.push(encodeURIComponent(field.name) + "=" + encodeURIComponent(field.value));
    });
    return pairs.join("&");
  }

  // A form that is sent makes an entry as well. So this sends it, and the answer takes the place of the page.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    var unsent = document.getElementById("not-sent");
    if (unsent) unsent.hidden = true;
    var request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onload = function () {
      if (gone) return;
      if (request.responseURL && request.responseURL !== form.action) {
        location.replace(request.responseURL); // it was taken
        return;
      }
      document.open("text/html", "replace");
      document.write(request.responseText);
      document.close();
    };
    request.onerror = function () {
      if (gone) return;
      form.removeAttribute("aria-busy");
      if (!unsent) return form.submit(); // as without a script: the browser says what is wrong
      unsent.hidden = false; // what was typed stays, and no entry joins the history
      unsent.focus();
    };
    request.send(valuesOf(form));
  });
  // A page that the browser kept, shown again by Back, may hold what was typed: it is fetched anew.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });

  // Hidden while it is out of sight: a phone shows a picture of it among the open pages.
  document.addEventListener("visibilitychange", function () {
    document.documentElement.classList[document.hidden ? "add" : "remove"]("covered");
  });

  if (!fallback) return;
  function started() {
    var app = document.getElementById("app");
    return app && !app.hidden;
  }
  function tell() {
    if (!started() && !gone) fallback.className = "";
  }
  // A script that does not arrive, or that this engine cannot read.
  window.addEventListener("error", function (event) {
    var script = event.target && event.target.tagName === "SCRIPT";
    if (script || event.message) tell();
  }, true);
  window.addEventListener("unhandledrejection", tell);
  setTimeout(tell, LONGEST);
})();

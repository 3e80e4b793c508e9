#include "api/kodo/widget_script.h"

namespace pharos::api::kodo {

// tidy: table
std::string_view WidgetScript() {
  return R"js((function () {
  "use strict";
  var script = document.currentScript;
  if (!script) return;
  var option = function (name, usual, known) {
    var value = script.getAttribute("data-" + name);
    return value && (!known || known.indexOf(value) >= 0) ? value : usual;
  };
  var page = option("page", "");
  if (!page) { console.error("widget.js: data-page is missing"); return; }
  var style = option("style", "badge", ["badge", "banner", "floating", "incident"]);
  var position = option("position", "bottom-right",
    ["bottom-right", "bottom-left", "top-right", "top-left"]);
  var theme = option("theme", "auto", ["auto", "light", "dark"]);
  var hide = option("hide-when-operational", "false") === "true";
  var origin = new URL(script.src, location.href).origin;
  var colors = { degraded: "#f59e0b", partial_outage: "#f97316", major_outage: "#ef4444",
    maintenance: "#3b82f6" };
  var box = document.createElement("div");
  box.setAttribute("role", "status");
  box.style.display = "none";
  if (style === "floating") {
    document.addEventListener("DOMContentLoaded", function () { document.body.appendChild(box); });
    if (document.body) document.body.appendChild(box);
  } else if (script.parentNode) {
    script.parentNode.insertBefore(box, script.nextSibling);
  }
  var isDark = function () {
    if (theme !== "auto") return theme === "dark";
    return window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches;
  };
  var safeColor = function (text, usual) {
    return /^#[0-9a-fA-F]{6}$/.test(text || "") ? text : usual;
  };
  var previous = null;
  var draw = function (data) {
    var operational = data.status === "operational";
    var incident = data.incidents && data.incidents[0];
    if (hide && operational && !(style === "incident" && incident)) {
      box.style.display = "none";
      return;
    }
    var color = operational ? safeColor(data.page.primary_color, "#22c55e")
      : colors[data.status] || "#6b7280";
    var look = style === "incident" && !incident ? "banner" : style;
    var dark = isDark();
    box.textContent = "";
    box.style.cssText = "font:14px/1.4 system-ui,sans-serif;box-sizing:border-box;" +
      "color:" + (dark ? "#f3f4f6" : "#111827") + ";background:" + (dark ? "#111827" : "#ffffff") +
      ";border:1px solid " + color + ";";
    if (look === "banner" || look === "incident") {
      box.style.display = "block";
      box.style.padding = "12px 16px";
      box.style.borderLeftWidth = "6px";
    } else {
      box.style.display = "inline-block";
      box.style.padding = "4px 12px";
      box.style.borderRadius = "999px";
    }
    if (look === "floating") {
      box.style.position = "fixed";
      box.style.zIndex = "2147483000";
      box.style[position.split("-")[0]] = "16px";
      box.style[position.split("-")[1]] = "16px";
    }
    var dot = document.createElement("span");
    dot.style.cssText = "display:inline-block;width:10px;height:10px;border-radius:50%;" +
      "margin-right:8px;background:" + color;
    var link = document.createElement("a");
    link.href = new URL(data.page.url || "/", origin).href;
    link.style.cssText = "color:inherit;text-decoration:none";
    link.textContent = look === "incident" ? incident.title : data.description;
    box.appendChild(dot);
    box.appendChild(link);
    if (look === "incident" && incident.message) {
      var text = document.createElement("div");
      text.textContent = incident.message;
      box.appendChild(text);
    }
  };
  var refresh = function () {
    fetch(origin + "/api/public/status/" + encodeURIComponent(page), { credentials: "omit" })
      .then(function (reply) {
        if (!reply.ok) throw new Error("HTTP " + reply.status);
        return reply.json();
      })
      .then(function (data) {
        draw(data);
        if (previous !== null && previous !== data.status) {
          window.dispatchEvent(new CustomEvent("kodo:status-change",
            { detail: { page: page, previous: previous, current: data.status } }));
        }
        previous = data.status;
      })
      .catch(function (error) {
        if (previous === null) box.style.display = "none";
        console.warn("widget.js:", error);
      });
  };
  refresh();
  setInterval(refresh, 60000);
})();
)js";
}

}  // namespace pharos::api::kodo

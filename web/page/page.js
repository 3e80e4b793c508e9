// The page works without this. It converts times to the reader's zone, adds day tooltips, remembers
// the theme and keeps the page fresh. Runs in <head> so that a chosen theme shows without a flash.
(() => {
  'use strict';
  const root = document.documentElement;
  const recall = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  const chosen = recall();
  if (chosen === 'dark' || chosen === 'light') root.dataset.theme = chosen;

  const $ = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const WORDS = { d: 'degraded', p: 'partial outage', x: 'down', m: 'maintenance' };

  function localTimes() {
    const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
    const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
    const clock = new Intl.DateTimeFormat(undefined, {
      hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' });
    for (const time of all('time')) {
      const at = new Date(time.dateTime);
      time.title = full.format(at);
      time.textContent = (time.className === 'clock' ? clock : day).format(at);
    }
  }

  const span = (min) => min < 60 ? `${min} min`
    : `${Math.floor(min / 60)} h${min % 60 ? ` ${min % 60} min` : ''}`;

  // "84,x14,d38" = 84 ms on average, about 14 minutes down, 38 degraded; "" = no data.
  function describe(svg, i) {
    const days = svg.dataset.days.split(';');
    const date = new Date(Date.parse(svg.dataset.to) - (days.length - 1 - i) * 864e5);
    const parts = days[i].split(',');
    const troubles = parts.slice(1).map((p) => `about ${span(+p.slice(1))} ${WORDS[p[0]]}`);
    const lines = !days[i] ? ['No data'] : troubles.length ? troubles : ['Operational'];
    if (+parts[0] > 0) lines.push(`${parts[0]} ms on average`);
    return [date.toLocaleDateString(undefined,
      { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }), lines];
  }

  function hide() {
    $('#tip').hidden = true;
    all('.pick').forEach((p) => p.remove());
  }

  function show(svg, i) {
    const n = svg.dataset.days.split(';').length;
    // Days that a small screen cuts off are not reachable either.
    const first = Math.round(n * (1 - svg.parentNode.clientWidth / svg.clientWidth));
    i = Math.min(n - 1, Math.max(first, i));
    const [date, lines] = describe(svg, i);
    hide();
    const tip = $('#tip');
    const head = document.createElement('b');
    head.textContent = date;
    tip.replaceChildren(head, ...lines.flatMap((l, k) => k ? [document.createElement('br'), l] : [l]));
    tip.hidden = false;
    const box = svg.getBoundingClientRect();
    const x = box.left + (i + .5) / n * box.width;
    const left = Math.min(Math.max(8, x - tip.offsetWidth / 2), root.clientWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 8;
    tip.style.transform = `translate(${left + scrollX}px,${
      (above > 4 ? above : box.bottom + 8) + scrollY}px)`;
    const pick = document.createElementNS(svg.namespaceURI, 'path');
    pick.setAttribute('class', 'pick');
    pick.setAttribute('d', `M${(i + .5) * 900 / n} 0v36`);
    svg.prepend(pick);
    svg.dataset.at = i;
    svg.setAttribute('aria-valuenow', i);
    svg.setAttribute('aria-valuetext', `${date}: ${lines.join(', ')}`);
  }

  function bars() {
    for (const svg of all('.bars svg')) {
      const n = svg.dataset.days.split(';').length;
      svg.tabIndex = 0;
      // A read-only slider is what assistive technology can step through day by day.
      svg.setAttribute('role', 'slider');
      svg.setAttribute('aria-readonly', 'true');
      svg.setAttribute('aria-valuemin', 0);
      svg.setAttribute('aria-valuemax', n - 1);
      svg.setAttribute('aria-valuenow', n - 1);
      const [date, lines] = describe(svg, n - 1);
      svg.setAttribute('aria-valuetext', `${date}: ${lines.join(', ')}`);
      const point = (e) => {
        const box = svg.getBoundingClientRect();
        show(svg, Math.floor((e.clientX - box.left) / box.width * n));
      };
      svg.onpointermove = svg.onpointerdown = point;
      svg.onpointerleave = (e) => { if (e.pointerType === 'mouse') hide(); };
      svg.onblur = hide;
      svg.onfocus = () => { if (svg.matches(':focus-visible')) show(svg, +(svg.dataset.at ?? n - 1)); };
      svg.onkeydown = (e) => {
        const at = +(svg.dataset.at ?? n - 1);
        const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: n - 1 }[e.key];
        if (e.key === 'Escape') hide();
        if (to === undefined) return;
        e.preventDefault();
        show(svg, to);
      };
    }
  }

  function theme() {
    const button = $('.theme');
    if (!button) return;
    button.hidden = false;
    const dark = () => root.dataset.theme
      ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    const label = () => button.setAttribute('aria-label', `Use the ${dark() ? 'light' : 'dark'} theme`);
    button.onclick = () => {
      root.dataset.theme = dark() ? 'light' : 'dark';
      try { localStorage.setItem('theme', root.dataset.theme); } catch { /* private mode */ }
      label();
    };
    label();
  }

  let busy = false;
  async function refresh() {
    if (busy || document.hidden) return;
    busy = true;
    try {
      const reply = await fetch(location.pathname, { cache: 'no-cache' });
      if (!reply.ok) return;
      const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html');
      if (fresh.documentElement.dataset.version === root.dataset.version) return;
      swap(fresh);
    } catch { /* offline; the next event or poll tries again */ } finally { busy = false; }
  }

  function swap(fresh) {
    const open = new Set(all('details[open]').map((d) => d.id));
    const active = document.activeElement;
    const focus = active?.id || active?.closest('details[id]')?.id;
    const at = document.activeElement?.dataset?.at;
    const before = $('.banner h2')?.textContent;
    hide();
    root.dataset.version = fresh.documentElement.dataset.version;
    document.title = fresh.title;
    $('main').replaceChildren(...fresh.querySelector('main').childNodes);
    open.forEach((id) => { const d = document.getElementById(id); if (d) d.open = true; });
    localTimes();
    bars();
    const found = focus && document.getElementById(focus);
    const focused = found?.matches('details') ? found.querySelector('summary') : found;
    if (focused) {
      if (at !== undefined) focused.dataset.at = at;
      focused.focus({ preventScroll: true });
    }
    const now = $('.banner h2')?.textContent;
    if (now && now !== before) $('#say').textContent = now;
  }

  let events = null, poll = 0;
  function connect() {
    clearInterval(poll);
    events?.close();
    if (document.hidden) return;
    poll = setInterval(refresh, 6e4);
    events = new EventSource('/live?page=' + encodeURIComponent(root.dataset.page || ''));
    events.addEventListener('page', (e) => {
      // Spread over half a second: during an outage everybody has this page open.
      if (e.data !== root.dataset.version) setTimeout(refresh, Math.random() * 500);
    });
  }

  document.addEventListener('DOMContentLoaded', () => {
    localTimes();
    theme();
    if (!root.dataset.version) return;
    bars();
    connect();
    document.addEventListener('visibilitychange', () => { connect(); refresh(); });
    addEventListener('scroll', hide, { passive: true });
  });
})();

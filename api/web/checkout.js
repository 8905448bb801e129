// The checkout page, alive: counts down, copies, and shows what the ledger says as soon as it is known.
// The server makes every page; this only fetches it again when something has changed.
(() => {
  "use strict";
  const POLL_MS = 5_000;
  const RECONNECT_MS = 30_000;
  const SPOKEN_S = [300, 60, 30, 10];

  const news = document.getElementById("news");
  const page = () => document.querySelector("main");
  const state = () => page().dataset;
  const isOpen = () => ["open", "part", "late", "blind"].includes(state().status);
  const say = (text) => { if (news) news.textContent = text; };

  // --- times ------------------------------------------------------------------------------------

  const showLocalTimes = () => {
    const format = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
    for (const time of document.querySelectorAll("main time")) {
      time.title = time.textContent;
      time.textContent = format.format(new Date(time.dateTime));
    }
  };

  let timer = 0;
  const two = (value) => String(value).padStart(2, "0");
  const inDigits = (s) => (s >= 86_400 ? `${Math.floor(s / 86_400)} d ${Math.floor(s / 3_600) % 24} h`
    : s >= 3_600 ? `${Math.floor(s / 3_600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
      : `${Math.floor(s / 60)}:${two(s % 60)}`);
  const inWords = (s) => (s >= 60 ? `${s / 60} minute${s === 60 ? "" : "s"}` : `${s} seconds`);

  const countDown = () => {
    clearInterval(timer);
    const countdown = document.getElementById("countdown");
    if (!countdown || !isOpen()) return;
    // The server's clock decides; ours only measures how much of it has passed since.
    const endsAt = performance.now() + (Number(state().expires) - Number(state().now));
    const step = () => {
      const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
      const text = left > 0 ? `${inDigits(left)} left` : "";
      if (countdown.textContent !== text) countdown.textContent = text;
      countdown.hidden = left === 0;
      page().classList.toggle("soon", left > 0 && left <= 60);
      if (SPOKEN_S.includes(left)) say(`${inWords(left)} left to pay`);
      if (left === 0) {
        clearInterval(timer);
        show().catch(() => {});  // the server knows what to say now
      }
    };
    timer = setInterval(step, 1000);
    step();
  };

  // --- copying ----------------------------------------------------------------------------------

  const copyBySelecting = (element) => {
    const selection = getSelection();
    const box = element.closest("details");
    if (box) box.open = true;  // what is not shown can't be selected
    selection.selectAllChildren(element);
    return document.execCommand("copy");
  };

  const copy = async (button) => {
    const element = document.getElementById(button.dataset.copy);
    let copied = true;
    try {
      await navigator.clipboard.writeText(element.textContent);
    } catch {  // no permission, or no secure context
      copied = copyBySelecting(element);
    }
    button.dataset.label ??= button.textContent;
    button.textContent = copied ? "Copied" : "Selected";
    say(button.textContent);
    setTimeout(() => { button.textContent = button.dataset.label; }, 2000);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });

  // --- the ledger's word ------------------------------------------------------------------------

  const wake = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    for (const box of document.querySelectorAll("main details")) box.open = false;  // a button copies it
    showLocalTimes();
    countDown();
  };

  const replacePage = async () => {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const wasOpen = isOpen();
    document.title = fresh.title;
    page().replaceWith(fresh.querySelector("main"));
    page().classList.add("arrived");
    wake();
    say(document.title);
    if (wasOpen && !isOpen()) {
      stop();
      document.getElementById("amount").focus({ preventScroll: true });
      scrollTo({ top: 0 });
    }
  };

  // What is told while a page is fetched may be newer than that page: then another one follows.
  let fetching = false;
  let isStale = false;
  const show = async () => {
    isStale = true;
    if (fetching) return;
    fetching = true;
    try {
      while (isStale) {
        isStale = false;
        await replacePage();
      }
    } finally {
      fetching = false;
    }
  };

  // The page leaves an amount of zero empty, the JSON writes it out.
  const received = (checkout) => (/[1-9]/.test(checkout.received.value) ? checkout.received.value : "");
  const hear = async (checkout) => {
    const isStill = checkout.status === "open";
    const isBlind = isStill && !checkout.is_up_to_date;
    const isOther = isBlind !== (state().status === "blind") || received(checkout) !== state().received;
    if (fetching || isStill !== isOpen() || isOther) await show();
  };

  let source = null;
  let polling = 0;
  let reconnecting = 0;
  const poll = async () => {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.ok) await hear(await answer.json());
    } catch { /* out of reach: the next turn asks again */ }
  };

  const stopPolling = () => { clearInterval(polling); polling = 0; };
  const stop = () => {
    source?.close();
    stopPolling();
    clearTimeout(reconnecting);
  };

  const listen = () => {
    source = new EventSource(`${location.pathname}/events`);
    source.addEventListener("open", stopPolling);
    source.addEventListener("status", (event) => {
      hear(JSON.parse(event.data)).catch(() => {});
    });
    source.addEventListener("error", () => {
      if (!isOpen()) return stop();
      polling ||= setInterval(poll, POLL_MS);
      if (source.readyState === EventSource.CLOSED) reconnecting = setTimeout(listen, RECONNECT_MS);
    });
  };

  if (!page() || !state().status) return;
  wake();
  if (!isOpen()) return;
  listen();
  // A phone that was asleep has missed everything.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && isOpen()) poll();
  });
})();

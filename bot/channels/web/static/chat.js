// The chat page with JavaScript: the same form, sent without loading the page again. Text goes in through
// textContent only. Whatever is sent keeps its id until the server has answered, so trying again counts once.
"use strict";

(() => {
  const PATIENCE_MS = 20000; // how long an answer may take before we say that it does not work
  const WAITING_SHOWS_AFTER_MS = 400; // quicker answers need no announcement
  const SLOWED_AT_MOST_MS = 10000; // a wait that the server asks for and that we simply take, with "one moment"
  const LAST = -1;

  const page = document.documentElement;
  const [form, log, field, waiting, trouble, composer] = ["turn", "log", "text", "waiting", "trouble", "composer"].map(
    (id) => document.getElementById(id),
  );
  const words = JSON.parse(form.dataset.words);
  const turns = []; // not yet answered, oldest first; the head is on its way while `busy`
  let busy = false;
  let language = page.lang;
  let bubbles = 0;

  const say = (key) => words[language][key];

  function element(tag, className = "", text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // What is shown.

  function messageElement(who, text, spoken) {
    const message = element("div", `message ${who} new`);
    const bubble = element("div", "bubble");
    bubble.id = `bubble-${(bubbles += 1)}`;
    if (spoken) bubble.lang = spoken;
    for (const paragraph of text.split(/\n\n|\n(?=• )/).filter((part) => part.trim())) {
      const line = element("p", lookOf(paragraph), paragraph);
      line.dir = "auto"; // the letters decide, not the page
      bubble.append(line);
    }
    message.append(element("p", "hidden", say(who)), bubble);
    return message;
  }

  // A point of a list hangs; how far we are ("Vraag 4 van 26") is said more quietly than the question.
  function lookOf(paragraph) {
    if (paragraph.startsWith("• ")) return "point";
    return /^\S+ \d+ \S+ \d+$/.test(paragraph) ? "place" : "";
  }

  function choicesElement(bubble, buttons, spoken) {
    const group = element("div", "choices");
    const asks = [...bubble.children].filter((line) => line.textContent.trimEnd().endsWith("?")).at(LAST);
    if (asks) asks.id = `${bubble.id}-q`;
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", (asks || bubble).id);
    group.lang = spoken;
    group.tabIndex = -1;
    for (const { title, payload } of buttons) {
      const button = element("button", "", title);
      Object.assign(button, { name: "tap", value: payload, dir: "auto" });
      button.setAttribute("form", "turn");
      group.append(button);
    }
    return group;
  }

  function fileElement({ name, href }) {
    const line = element("p", "file");
    line.append(Object.assign(element("a", "", name), { download: name, href }));
    return line;
  }

  function showReply({ messages, language: spoken }) {
    if (messages.length) quietOldChoices();
    const shown = messages.map(({ text, buttons, file }) => {
      const message = messageElement("bot", text, spoken);
      if (file) message.append(fileElement(file));
      if (buttons.length) message.append(choicesElement(message.querySelector(".bubble"), buttons, spoken));
      return message;
    });
    log.append(...shown);
    return shown;
  }

  function showYou(turn) {
    turn.message = messageElement("you", turn.shown, "");
    log.append(turn.message);
    bringIntoView([turn.message]);
  }

  function markUnsent(turn) {
    if (!turn.message || turn.message.classList.contains("unsent")) return;
    turn.message.classList.add("unsent");
    turn.message.append(element("p", "unsent-note", say("not_sent")));
  }

  function markSent(turn) {
    if (!turn.message) return;
    turn.message.classList.remove("unsent");
    turn.message.querySelector(".unsent-note")?.remove();
  }

  function quietOldChoices() {
    for (const group of log.querySelectorAll(".choices")) group.classList.add("quiet");
  }

  function bringIntoView(shown) {
    if (!shown.length) return;
    const height = shown.at(LAST).getBoundingClientRect().bottom - shown[0].getBoundingClientRect().top;
    const fits = height < window.innerHeight - composer.offsetHeight - 40;
    (fits ? shown.at(LAST) : shown[0]).scrollIntoView({ block: fits ? "end" : "start" });
  }

  // A pressed button is history once the answer is there: the focus goes on to what is asked now.
  function moveFocus(shown) {
    const at = document.activeElement;
    if (at === field) return;
    const group = shown.map((message) => message.querySelector(".choices")).filter(Boolean).at(LAST);
    if (group) group.focus({ preventScroll: true });
    else if (at === document.body || log.contains(at) || trouble.contains(at)) field.focus({ preventScroll: true });
  }

  function speak(wanted) {
    if (!words[wanted] || wanted === language) return;
    language = wanted;
    page.lang = wanted;
    document.title = `${say("title")} - ${say("tagline")}`;
    for (const input of document.querySelectorAll("input[name=lang]")) input.value = wanted;
    for (const part of document.querySelectorAll("[data-word]")) part.textContent = say(part.dataset.word);
    for (const part of document.querySelectorAll("[data-word-label]")) {
      part.setAttribute("aria-label", say(part.dataset.wordLabel));
    }
    for (const button of document.querySelectorAll(".languages button")) button.hidden = button.lang === wanted;
  }

  // What goes wrong, in plain words.

  function showTrouble(key, retry) {
    trouble.replaceChildren(element("p", "", say(key)));
    if (retry) trouble.append(retryButton());
    leaveRoom();
  }

  function retryButton() {
    const button = element("button", "retry", say("retry"));
    button.type = "button";
    button.addEventListener("click", () => {
      field.focus({ preventScroll: true });
      send();
    });
    return button;
  }

  // What lies under the text field is out of sight: what is brought into view stays above it.
  function leaveRoom() {
    const sticks = getComputedStyle(composer).position === "sticky";
    page.style.setProperty("--composer", sticks ? `${composer.offsetHeight}px` : "0px");
  }

  function showWaiting(on) {
    log.setAttribute("aria-busy", String(on));
    waiting.replaceChildren();
    if (!on) return;
    const dots = element("span", "dots");
    dots.setAttribute("aria-hidden", "true");
    dots.append(element("i"), element("i"), element("i"));
    waiting.append(dots, say("thinking"));
  }

  // Sending.

  async function ask(turn) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      const response = await fetch("/chat/turn", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        credentials: "same-origin",
        signal: stop.signal,
        body: JSON.stringify({ id: turn.id, kind: turn.kind, text: turn.text, language }),
      });
      if (response.ok) return { reply: await response.json() };
      return { status: response.status, waitMs: 1000 * Number(response.headers.get("Retry-After") || 0) };
    } catch {
      return { status: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  // Sends what waits, one after the other, until all is answered or something fails.
  async function send() {
    if (busy) return;
    busy = true;
    trouble.replaceChildren();
    const timer = setTimeout(() => showWaiting(true), WAITING_SHOWS_AFTER_MS);
    while (turns.length) {
      const { reply, status, waitMs } = await ask(turns[0]);
      if (reply) succeed(turns.shift(), reply);
      else if (status === 429 && maySlowDown(turns[0], waitMs)) await new Promise((go) => setTimeout(go, waitMs));
      else if (!fail(turns[0], status)) break;
    }
    clearTimeout(timer);
    showWaiting(false);
    busy = false;
  }

  // Who taps quickly is slowed down without a word, once per turn; a longer wait is told.
  function maySlowDown(turn, waitMs) {
    const first = !turn.slowed;
    turn.slowed = true;
    return first && waitMs > 0 && waitMs <= SLOWED_AT_MOST_MS;
  }

  function succeed(turn, reply) {
    markSent(turn);
    speak(reply.language);
    // Said before and answered before: nothing is new, and what is asked now stays what is asked now.
    if (!reply.messages.length) {
      turn.message?.remove();
      bringIntoView([...log.querySelectorAll(".message")].slice(LAST));
      return;
    }
    if (reply.fresh && turn.kind !== "open") {
      log.replaceChildren(element("p", "note", say("fresh")));
      giveBack(turn);
      turns.length = 0; // whatever else waited belonged to the conversation that is gone
    }
    const shown = showReply(reply);
    if (turn.kind === "open") return;
    moveFocus(shown);
    bringIntoView(turn.message?.isConnected ? [turn.message, ...shown] : shown);
  }

  // True when the next turn may go; false when this one stays at the head and waits for another try.
  function fail(turn, status) {
    const permanent = { 400: "refused", 403: "refused", 413: "too_long", 415: "refused" }[status];
    if (permanent) {
      turns.shift();
      turn.message?.remove();
      giveBack(turn);
      showTrouble(permanent, false);
      return true;
    }
    markUnsent(turn);
    showTrouble({ 429: "slow_down", 500: "broken" }[status] || "trouble", true);
    if (turn.message) bringIntoView([turn.message]);
    return false;
  }

  function giveBack(turn) {
    if (turn.kind === "text" && !field.value) field.value = turn.text;
  }

  function take(kind, text, shown) {
    const turn = { id: newId(), kind, text, shown };
    turns.push(turn);
    if (shown) showYou(turn);
    send();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button?.name === "begin") {
      open();
    } else if (button?.name === "tap") {
      // A second press on an answer while the first is on its way is a slip, not another answer.
      if (busy && log.contains(button)) return;
      if (log.contains(button)) button.classList.add("chosen");
      take("tap", button.value, button.textContent);
    } else if (field.value.trim()) {
      const text = field.value;
      field.value = "";
      take("text", text, text);
    }
  });

  // The answer may be there between the two presses of a double one: the second lands on what stands there now.
  log.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
  });

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.elements.send);
  });

  window.addEventListener("online", () => turns.length && send());

  new ResizeObserver(leaveRoom).observe(composer);

  function open() {
    log.replaceChildren();
    take("open", "", "");
  }

  // Who has just left this device does not want the next conversation to begin by itself.
  if (new URLSearchParams(location.search).has("left")) history.replaceState(null, "", "/");
  else open();
})();

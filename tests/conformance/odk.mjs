// Speaks the JSON lines of `wijkverhaal forms trace` over ODK's own engine; choosing forms and answers is left to the walker.
//
// One process serves many forms. A line {"load": "<XForm>", "now": "<ISO>"} starts a fresh response; every other line
// is {"name": path, "value": text}. Each line is answered by one line, see `stateOf`.

import { createInterface } from "node:readline";
import { JSDOM } from "jsdom";

const RealDate = Date;
let now = 0;

class FixedDate extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [now]));
  }
  static now() {
    return now;
  }
}

const { window } = new JSDOM("");
for (const name of Object.getOwnPropertyNames(window)) {
  if (/^(DOMParser|XMLSerializer|XMLDocument|XPath\w*|Document\w*|Node\w*|Element|Attr|Text|Comment|CDATASection|CharacterData|ProcessingInstruction)$/.test(name)) {
    globalThis[name] = window[name];
  }
}
globalThis.window = window;
globalThis.document = window.document;
globalThis.__dirname = "."; // the bundled parser asks for it under Node; its own code is inline
globalThis.Date = FixedDate;
console.log = console.warn = console.error = console.debug = () => {}; // the engine talks; the protocol has stdout

const { constants, createInstance } = await import("@getodk/xforms-engine");

const METADATA = new Set(["instanceID", "instanceName", "deprecatedID"]);
const LEAVES = new Set(["input", "select", "trigger", "range", "rank", "upload", "note", "model-value"]);
let root = null;
let base = "";

const pathOf = (node) => node.currentState.reference.slice(base.length);
const isMetadata = (node) =>
  node.definition.bind.preload != null || /^meta\//.test(pathOf(node)) || METADATA.has(pathOf(node));

function* leavesOf(node) {
  for (const child of node.currentState.children ?? []) {
    if (!LEAVES.has(child.nodeType)) yield* leavesOf(child);
    else if (!isMetadata(child)) yield child;
  }
}

function* repeatsOf(node) {
  for (const child of node.currentState.children ?? []) {
    if (child.nodeType === "repeat-range:uncontrolled") yield child;
    yield* repeatsOf(child);
  }
}

const textOf = (node) => node.currentState.instanceValue;
const choicesOf = (node) => node.currentState.valueOptions?.map((option) => option.value) ?? null;
const isAsked = (node) => !["note", "model-value", "upload"].includes(node.nodeType) && !node.currentState.readonly;
const sameNumbers = (text, other) => text.split(" ").map(Number).join() === other.split(" ").map(Number).join();

/** The values that a slider stops at. The engine itself takes every number between its ends. */
function stepsOf(node) {
  if (node.nodeType !== "range") return null;
  const { start, end, step } = node.definition.bodyElement.bounds;
  const count = Math.min(50, Math.floor(Math.abs((Number(end) - Number(start)) / Number(step)) + 1e-9));
  const decimals = (String(step).split(".")[1] ?? "").length + (String(start).split(".")[1] ?? "").length;
  const sign = Number(end) < Number(start) ? -1 : 1;
  return Array.from({ length: count + 1 }, (_, place) =>
    String(Number((Number(start) + sign * place * Number(step)).toFixed(decimals))),
  );
}

/** What `forms trace` prints, and for the walker: what can be asked now, and how often each repeat is there. */
function stateOf() {
  const leaves = [...leavesOf(root)];
  const relevant = leaves.filter((node) => node.currentState.relevant);
  const filled = relevant.filter((node) => textOf(node) !== "");
  const missing = relevant.filter((node) => isAsked(node) && node.currentState.required && textOf(node) === "");
  return {
    relevant: Object.fromEntries(leaves.map((node) => [pathOf(node), node.currentState.relevant])),
    values: Object.fromEntries(filled.map((node) => [pathOf(node), textOf(node)])),
    required_missing: missing.map(pathOf),
    asked: relevant.filter(isAsked).map((node) => ({
      path: pathOf(node),
      control: node.nodeType === "select" ? node.selectType : node.nodeType,
      type: node.valueType,
      choices: choicesOf(node) ?? stepsOf(node),
    })),
    repeats: Object.fromEntries(
      [...repeatsOf(root)]
        .filter((range) => range.currentState.relevant)
        .map((range) => [pathOf(range), range.currentState.children.length]),
    ),
  };
}

async function load(xml, at) {
  now = RealDate.parse(at);
  const missing = async () => new Response("", { status: 404 });
  const created = await createInstance(xml, {
    form: { fetchFormAttachment: missing, missingResourceBehavior: constants.MISSING_RESOURCE_BEHAVIOR.BLANK },
  });
  root = created.root;
  base = `${root.currentState.reference}/`;
}

/** A repeat inside a new instance begins with one instance, as the first of every repeat does in what pyxform writes. */
function fillInner(instance) {
  for (const range of repeatsOf(instance)) {
    if (range.currentState.children.length === 0) {
      range.addInstances();
      fillInner(range.currentState.children.at(-1));
    }
  }
}

/** Adds the instances that a path names, each one beyond the last of its repeat, and gives the repeats that grew. */
function makeRoom(path) {
  const grown = [];
  for (const found of path.matchAll(/\[(\d+)\]/g)) {
    const range = [...repeatsOf(root)].find((each) => pathOf(each) === path.slice(0, found.index));
    if (range && range.currentState.children.length === Number(found[1]) - 1) {
      range.addInstances();
      fillInner(range.currentState.children.at(-1));
      grown.push(range);
    }
  }
  return grown;
}

function set(node, value) {
  const control = node.nodeType;
  if (node.selectType === "select1") node.selectValue(value || null);
  else if (control === "select") node.selectValues(value === "" ? [] : value.split(" "));
  else if (control === "rank") node.setValues(value === "" ? [] : value.split(" "));
  else if (control === "trigger") node.setValue(value === "OK");
  else if (control === "range") node.setValue(value === "" ? null : Number(value));
  else node.setValue(value);
}

/** The engine drops what does not fit a type and mends what nearly does; neither counts as taken. */
function holds(node, value) {
  const text = textOf(node);
  if (value === "") return text === "";
  if (node.nodeType === "select") return text.split(" ").sort().join(" ") === value.split(" ").sort().join(" ");
  if (/^(int|decimal|geo.*)$/.test(node.valueType)) return text !== "" && value.trim() === value && sameNumbers(text, value);
  return text === value;
}

/** Whether the answer was taken; when it was not, everything is as before. */
function answer(path, value) {
  const grown = makeRoom(path);
  const node = [...leavesOf(root)].find((each) => pathOf(each) === path);
  if (node && put(node, value)) return true;
  for (const range of grown.reverse()) range.removeInstances(range.currentState.children.length - 1, 1);
  return false;
}

function put(node, value) {
  if (!isAsked(node)) return false;
  if (!node.currentState.relevant) return value === "";
  // a choice that is not on offer is not even tried: the engine would forget one that it keeps out of sight
  const picked = node.selectType === "select1" ? [value] : value.split(" ");
  if (node.nodeType === "select" && value && !picked.every((each) => choicesOf(node).includes(each))) return false;
  const before = textOf(node);
  try {
    set(node, value);
    if (holds(node, value) && node.validationState.constraint.valid) return true;
  } catch {
    // a value the control refuses outright
  }
  set(node, before);
  return false;
}

async function respond(line) {
  const asked = JSON.parse(line);
  if (asked.load === undefined) {
    const accepted = answer(asked.name, asked.value);
    return { accepted, ...stateOf() };
  }
  try {
    await load(asked.load, asked.now);
    return { loaded: true, ...stateOf() };
  } catch (error) {
    return { loaded: false, message: String(error?.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = await respond(line);
  } catch (error) {
    said = { broken: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

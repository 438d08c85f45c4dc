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
const isAsked = (node) => !["note", "model-value"].includes(node.nodeType) && !node.currentState.readonly;

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
      choices: choicesOf(node),
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

/** Adds the instances that a path names, each one beyond the last of its repeat. A new one begins empty. */
function makeRoom(path) {
  for (const found of path.matchAll(/\[(\d+)\]/g)) {
    const range = [...repeatsOf(root)].find((each) => pathOf(each) === path.slice(0, found.index));
    if (range && range.currentState.children.length === Number(found[1]) - 1) {
      range.addInstances();
    }
  }
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
  if (["int", "decimal"].includes(node.valueType)) return value.trim() === value && Number(text) === Number(value) && text !== "";
  return text === value;
}

function answer(path, value) {
  makeRoom(path);
  const node = [...leavesOf(root)].find((each) => pathOf(each) === path);
  if (!node || !isAsked(node) || !node.currentState.relevant || node.nodeType === "upload") return false;
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

/** An element with its text and the elements in it. */
export interface XmlElement {
  /** Without a namespace's prefix. */
  readonly name: string;
  /** By their names as they are written. Of a name that appears twice the first one counts. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The text directly in it, without spaces around. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** The text is no XML, or declares entities, by which a small file can become endless. The message has the line. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
  readonly children: XmlElement[];
}

/** More elements in each other than this are an attack, or a mistake. */
const MAX_DEPTH = 200;

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE\s[^[\]<>]*>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/\s*([^\s>]+)\s*>|<([A-Za-z_][^\s/>]*)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/y;

const ATTRIBUTE = /([^\s=/>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Reads the elements, attributes and texts of an XML file. Nothing is fetched: the document type that a file names is
 * passed over. Written here because the module has no package for it (docs/decisions/0011).
 *
 * @throws XmlError for what is not well-formed, for declarations in a document type, and for endless depth
 */
export function readXml(text: string): XmlElement {
  const top = start("", "");
  const open = [top];
  const clean = text.replace(/^\uFEFF/, "");
  TOKEN.lastIndex = 0;
  for (let at = 0; at < clean.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(clean);
    if (match === null) throw refuse(clean, at, findExpected(clean, at));
    const [, data, end, name, attributes = "", empty, plain] = match;
    const inner = open.at(-1) ?? top;
    if (name !== undefined) open.push(start(name, attributes));
    else if (data !== undefined) inner.text += data;
    else if (plain !== undefined) inner.text += decode(plain);
    if (open.length > MAX_DEPTH) throw refuse(clean, at, `elements nested at most ${MAX_DEPTH} deep`);
    const closed = end !== undefined || empty === "/" ? open.pop() : undefined;
    if (closed === undefined) continue;
    if (open.length === 0 || (end !== undefined && local(end) !== closed.name))
      throw refuse(clean, at, open.length === 0 ? "no end tag without a start tag" : `</${closed.name}>`);
    open.at(-1)?.children.push({ ...closed, text: closed.text.trim() });
  }
  const [root, ...others] = top.children;
  if (open.length > 1) throw refuse(clean, clean.length, `</${open.at(-1)?.name}>`);
  if (root === undefined || others.length > 0 || top.text.trim() !== "")
    throw refuse(clean, 0, "one element at the top");
  return root;
}

function start(name: string, attributes: string): Open {
  const read = new Map<string, string>();
  for (const [, key = "", double, single = ""] of attributes.matchAll(ATTRIBUTE))
    if (!read.has(key)) read.set(key, decode(double ?? single));
  return { name: local(name), attributes: read, text: "", children: [] };
}

function findExpected(text: string, at: number): string {
  return text.startsWith("<!DOCTYPE", at) ? "no declarations in the document type" : "a tag or text";
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const LAST_CHARACTER = 0x10ffff;

function decode(text: string): string {
  return text.replace(/&(?:#x([\da-fA-F]+)|#(\d+)|(\w+));/g, (all, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? all;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > LAST_CHARACTER ? "\uFFFD" : String.fromCodePoint(code);
  });
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function refuse(text: string, at: number, expected: string): XmlError {
  return new XmlError(`line ${text.slice(0, at).split("\n").length}: expected ${expected}`);
}

/** The elements at a path of names below an element, `a/b/c`. */
export function elementsAt(element: XmlElement, path: string): XmlElement[] {
  return path
    .split("/")
    .reduce(
      (found, name) => found.flatMap(({ children }) => children.filter((child) => child.name === name)),
      [element],
    );
}

/** The text of the first element at a path; undefined when there is none. */
export function textAt(element: XmlElement, path: string): string | undefined {
  return elementsAt(element, path)[0]?.text;
}

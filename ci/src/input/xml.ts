/** An element with its text and the elements in it. Attributes are not kept: no file that is read here needs them. */
export interface XmlElement {
  /** Without a namespace's prefix. */
  readonly name: string;
  /** The text directly in it, without spaces around. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** The text is no XML, or uses a document type, which no pom.xml needs. The message has the line. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/\s*([^\s>]+)\s*>|<([A-Za-z_][^\s/>]*)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/y;

/**
 * Reads the elements and texts of an XML file: pom.xml. Written here because the module has no package for it.
 *
 * @throws XmlError for what is not well formed, and for a document type
 */
export function readXml(text: string): XmlElement {
  const top: Open = { name: "", text: "", children: [] };
  const open = [top];
  const clean = text.replace(/^\uFEFF/, "");
  TOKEN.lastIndex = 0;
  for (let at = 0; at < clean.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(clean);
    if (match === null) throw refuse(clean, at, "a tag or text");
    const [, data, end, start, , empty, plain] = match;
    const inner = open.at(-1) ?? top;
    if (start !== undefined) open.push({ name: local(start), text: "", children: [] });
    else if (data !== undefined) inner.text += data;
    else if (plain !== undefined) inner.text += decode(plain);
    const closed = end !== undefined || empty === "/" ? open.pop() : undefined;
    if (closed === undefined) continue;
    if (open.length === 0 || (end !== undefined && local(end) !== closed.name))
      throw refuse(clean, at, `</${closed.name}>`);
    open.at(-1)?.children.push({ ...closed, text: closed.text.trim() });
  }
  const [root, ...others] = top.children;
  if (open.length > 1) throw refuse(clean, clean.length, `</${open.at(-1)?.name}>`);
  if (root === undefined || others.length > 0 || top.text.trim() !== "")
    throw refuse(clean, 0, "one element at the top");
  return root;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#x([\da-fA-F]+)|#(\d+)|(\w+));/g, (all, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? all;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
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

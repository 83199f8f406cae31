import { Document, isMap, isScalar, isSeq, type Node, Scalar, visit } from "yaml";
import { FOR_ALL_READERS } from "../input/yaml-words.ts";

const document = new Document();

/** A list on one line: `[main]`. */
export function inLine(list: readonly unknown[]): Node {
  return document.createNode([...list], { flow: true });
}

/** A value with a comment behind it. */
export function remarked(value: string, comment: string): Node {
  const scalar = new Scalar(value);
  scalar.comment = ` ${comment}`;
  return scalar;
}

/** The parts whose members are long, at the top. */
const SPACED = ["jobs", "resources", "stages", "steps"];

/** YAML as a person writes it: a comment on top, blank lines between the parts at the top and between jobs, no line broken. */
export function writeYaml(comments: readonly string[], content: object): string {
  const made = new Document(content, { aliasDuplicateObjects: false, ...FOR_ALL_READERS });
  visit(made, {
    Pair(at, { key, value }, path) {
      if (path.length !== 2 || !isScalar(key)) return;
      key.spaceBefore = !(isScalar(value) && isScalarAt(path[1], Number(at) - 1));
      if (SPACED.includes(String(key.value))) spaceMembers(value);
    },
  });
  const head = comments.map((line) => `# ${line}\n`).join("");
  return `${head}${made.toString({ lineWidth: 0, flowCollectionPadding: false })}`;
}

/** Short lines at the top stand together. */
function isScalarAt(parent: unknown, at: number): boolean {
  return isMap(parent) && isScalar(parent.items[at]?.value);
}

/** A blank line before every member but the first. */
function spaceMembers(value: unknown): void {
  const members = isMap(value) ? value.items.map(({ key }) => key) : isSeq(value) ? value.items : [];
  for (const member of members.slice(1)) (member as Node).spaceBefore = true;
}

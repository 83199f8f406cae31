import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A text that a person meets, and where it stands. */
export interface Met {
  readonly file: string;
  readonly text: string;
}

/** Sentences have blanks; what has none is a name. */
const SENTENCE = /\p{L}[,;:]? \p{L}/u;

/**
 * The texts of the documents that are here, and those that the pipeline, the engine and the services print. Where only a part of the
 * repository is, as in a check, it is the texts of that part.
 */
export function listTexts(): Met[] {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...find("docs", ".md"),
    ...find("services", ".md"),
  ];
  const code = [...find("ci/src", ".ts"), ...find("engine/src", ".ts"), ...find("services", ".ts")];
  return [
    ...documents.filter((file) => existsSync(file)).flatMap((file) => textsOfPage(file, readFileSync(file, "utf8"))),
    ...code.flatMap((file) => textsOfCode(file, readFileSync(file, "utf8"))),
    ...docstrings("ci/src/index.ts"),
  ];
}

function find(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending) && !/(^|\/)(node_modules|dist|page)\//.test(path))
    .map((path) => join(folder, path))
    .sort();
}

/** The paragraphs, cells and points of a page, without what is code: that has names of its own. */
export function textsOfPage(file: string, page: string): Met[] {
  const prose = page
    .replaceAll(/<!--[\s\S]*?-->/g, " ")
    .replaceAll(/^( *)```[\s\S]*?^\1```/gm, " ")
    .replaceAll(/^ {4,}.*$/gm, " ")
    .replaceAll(/`[^`]*`/g, "`…`")
    .replaceAll(/\]\([^)]*\)/g, "]");
  return prose
    .split(/\n\s*\n|\n(?= *[-|#]| *\d+\. )| \| /)
    .map((text) => text.replaceAll(/\s+/g, " ").trim())
    .filter((text) => text !== "")
    .map((text) => ({ file, text }));
}

/** The sentences among the texts of a program. What is put in when it runs is `…`. */
export function textsOfCode(file: string, program: string): Met[] {
  const source = ts.createSourceFile(file, program, ts.ScriptTarget.ES2022, true);
  const found: Met[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    const text = ts.isTemplateExpression(node)
      ? [node.head, ...node.templateSpans.map(({ literal }) => literal)].map((part) => part.text).join("…")
      : ts.isStringLiteralLike(node)
        ? node.text
        : "";
    if (SENTENCE.test(text)) found.push({ file, text: text.replaceAll(/`[^`]*`/g, "`…`").replaceAll(/\s+/g, " ") });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The help texts of the module are its comments. */
function docstrings(file: string): Met[] {
  const comments = [...readFileSync(file, "utf8").matchAll(/\/\*\*([\s\S]*?)\*\//g)];
  return comments.flatMap(([, text = ""]) => textsOfPage(file, text.replaceAll(/^\s*\* ?/gm, "")));
}

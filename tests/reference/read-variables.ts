import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const NAME = /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/;

/** Names of variables that the TypeScript files below a folder read, each with the files that do. @param called see variablesOf */
export function readVariables(folder: string, called?: RegExp): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!path.endsWith(".ts") || path.endsWith(".d.ts") || path.includes("node_modules")) continue;
    const file = join(folder, path);
    for (const name of variablesOf(readFileSync(file, "utf8"), called))
      found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

/**
 * The variables that a text reads: `env["X"]`, `env.X`, `const { X } = env`. Where a name is computed (`env[name]`), every text
 * of the file that is written as variables are.
 *
 * @param called what the environment is called: by default `env`, `process.env`, `host.env` and the like
 */
export function variablesOf(text: string, called = /(^|\.)env$/): Set<string> {
  const isEnvironment = (node: ts.Expression) => called.test(node.getText());
  if (!/\benv\b/.test(text)) return new Set();
  const source = ts.createSourceFile("one.ts", text, ts.ScriptTarget.ES2022, true);
  const names = new Set<string>();
  const texts = new Set<string>();
  let isComputed = false;
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.add(node.text);
    if (ts.isPropertyAccessExpression(node) && isEnvironment(node.expression) && /^[A-Z]/.test(node.name.text))
      names.add(node.name.text);
    if (ts.isElementAccessExpression(node) && isEnvironment(node.expression)) {
      if (ts.isStringLiteralLike(node.argumentExpression)) names.add(node.argumentExpression.text);
      else isComputed = true;
    }
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && isEnvironment(node.initializer)) {
      if (ts.isObjectBindingPattern(node.name))
        for (const { propertyName, name } of node.name.elements) names.add((propertyName ?? name).getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  // At least two words: one alone is a word of any kind.
  if (isComputed) for (const one of texts) if (/^[A-Z]+(?:_[A-Z0-9]+)+$/i.test(one)) names.add(one);
  return new Set([...names].filter((name) => NAME.test(name)));
}

/** The variables that a script of the shell reads without having set them itself. */
export function variablesOfScript(text: string): Set<string> {
  const read = [...text.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].flatMap(([, name]) => name ?? []);
  return new Set(read);
}

import { readFileSync } from "node:fs";
import ts from "typescript";

/** An argument of a function, as the source declares it. */
export interface ArgumentText {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** The text of its default in the source. */
  readonly defaultText?: string;
}

/** A function that a caller sees. */
export interface FunctionText {
  readonly name: string;
  readonly description: string;
  readonly args: readonly ArgumentText[];
  /** Without the promise around it. */
  readonly returns: string;
  readonly isCheck: boolean;
  readonly isGenerator: boolean;
  /** What `cache` says; undefined: a result is used again for seven days. */
  readonly cache?: string;
}

/** An object of the module: its own arguments, and its functions in the order of the source. */
export interface ObjectText {
  readonly name: string;
  readonly description: string;
  readonly args: readonly ArgumentText[];
  readonly functions: readonly FunctionText[];
}

/** The objects of a file of the module, read as the introspection of an engine does it: without running the code. */
export function readObjects(path: string): ObjectText[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  return source.statements
    .filter(ts.isClassDeclaration)
    .filter((found) => decorated(found, "object"))
    .map(readObject);
}

function readObject(found: ts.ClassDeclaration): ObjectText {
  const made = found.members.find(ts.isConstructorDeclaration);
  const seen = found.members.filter((member) => ts.isMethodDeclaration(member) || ts.isPropertyDeclaration(member));
  return {
    name: found.name?.text ?? "",
    description: docOf(found),
    args: made?.parameters.filter((one) => docOf(one) !== "").map(readArgument) ?? [],
    functions: seen.filter((member) => decorated(member, "func")).map(readFunction),
  };
}

function readFunction(member: ts.MethodDeclaration | ts.PropertyDeclaration): FunctionText {
  const options = decorated(member, "func")?.arguments[0]?.getText() ?? "";
  const cache = /cache: "([^"]*)"/.exec(options)?.[1];
  return {
    name: member.name.getText(),
    description: docOf(member),
    args: ts.isMethodDeclaration(member)
      ? member.parameters.filter((one) => one.type?.getText() !== "Workspace").map(readArgument)
      : [],
    returns: (member.type?.getText() ?? "").replace(/^Promise<(.*)>$/, "$1"),
    isCheck: decorated(member, "check") !== undefined,
    isGenerator: decorated(member, "generate") !== undefined,
    ...(cache !== undefined && { cache }),
  };
}

function readArgument(parameter: ts.ParameterDeclaration): ArgumentText {
  const defaultText = parameter.initializer?.getText();
  return {
    name: parameter.name.getText(),
    type: parameter.type?.getText() ?? "",
    description: docOf(parameter),
    isRequired: parameter.questionToken === undefined && defaultText === undefined,
    ...(defaultText !== undefined && { defaultText }),
  };
}

function decorated(node: ts.HasDecorators, name: string): ts.CallExpression | undefined {
  return ts
    .getDecorators(node)
    ?.map(({ expression }) => expression)
    .filter(ts.isCallExpression)
    .find(({ expression }) => expression.getText() === name);
}

/** The text of the comment before a node, without its stars. */
function docOf(node: ts.Node): string {
  const before = node.getFullText().slice(0, node.getStart() - node.getFullStart());
  const text = [...before.matchAll(/\/\*\*([\s\S]*?)\*\//g)].at(-1)?.[1] ?? "";
  return text.replaceAll(/^[ \t]*\* ?/gm, "").trim();
}

/**
 * The names of a module's things, letter for letter as the real engine makes them.
 *
 * It uses the Go package iancoleman/strcase (camel.go, snake.go); its oddities are part of what users type, so its two
 * algorithms are followed here and no general converter is used.
 */

const isUpper = (char: string): boolean => char >= "A" && char <= "Z";
const isLower = (char: string): boolean => char >= "a" && char <= "z";
const isDigit = (char: string): boolean => char >= "0" && char <= "9";
const isSeparator = (char: string): boolean => char === "_" || char === " " || char === "-" || char === ".";

function joinWords(text: string, startUpper: boolean): string {
  const trimmed = text.trim();
  // The package's only built-in acronym, which counts only as the whole name.
  const source = trimmed === "ID" ? "id" : trimmed;
  let joined = "";
  let upperNext = startUpper;
  let previousIsUpper = false;
  for (const [index, char] of [...source].entries()) {
    if (isUpper(char) || isLower(char)) {
      const lowered = !upperNext && isUpper(char) && (index === 0 || previousIsUpper);
      joined += upperNext ? char.toUpperCase() : lowered ? char.toLowerCase() : char;
      upperNext = false;
    } else if (isDigit(char)) {
      joined += char;
      upperNext = true;
    } else {
      upperNext = isSeparator(char);
    }
    previousIsUpper = isUpper(char);
  }
  return joined;
}

function splitWords(text: string, delimiter: string): string {
  const source = [...text.trim()];
  let split = "";
  for (const [index, char] of source.entries()) {
    const next = source[index + 1] ?? "";
    const previous = source[index - 1] ?? "";
    if (isSeparator(char)) split += delimiter;
    else if (isUpper(char) && isLower(next)) split += (isUpper(previous) ? delimiter : "") + char;
    else if (endsWord(char, next)) split += char + delimiter;
    else split += char;
  }
  return split;
}

function endsWord(char: string, next: string): boolean {
  if (isUpper(char)) return isDigit(next);
  if (isLower(char)) return isUpper(next) || isDigit(next);
  return isDigit(char) && (isUpper(next) || isLower(next));
}

/** `HTTPStatus` → `httpstatus`, `userID` → `userId`: functions, fields and arguments in the schema. */
export function fieldName(original: string): string {
  return joinWords(original, false);
}

/** `HTTPClient` → `Httpclient`, `my-module` → `MyModule`: a type without its module in front. */
export function typeName(original: string): string {
  return joinWords(original, true);
}

/**
 * The name of a module's object, enum or interface in the schema: `Report` of `slipway` → `SlipwayReport`.
 *
 * The main object has the module's name, and so does a name that already begins with it as a whole word.
 *
 * @param originalModuleName what the module calls itself, where others call it otherwise
 */
export function namespacedTypeName(original: string, moduleName: string, originalModuleName = moduleName): string {
  const name = typeName(original);
  const prefix = typeName(originalModuleName);
  if (name === prefix) return typeName(moduleName);
  if (name.startsWith(prefix) && isUpper(name.charAt(prefix.length))) {
    return typeName(moduleName + name.slice(prefix.length));
  }
  return typeName(`${moduleName}_${name}`);
}

/** `EarlyAdopters` → `EARLY_ADOPTERS`, `v2` → `V_2`: members of enums in the schema and on the command line. */
export function enumMemberName(original: string): string {
  return original === original.toUpperCase() ? original : splitWords(original, "_").toUpperCase();
}

/** `myApp2` → `my_app_2`. */
export function snakeName(name: string): string {
  return splitWords(name, "_").toLowerCase();
}

/** `userId` → `user-id`, `b64` → `b-64`: commands and flags. Takes names of the schema, and flags in any spelling. */
export function kebabName(name: string): string {
  return splitWords(name, "-").toLowerCase();
}

/**
 * Puts variables into a text the way the API's `expand` does: `$NAME` and `${NAME}` only. It is no shell: there are no
 * escapes, and `${NAME:-default}` is the value of a variable of that odd name, so mostly empty. An open brace is dropped.
 */
export function expandVariables(text: string, value: (name: string) => string | undefined): string {
  return text.replace(
    /\$(?:\{([^}]*)\}|(\{)|([A-Za-z_][A-Za-z0-9_]*|[0-9*#$@!?-]))/g,
    (_whole, braced, open, plain) => {
      if (open !== undefined) return "";
      return value((braced ?? plain) as string) ?? "";
    },
  );
}

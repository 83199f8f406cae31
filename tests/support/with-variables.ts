type Variables = Readonly<Record<string, string | undefined>>;

/** Runs `work` with other variables of this process's environment; undefined takes one away. */
export async function withVariables<T>(variables: Variables, work: () => Promise<T>): Promise<T> {
  const putBack = setVariables(variables);
  try {
    return await work();
  } finally {
    putBack();
  }
}

/** Changes variables of this process's environment; undefined takes one away. @returns what makes them as they were */
export function setVariables(variables: Variables): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  set(Object.entries(variables));
  return () => set(before);
}

function set(entries: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of entries) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

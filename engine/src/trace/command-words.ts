/** Flags that change what is shown or where it is written, and nothing of what is done; with the word behind them. */
const VALUED = ["--trace", "--output", "-o", "--progress"];
/** The same, without any text. */
const SWITCHES = /^(-[sqvdyj]+|--(silent|quiet|verbose|debug|auto-apply|json))(=.*)?$/;

/** What a command does, as a text that is equal for two commands that do the same. */
export function workOf(words: readonly string[]): string {
  const kept: string[] = [];
  for (let place = 0; place < words.length; place++) {
    const word = words[place] ?? "";
    if (VALUED.includes(word)) place++;
    else if (!VALUED.some((flag) => word.startsWith(`${flag}=`)) && !SWITCHES.test(word)) kept.push(word);
  }
  return JSON.stringify(kept);
}

/** What becomes of a line. */
export function shout(line) {
  return line.toUpperCase();
}

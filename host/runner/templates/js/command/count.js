/** The letters and the words of a text. */
export function count(text) {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return { letters: [...words.join('')].length, words: words.length };
}

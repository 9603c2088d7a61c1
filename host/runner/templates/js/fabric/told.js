// What goes wrong, as whoever started the guest is told it.

/** Errors leave an entry point as text, which is what its type says. */
export function toldAsText(work) {
  try {
    return work();
  } catch (error) {
    // What the host refuses is the case of a variant.
    const told = error?.payload ? JSON.stringify(error.payload) : String(error);
    if (error?.stack) console.error(`${told}\n${error.stack.trimEnd()}`);
    throw told;
  }
}

// Turns lines of JSON into flights: the stage `parse` of the flights pipeline, in JavaScript.

import { Encoder } from "./postcard.js";
import { Batch, entry, frames, toText, warn } from "./weft.js";

/** The entry point of wit/stage.wit. What it throws is the reason that the process failed with. */
export const run = entry((raw, flights) => {
  const out = new Batch(flights);
  let line = 0;
  let malformed = 0;
  for (const frame of frames(raw)) {
    line += 1;
    try {
      out.send(encode(JSON.parse(toText(frame))));
    } catch (error) {
      if (!(error instanceof NotAFlight || error instanceof SyntaxError)) throw error;
      malformed += 1;
      warn("not a flight, left out", { line, error: error.message });
    }
  }
  out.close();
  if (malformed > 0) warn("some lines were no flights", { malformed });
  return out.sent;
});

class NotAFlight extends Error {}

/** A flight as the next stage gets it. */
function encode(flight) {
  if (typeof flight !== "object" || flight === null) throw new NotAFlight("not an object");
  const { delay, distance, origin, destination } = flight;
  if (delay !== (delay | 0)) throw new NotAFlight("`delay` is no integer of 32 bits");
  if (distance !== distance >>> 0) throw new NotAFlight("`distance` is no unsigned integer of 32 bits");
  for (const text of [origin, destination]) {
    if (typeof text !== "string") throw new NotAFlight("`origin` and `destination` must be text");
  }
  return new Encoder().signed(delay).unsigned(distance).text(origin).text(destination).finish();
}

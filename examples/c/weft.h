// Channel ends as C likes them: frames one by one, though they travel in batches, since a call of
// the host costs as much as copying kilobytes.
//
// What fails ends the program: `weft_fail` writes a message on stderr, which is the process's log, and traps.

#ifndef WEFT_H
#define WEFT_H

#include "stats.h" // made by wit-bindgen; its types are named after the world

// Frames taken or sent in one call, at most.
#define WEFT_MAX_FRAMES 4096
// Bytes of payload taken or sent in one call, at most; a longer frame travels alone.
#define WEFT_MAX_BYTES (64 * 1024)

// Bytes that belong to somebody else.
typedef struct {
  const uint8_t *at;
  size_t length;
} weft_bytes;

// Frames of a reader. Begin with `{.reader = …}`, end with `weft_close_frames`.
typedef struct {
  stats_own_reader_t reader;
  weft_fabric_channel_packed_delivery_t batch;
  size_t next;
} weft_frames;

// Gives the next frame, waiting for one. False at the end of the channel. The frame stays valid until the next call.
bool weft_next(weft_frames *frames, weft_bytes *frame);
// Closes the reader.
void weft_close_frames(weft_frames *frames);

// Frames for a writer. Begin with `{.writer = …}`, end with `weft_close_batch`. It is about 80 KiB, so make it static.
typedef struct {
  stats_own_writer_t writer;
  uint64_t sent;
  size_t frames;
  uint32_t ends[WEFT_MAX_FRAMES];
  uint8_t payload[WEFT_MAX_BYTES];
} weft_batch;

// Adds a frame of at most `WEFT_MAX_BYTES`, and sends what came before it where there is no room for both.
void weft_send(weft_batch *batch, weft_bytes frame);
// Sends what is there, waiting for room. Call it before a wait for input, or the next stage waits too.
void weft_flush(weft_batch *batch);
// Sends the last frames and closes the writer.
void weft_close_batch(weft_batch *batch);

// Ends the process as trapped, with this message in its log.
_Noreturn void weft_fail(const char *message);

#endif

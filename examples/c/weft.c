#include "weft.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool weft_next(weft_frames *frames, weft_bytes *frame) {
  weft_fabric_channel_packed_frames_t *packed = &frames->batch.frames;
  if (frames->next == packed->ends.len) {
    weft_fabric_channel_packed_delivery_free(&frames->batch);
    weft_fabric_channel_read_error_t error;
    memset(&frames->batch, 0, sizeof frames->batch);
    frames->next = 0;
    if (!weft_fabric_channel_method_reader_read_packed(weft_fabric_channel_borrow_reader(frames->reader), WEFT_MAX_FRAMES,
                                                       WEFT_MAX_BYTES, &frames->batch, &error)) {
      switch (error.tag) {
      case WEFT_FABRIC_CHANNEL_READ_ERROR_LAGGED: weft_fail("cannot read: a weak reader was overtaken");
      case WEFT_FABRIC_CHANNEL_READ_ERROR_PERMISSION_DENIED: weft_fail("cannot read: permission denied");
      default: weft_fail("cannot read: the channel was terminated");
      }
    }
    if (packed->ends.len == 0) return false;
  }
  size_t start = frames->next == 0 ? 0 : packed->ends.ptr[frames->next - 1];
  *frame = (weft_bytes){packed->payload.ptr + start, packed->ends.ptr[frames->next] - start};
  frames->next += 1;
  return true;
}

void weft_close_frames(weft_frames *frames) {
  weft_fabric_channel_packed_delivery_free(&frames->batch);
  weft_fabric_channel_reader_drop_own(frames->reader);
}

static size_t filled(const weft_batch *batch) {
  return batch->frames == 0 ? 0 : batch->ends[batch->frames - 1];
}

void weft_send(weft_batch *batch, weft_bytes frame) {
  if (frame.length > WEFT_MAX_BYTES) weft_fail("a frame is larger than WEFT_MAX_BYTES");
  if (batch->frames == WEFT_MAX_FRAMES || filled(batch) + frame.length > WEFT_MAX_BYTES) weft_flush(batch);
  size_t start = filled(batch);
  memcpy(batch->payload + start, frame.at, frame.length);
  batch->ends[batch->frames++] = start + frame.length;
}

void weft_flush(weft_batch *batch) {
  if (batch->frames == 0) return;
  stats_list_u32_t ends = {batch->ends, batch->frames};
  stats_list_u8_t payload = {batch->payload, filled(batch)};
  weft_fabric_channel_write_error_t error;
  uint32_t sent;
  if (!weft_fabric_channel_method_writer_write_packed(weft_fabric_channel_borrow_writer(batch->writer), &ends, &payload,
                                                      &sent, &error)) {
    switch (error.tag) {
    case WEFT_FABRIC_CHANNEL_WRITE_ERROR_DRAINED: weft_fail("cannot write: the channel takes no more frames");
    case WEFT_FABRIC_CHANNEL_WRITE_ERROR_TOO_LARGE: weft_fail("cannot write: the batch is larger than the channel");
    case WEFT_FABRIC_CHANNEL_WRITE_ERROR_PERMISSION_DENIED: weft_fail("cannot write: permission denied");
    case WEFT_FABRIC_CHANNEL_WRITE_ERROR_TERMINATED: weft_fail("cannot write: the channel was terminated");
    default: weft_fail("cannot write: a bound was reached");
    }
  }
  batch->sent += sent;
  batch->frames = 0;
}

void weft_close_batch(weft_batch *batch) {
  weft_flush(batch);
  weft_fabric_channel_writer_drop_own(batch->writer);
}

_Noreturn void weft_fail(const char *message) {
  // Not through stdio, which would be most of the component.
  write(STDERR_FILENO, message, strlen(message));
  write(STDERR_FILENO, "\n", 1);
  abort();
}
